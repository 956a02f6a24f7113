//! The observer for Java: what it tells, what a function sees of it, and that the JVM takes every class that it changes.

#![allow(clippy::print_stderr, reason = "a skipped test says so")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::ffi::OsString;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::{fs::MetadataExt, net::UnixDatagram};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use evfuzz_runtimes::{CodePlace, Launch, Observed, Runtime, Target, Version, install_observers, observe};
use serde_json::Value;

/// A `java` with a compiler and its version; says so where there is none. On CI there must be one.
fn java() -> Option<(PathBuf, Version)> {
    let said = Command::new("java").args(["-XshowSettings:properties", "-version"]).output();
    let said = said.map(|it| String::from_utf8_lossy(&it.stderr).into_owned()).unwrap_or_default();
    let property = |name: &str| {
        let line = said.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix(" = "))?;
        Some(line.to_owned())
    };
    let found = property("java.home").zip(property("java.specification.version")?.parse().ok());
    let found = found.filter(|(home, _): &(String, Version)| Path::new(home).join("bin/javac").exists());
    if found.is_none() {
        assert!(std::env::var("CI").as_deref() != Ok("true"), "CI must have it all: no JDK");
        eprintln!("skipped: no JDK");
    }
    found.map(|(home, version)| (Path::new(&home).join("bin/java"), version))
}

fn target((program, version): (PathBuf, Version), root: &Path) -> Target {
    Target {
        name: "shop".into(),
        root: root.to_owned(),
        handler: "App".into(),
        runtime: Runtime::Java { version },
        launch: Launch {
            program,
            args: Vec::new(),
            env: Vec::new(),
            read: Vec::new(),
            path_dirs: Vec::new(),
            client: Vec::new(),
            packages: Vec::new(),
            unpack: Vec::new(),
            code: CodePlace::Task,
        },
        own_files: Vec::new(),
        opt: None,
    }
}

/// Runs `source`, a `class App`, with its observer. Returns what it printed, on both streams, and what was told.
fn told(source: &str) -> Option<(String, Vec<Value>)> {
    let folder = tempfile::tempdir().unwrap();
    let target = target(java()?, folder.path());
    let observers = folder.path().join("an observer");
    assert_eq!(install_observers(&target, &observers).unwrap(), Observed::Yes);
    let (ours, theirs) = UnixDatagram::pair().unwrap();
    ours.set_nonblocking(true).unwrap();
    theirs.set_nonblocking(true).unwrap();
    let theirs = fs::File::from(OwnedFd::from(theirs));
    let mut env = vec![("EVFUZZ_OBSERVER".to_owned(), format!("0:{}", theirs.metadata().unwrap().ino()))];
    let mut args: Vec<OsString> = vec!["-Xverify:all".into(), "-XX:-PrintWarnings".into()];
    assert_eq!(observe(&target, &mut env, &mut args, &observers), Observed::Yes);
    fs::write(folder.path().join("App.java"), source).unwrap();
    let output = Command::new(&target.launch.program)
        .args(args)
        .arg("App.java")
        .current_dir(folder.path())
        .envs(env)
        .stdin(Stdio::from(theirs))
        .output()
        .unwrap();
    let mut buffer = vec![0; 1 << 20];
    let mut told = Vec::new();
    while let Ok(length) = ours.recv(&mut buffer) {
        told.push(serde_json::from_slice(&buffer[..length]).unwrap());
    }
    Some((String::from_utf8([output.stdout, output.stderr].concat()).unwrap(), told))
}

/// `KIND WHAT at LINE`, once for those that follow each other.
fn lines(told: &[Value]) -> Vec<String> {
    let line = |record: &Value| {
        let what =
            ["path", "url", "text", "args"].iter().find_map(|it| record.get(it)).unwrap_or(&record["name"]);
        let what = what.as_str().map_or(what.to_string(), str::to_owned);
        let place = record["stack"][0].as_str().unwrap_or_default();
        let place = place.split(['(', ')']).nth(1).unwrap_or_default();
        format!("{} {what} at {place}", record["kind"].as_str().unwrap())
    };
    let mut lines: Vec<String> = told.iter().map(line).collect();
    lines.dedup();
    lines
}

const ACTS: &str = r#"
import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.util.concurrent.Callable;

public class App {
    static void quiet(Callable<?> it) { try { it.call(); } catch (Exception error) { } }

    static void run(String w) {
        quiet(() -> new FileInputStream("/nowhere/" + w + "1"));
        quiet(() -> new FileOutputStream("/nowhere/" + w + "2"));
        quiet(() -> new RandomAccessFile("/nowhere/" + w + "3", "r"));
        quiet(() -> new File("/nowhere/" + w + "4").delete());
        quiet(() -> Files.readAllBytes(Paths.get("/nowhere/" + w + "5")));
        quiet(() -> Files.move(Paths.get("/nowhere/x"), Paths.get("/nowhere/" + w + "6")));
        quiet(() -> Runtime.getRuntime().exec(new String[] {"true", w + "7\u00e9\ud800"}).waitFor());
        quiet(() -> InetAddress.getByName(w + "8.invalid"));
        quiet(() -> new URL("http://127.0.0.1:1/" + w + "9").getContent());
        quiet(() -> new Socket("127.3.4.5", w.startsWith("ev") ? 20000 : 9));
        quiet(() -> new ObjectInputStream(new ByteArrayInputStream(named(w + "b"))).readObject());
    }

    /** An object of a class of that name. */
    static byte[] named(String name) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeShort(0xaced); out.writeShort(5); out.writeByte(0x73); out.writeByte(0x72); out.writeUTF(name);
        out.writeLong(1); out.writeByte(2); out.writeShort(0); out.writeByte(0x78); out.writeByte(0x70);
        return bytes.toByteArray();
    }

    public static void main(String[] args) {
        run("plain-word");
        run("evaaaaaaa");
    }
}
"#;

#[test]
fn it_tells_of_files_programs_addresses_and_classes_with_the_line() {
    let Some((said, told)) = told(ACTS) else { return };
    assert_eq!(said.lines().filter(|it| !it.starts_with("Note: ")).collect::<String>(), "");
    let expected = [
        "opened /nowhere/evaaaaaaa1 at App.java:11",
        "opened /nowhere/evaaaaaaa2 at App.java:12",
        "opened /nowhere/evaaaaaaa3 at App.java:13",
        "opened /nowhere/evaaaaaaa4 at App.java:14",
        "opened /nowhere/evaaaaaaa5 at App.java:15",
        "opened /nowhere/evaaaaaaa6 at App.java:16",
        "spawn [\"true\",\"evaaaaaaa7é\u{FFFD}\"] at App.java:17",
        "asked evaaaaaaa8.invalid:0 at App.java:18",
        "asked http://127.0.0.1:1/evaaaaaaa9 at App.java:19",
        "asked 127.3.4.5:20000 at App.java:20",
        "find-class evaaaaaaab at App.java:21",
    ];
    assert_eq!(lines(&told), expected);
}

const DRIVER: &str = r#"
import java.lang.reflect.*;
import java.sql.*;

public class App {
    /** What a driver has: only its types say that it is one. */
    static class Driver {
        ResultSet executeQuery(String text) { switch (text.length()) { case 1: case 2: return null; default: long a = 1; for (int i = 0; i < 3; i++) a += i; return null; } }
        boolean execute(String text, int keys) { try { return new Object().equals(text); } finally { keys++; } }
        PreparedStatement prepareStatement(String text) { return text == null ? null : null; }
        static void addBatch(String text) { }
        int execute(int number) { return number; }
    }

    public static void main(String[] args) {
        Driver it = new Driver();
        for (String word : new String[] {"plain", "evaaaaaaaa"}) {
            it.executeQuery("SELECT '" + word + "'");
            it.execute("DELETE " + word, 1);
            it.prepareStatement("UPDATE " + word);
            it.addBatch(word);
            it.execute(1);
        }
        // What is too long is counted only, and told of with the next one.
        it.executeQuery(new String(new char[40000]).replace('\0', 'x') + "evaaaaaaaa");
        it.executeQuery("evaaaaaaab");
        System.out.println(System.getenv("EVFUZZ_OBSERVER") + " " + System.getProperty("java.class.path"));
    }
}
"#;

#[test]
fn statements_of_any_driver_are_told_and_nothing_of_it_is_seen() {
    let Some((said, told)) = told(DRIVER) else { return };
    // The class path of `java App.java`.
    assert_eq!(said.trim(), "null .");
    let expected = [
        "statement SELECT 'evaaaaaaaa' at App.java:8",
        "statement DELETE evaaaaaaaa at App.java:9",
        "statement UPDATE evaaaaaaaa at App.java:10",
        "statement evaaaaaaaa at App.java:11",
        "statement evaaaaaaab at App.java:8",
    ];
    assert_eq!(lines(&told), expected);
    assert!(told.iter().all(|it| it["engine"] == "unknown"));
    assert_eq!(told[4]["lost"], 1);
}

#[test]
fn a_descriptor_that_is_another_one_gets_nothing() {
    let replaced = ACTS.replace(
        "run(\"plain-word\");",
        "try { new FileInputStream(FileDescriptor.in).close(); } catch (IOException error) { }",
    );
    let Some((_, told)) = told(&replaced) else { return };
    assert_eq!(lines(&told), [""; 0]);
}

/// Thousands of classes of the JDK, each with calls in all methods, are verified.
#[test]
fn the_jvm_takes_every_class_that_is_changed() {
    let Some((java, _)) = java() else { return };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let sources = fs::read_dir(here.join("src/observers/java")).unwrap().map(|it| it.unwrap().path());
    let compiled = Command::new(&java)
        .args(["-m", "jdk.compiler/com.sun.tools.javac.Main", "-nowarn", "-Xlint:none", "-d"])
        .arg(folder.path())
        .args(sources)
        .arg(here.join("tests/java/Everything.java"))
        .output()
        .unwrap();
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let output = Command::new(&java)
        .arg("-cp")
        .arg(folder.path())
        .arg("evfuzz.observer.Everything")
        .args(["java.xml/com", "jdk.compiler/com", "java.base/sun/security"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let verified = said.trim().strip_prefix("verified ").and_then(|it| it.parse().ok());
    assert!(verified.is_some_and(|it: u32| it > 3000), "{said}");
}

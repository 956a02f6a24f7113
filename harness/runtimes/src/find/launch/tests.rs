//! How each language is started with the official client, by interpreters that only say where they live.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use expect_test::{Expect, expect};

use crate::{
    ClientChoice, Request, World,
    find::{Surroundings, find_within},
    jar,
};

/// A machine with a function, clients and interpreters, all below one folder.
struct Machine {
    _kept: tempfile::TempDir,
    root: PathBuf,
}

impl Machine {
    fn with(files: &[(&str, &str)]) -> Machine {
        let kept = tempfile::tempdir().unwrap();
        let root = kept.path().canonicalize().unwrap();
        let machine = Machine { _kept: kept, root };
        for (name, text) in files {
            machine.write(name, text);
        }
        let answer = |name: &str, version: &str| {
            format!(
                r#"{{"executable":"ROOT/bin/{name}","version":"{version}","read":["ROOT/bin"],"strips":true}}"#
            )
        };
        machine.program("bin/python3", &format!("echo '{}'", answer("python3", "3.12.4")));
        machine.program("bin/node", &format!("echo '{}'", answer("node", "20.11.0")));
        let ruby = answer("ruby", "3.3.0");
        machine.program("bin/ruby", &format!("case \"$2\" in *find_by_name*) ;; *) echo '{ruby}' ;; esac"));
        // As it is: on standard error, and indented.
        let java = "printf '    java.home = ROOT/jdk\\n    java.version = 21.0.4\\n' >&2";
        machine.program("bin/java", java);
        machine.program("jdk/bin/java", java);
        machine
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        self.put(name, text.replace("ROOT", self.root.to_str().unwrap()).as_bytes())
    }

    fn put(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.write(name, &format!("#!/bin/sh\n{script}\n"));
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The command, and what is shown elsewhere than it lies.
    #[track_caller]
    fn check(&self, handler: Option<&str>, world: World, expected: Expect) {
        let request = Request {
            path: self.root.join("function"),
            handler: handler.map(str::to_owned),
            runtime: None,
            client: ClientChoice::Official,
            client_dirs: vec![self.root.join("given")],
            path_env: self.root.join("bin").into(),
        };
        let text = match find_within(&request, &self.root.join("support"), &Surroundings::default()) {
            Ok(target) => {
                target.unpack().unwrap();
                let placed = target.place(world);
                let command = [placed.program.into_os_string()].into_iter().chain(placed.args);
                let command: Vec<String> = command.map(|it| it.into_string().unwrap()).collect();
                let mut lines = vec![command.join(" ")];
                for (lies, shows) in placed.shown {
                    // Whatever is started must find its files, unpacked ones too.
                    assert!(lies.exists(), "{}", lies.display());
                    if lies != shows {
                        lines.push(format!("{} at {}", lies.display(), shows.display()));
                    }
                }
                lines.extend(placed.packages.iter().map(|it| format!("packages in {}", it.display())));
                lines.join("\n")
            }
            Err(error) => error.to_string(),
        };
        let text = text.replace(self.root.to_str().unwrap(), "ROOT");
        expected.assert_eq(&text.replace("x86_64.so", "CPU.so").replace("aarch_64.so", "CPU.so"));
    }
}

#[test]
fn python() {
    let machine = Machine::with(&[
        ("function/app.py", "def handler(event, context): pass\n"),
        ("given/awslambdaric/__main__.py", ""),
    ]);
    machine.check(
        None,
        World::Lambda,
        expect![[r#"
        ROOT/bin/python3 -B -s -m awslambdaric app.handler
        ROOT/given at /var/runtime
        ROOT/function at /var/task
        packages in /var/runtime"#]],
    );
    machine.check(
        None,
        World::Host,
        expect![[r#"
        ROOT/bin/python3 -B -s -m awslambdaric app.handler
        packages in ROOT/given"#]],
    );
    machine.write("function/awslambdaric/__main__.py", "");
    machine.check(
        None,
        World::Lambda,
        expect![[r#"
        ROOT/bin/python3 -B -s -m awslambdaric app.handler
        ROOT/function at /var/task"#]],
    );
}

#[test]
fn node() {
    let package = r#"{"version":"3.3.0","bin":{"aws-lambda-ric":"bin/index.mjs"}}"#;
    let machine = Machine::with(&[
        ("function/index.js", "exports.handler = async (event) => event;"),
        ("given/node_modules/aws-lambda-ric/package.json", package),
        ("given/node_modules/aws-lambda-ric/dist/rapid-client.node", ""),
        ("given/private.txt", "not the function's business"),
    ]);
    machine.check(
        None,
        World::Lambda,
        expect![[r#"
        ROOT/bin/node /var/runtime/node_modules/aws-lambda-ric/bin/index.mjs index.handler
        ROOT/given/node_modules/aws-lambda-ric at /var/runtime/node_modules/aws-lambda-ric
        ROOT/function at /var/task"#]],
    );
    machine.check(
        None,
        World::Host,
        expect!["ROOT/bin/node ROOT/given/node_modules/aws-lambda-ric/bin/index.mjs index.handler"],
    );
    machine.write("function/node_modules/aws-lambda-ric/package.json", package);
    machine.write("function/node_modules/aws-lambda-ric/dist/rapid-client.node", "");
    machine.check(
        None,
        World::Lambda,
        expect![[r#"
        ROOT/bin/node /var/task/node_modules/aws-lambda-ric/bin/index.mjs index.handler
        ROOT/function at /var/task"#]],
    );
}

#[test]
fn ruby() {
    let machine = Machine::with(&[
        ("function/app.rb", "def lambda_handler(event:, context:)\nend\n"),
        ("given/lib/aws_lambda_ric.rb", ""),
        ("given/lib/aws_lambda_ric/version.rb", "VERSION = '3.1.3'"),
    ]);
    machine.check(
        None,
        World::Lambda,
        expect![[r#"
        ROOT/bin/ruby -r aws_lambda_ric -e AwsLambdaRIC::Bootstrap.new.start
        ROOT/given/lib at /var/runtime/gems/aws_lambda_ric-3.1.3/lib
        ROOT/function at /var/task
        packages in /var/runtime/gems/aws_lambda_ric-3.1.3/lib"#]],
    );
    machine.check(
        Some("app.Shop::Handler.process"),
        World::Host,
        expect![[r#"
        ROOT/bin/ruby -r aws_lambda_ric -e AwsLambdaRIC::Bootstrap.new.start
        packages in ROOT/given/lib"#]],
    );
}

/// Jars of the client; the first holds its library.
fn java_client(machine: &Machine) {
    let processor = if std::env::consts::ARCH == "aarch64" { "aarch_64" } else { "x86_64" };
    let library = format!("jni/libaws-lambda-jni.linux-{processor}.so");
    let jar = jar::tests::archive(&[(&library, "library")]);
    machine.put("given/aws-lambda-java-runtime-interface-client-2.10.1.jar", &jar);
    machine.write("given/aws-lambda-java-core-1.4.0.jar", "");
    machine.write("given/aws-lambda-java-serialization-1.2.0.jar", "");
}

#[test]
fn the_java_that_is_asked_for() {
    let machine = Machine::with(&[("function/shop/App.class", "")]);
    java_client(&machine);
    let java = "printf '    java.home = ROOT/home/.sdkman/candidates/java/11.0.2-tem\n    java.version = 11.0.2\n' >&2";
    machine.program("home/.sdkman/candidates/java/11.0.2-tem/bin/java", java);
    let find = |runtime: &str| {
        let request = Request {
            path: machine.root.join("function"),
            handler: Some("shop.App".to_owned()),
            runtime: Some(runtime.to_owned()),
            client: ClientChoice::Official,
            client_dirs: vec![machine.root.join("given")],
            path_env: machine.root.join("bin").into(),
        };
        let surroundings = Surroundings { home: Some(machine.root.join("home")), ..Surroundings::default() };
        find_within(&request, &machine.root.join("support"), &surroundings)
    };
    let target = find("java11").unwrap();
    assert!(target.launch.program.ends_with("11.0.2-tem/bin/java"), "{:?}", target.launch.program);
    assert_eq!(target.runtime.id(), "java11");
    assert_eq!(find("java21").unwrap().launch.program, machine.root.join("jdk/bin/java"));
    let error = find("java6").unwrap_err().to_string();
    assert!(error.contains("no `java 6` found") && error.contains("(21.0.4)"), "{error}");
}

#[test]
fn java_classes_of_a_build() {
    let machine = Machine::with(&[
        ("function/target/classes/shop/App.class", ""),
        ("function/target/dependency/gson.jar", ""),
    ]);
    java_client(&machine);
    machine.check(Some("shop.App::run"), World::Lambda, expect![[r#"
        ROOT/jdk/bin/java -XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=/var/runtime/lib/jni/libaws-lambda-jni.linux-CPU.so -classpath /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar:/var/runtime/lib/aws-lambda-java-core-1.4.0.jar:/var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar:/var/task/target/classes:/var/task/target/dependency/gson.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda shop.App::run
        ROOT/given/aws-lambda-java-runtime-interface-client-2.10.1.jar at /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar
        ROOT/given/aws-lambda-java-core-1.4.0.jar at /var/runtime/lib/aws-lambda-java-core-1.4.0.jar
        ROOT/given/aws-lambda-java-serialization-1.2.0.jar at /var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar
        ROOT/support/java/jni/libaws-lambda-jni.linux-CPU.so at /var/runtime/lib/jni/libaws-lambda-jni.linux-CPU.so
        ROOT/function at /var/task"#]]);
    machine.check(Some("shop.App"), World::Host, expect!["ROOT/jdk/bin/java -XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=ROOT/support/java/jni/libaws-lambda-jni.linux-CPU.so -classpath ROOT/given/aws-lambda-java-runtime-interface-client-2.10.1.jar:ROOT/given/aws-lambda-java-core-1.4.0.jar:ROOT/given/aws-lambda-java-serialization-1.2.0.jar:ROOT/function/target/classes:ROOT/function/target/dependency/gson.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda shop.App"]);
    machine.check(None, World::Host, expect!["which class of `ROOT/function/target/classes` is the handler? pass --handler pkg.Class::method, or pkg.Class for a class that implements RequestHandler"]);
}

#[test]
fn java_classes_as_they_are_deployed() {
    let machine = Machine::with(&[("function/shop/App.class", ""), ("function/lib/gson.jar", "")]);
    java_client(&machine);
    machine.check(Some("shop.App"), World::Lambda, expect![[r#"
        ROOT/jdk/bin/java -XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=/var/runtime/lib/jni/libaws-lambda-jni.linux-CPU.so -classpath /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar:/var/runtime/lib/aws-lambda-java-core-1.4.0.jar:/var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda shop.App
        ROOT/given/aws-lambda-java-runtime-interface-client-2.10.1.jar at /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar
        ROOT/given/aws-lambda-java-core-1.4.0.jar at /var/runtime/lib/aws-lambda-java-core-1.4.0.jar
        ROOT/given/aws-lambda-java-serialization-1.2.0.jar at /var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar
        ROOT/support/java/jni/libaws-lambda-jni.linux-CPU.so at /var/runtime/lib/jni/libaws-lambda-jni.linux-CPU.so
        ROOT/function at /var/task"#]]);
}

#[test]
fn a_jar_is_unpacked() {
    let machine = Machine::with(&[]);
    java_client(&machine);
    let jar = jar::tests::archive(&[("shop/App.class", "class"), ("config.json", "{}")]);
    machine.put("function/shop.jar", &jar);
    machine.check(Some("shop.App"), World::Lambda, expect![[r#"
        ROOT/jdk/bin/java -XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -Dcom.amazonaws.services.lambda.runtime.api.client.runtimeapi.NativeClient.JNI=/var/runtime/lib/jni/libaws-lambda-jni.linux-CPU.so -classpath /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar:/var/runtime/lib/aws-lambda-java-core-1.4.0.jar:/var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda shop.App
        ROOT/given/aws-lambda-java-runtime-interface-client-2.10.1.jar at /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar
        ROOT/given/aws-lambda-java-core-1.4.0.jar at /var/runtime/lib/aws-lambda-java-core-1.4.0.jar
        ROOT/given/aws-lambda-java-serialization-1.2.0.jar at /var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar
        ROOT/support/java/jni/libaws-lambda-jni.linux-CPU.so at /var/runtime/lib/jni/libaws-lambda-jni.linux-CPU.so
        ROOT/support/java/task at /var/task"#]]);
    assert_eq!(fs::read_to_string(machine.root.join("support/java/task/config.json")).unwrap(), "{}");
}

#[test]
fn a_jar_beside_its_client() {
    let machine = Machine::with(&[]);
    for name in ["runtime-interface-client-2.10.1", "core-1.4.0", "serialization-1.2.0"] {
        machine.put(&format!("function/lib/aws-lambda-java-{name}.jar"), &jar::tests::archive(&[]));
    }
    machine.put("function/shop.jar", &jar::tests::archive(&[("shop/App.class", "class")]));
    machine.check(Some("shop.App"), World::Lambda, expect![[r#"
        ROOT/jdk/bin/java -XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -classpath /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar:/var/runtime/lib/aws-lambda-java-core-1.4.0.jar:/var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar com.amazonaws.services.lambda.runtime.api.client.AWSLambda shop.App
        ROOT/function/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar at /var/runtime/lib/aws-lambda-java-runtime-interface-client-2.10.1.jar
        ROOT/function/lib/aws-lambda-java-core-1.4.0.jar at /var/runtime/lib/aws-lambda-java-core-1.4.0.jar
        ROOT/function/lib/aws-lambda-java-serialization-1.2.0.jar at /var/runtime/lib/aws-lambda-java-serialization-1.2.0.jar
        ROOT/support/java/task at /var/task"#]]);
}

#[test]
fn a_jar_that_holds_the_client() {
    let machine = Machine::with(&[]);
    let class = |name: &str| format!("com/amazonaws/services/lambda/runtime/{name}.class");
    let names = ["api/client/AWSLambda", "LambdaRuntime", "serialization/PojoSerializer"].map(class);
    let files: Vec<(&str, &str)> = names.iter().map(|it| (it.as_str(), "")).collect();
    machine.put("function/shop.jar", &jar::tests::archive(&files));
    machine.check(Some("shop.App::run"), World::Lambda, expect![[r#"
        ROOT/jdk/bin/java -XX:+UseSerialGC -Xshare:auto -XX:+TieredCompilation -XX:TieredStopAtLevel=1 -XX:+ErrorFileToStderr --add-opens=java.base/java.io=ALL-UNNAMED -Dorg.crac.Core.Compat=com.amazonaws.services.lambda.crac -classpath /var/task com.amazonaws.services.lambda.runtime.api.client.AWSLambda shop.App::run
        ROOT/support/java/task at /var/task"#]]);
}

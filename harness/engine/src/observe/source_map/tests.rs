//! Maps as they lie in folders: where they are found, and what they cannot reach.

use std::fs::{File, FileTimes};
use std::os::unix::fs::symlink;
use std::time::Duration;

use super::written::{map_of, put};
use super::*;

/// A project with a function in `dist`.
struct Project {
    folder: tempfile::TempDir,
    shelf: Shelf,
}

impl Project {
    fn new() -> Project {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "project/package.json", "{}");
        put(folder.path(), "project/dist/index.js", "let a = 1;\n");
        Project { folder, shelf: Shelf::default() }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().canonicalize().unwrap().join("project/dist")
    }

    fn folders(&self) -> Folders {
        Folders::new(&self.root(), Path::new("/var/task"))
    }

    fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        put(&self.root(), name, content);
    }

    fn map(&self, name: &str) -> Option<Arc<SourceMap>> {
        self.shelf.map(&self.folders(), &self.root().join(name), None)
    }

    /// Line, name and text of what stands at 1:1 of `name`.
    fn start(&self, name: &str) -> Option<(u32, String, Option<String>)> {
        let map = self.map(name)?;
        let Spot::Source { source, line, .. } = map.spot(1, 1) else { return None };
        let text = source.text(&self.folders()).and_then(|text| text.line(line).map(str::to_owned));
        Some((line, source.name.clone(), text))
    }

    #[track_caller]
    fn check(&self, name: &str, line: u32, source: &str, text: Option<&str>) {
        assert_eq!(self.start(name), Some((line, source.to_owned(), text.map(str::to_owned))));
        assert_eq!(self.shelf.note(), None);
    }

    /// The map of `name` is of no use, for a reason that is told.
    #[track_caller]
    fn check_unusable(&self, name: &str, note: &str) {
        assert!(self.map(name).is_none());
        assert_eq!(self.shelf.note().as_deref(), Some(note));
    }
}

fn with_content() -> String {
    map_of("../src/a.ts", Some("first\nsecond\r\n"), &[(0, (1, 0))]).to_string()
}

fn without_content(name: &str) -> String {
    map_of(name, None, &[(0, (1, 0))]).to_string()
}

#[test]
fn a_map_is_found_by_its_comment_or_beside_its_bundle() {
    let project = Project::new();
    project.put("maps/a.map", with_content());
    project.put("named.js", "a();\n//# sourceMappingURL=maps/a.map\n");
    // Names are relative to the map, not to the bundle.
    project.check("named.js", 2, "src/a.ts", Some("second"));
    assert!(project.map("named.js").unwrap().is_found_by_node());
    project.put("beside.js.map", with_content());
    project.put("beside.js", "a();\n");
    project.check("beside.js", 2, "src/a.ts", Some("second"));
    assert!(!project.map("beside.js").unwrap().is_found_by_node());
    project.put("moved.mjs.map", with_content());
    project.put("moved.mjs", "a();\n//# sourceMappingURL=https://192.0.2.1/moved.mjs.map\n");
    project.check("moved.mjs", 2, "src/a.ts", Some("second"));
    let inline = with_content().replace('%', "%25").replace(' ', "%20").replace('"', "%22");
    let inline = inline.replace('\\', "%5C");
    project.put("inline.cjs", format!("a();\n//# sourceMappingURL=data:application/json,{inline}"));
    project.check("inline.cjs", 2, "src/a.ts", Some("second"));
    assert_eq!(project.start("index.js"), None);
    assert_eq!(project.shelf.note(), None, "no map is nothing to tell");
}

#[test]
fn a_map_is_read_once() {
    let project = Project::new();
    assert!(project.map("index.js").is_none());
    assert!(project.map("later.js").is_none());
    project.put("index.js.map", with_content());
    project.put("later.js.map", with_content());
    project.put("later.js", "");
    assert!(project.map("index.js").is_none(), "it was looked for before it was there");
    assert!(project.map("later.js").is_some(), "files that are not there are not remembered");
    project.put("later.js.map", "{");
    assert!(project.map("later.js").is_some());
}

#[test]
fn only_javascript_has_maps() {
    let project = Project::new();
    project.put("app.py", "");
    project.put("app.py.map", with_content());
    assert!(project.map("app.py").is_none());
}

#[test]
fn a_source_is_read_from_the_function_or_from_its_project() {
    let project = Project::new();
    project.put("lib/a.ts", "1\ninside\n");
    project.put("../src/a.ts", "1\nproject\n");
    project.put("../../elsewhere/a.ts", "1\noutside\n");
    for (name, source) in [
        ("one", "lib/a.ts"),
        ("two", "../src/a.ts"),
        ("three", "../../elsewhere/a.ts"),
        ("four", "webpack://x/./src/a.ts?1f3c"),
    ] {
        project.put(&format!("{name}.js"), "");
        project.put(&format!("{name}.js.map"), without_content(source));
    }
    project.check("one.js", 2, "lib/a.ts", Some("inside"));
    project.check("two.js", 2, "src/a.ts", Some("project"));
    project.check("three.js", 2, "elsewhere/a.ts", None);
    project.check("four.js", 2, "src/a.ts", Some("project"));
}

#[test]
fn no_line_is_read_but_of_source_code_in_the_project() {
    let project = Project::new();
    project.put("../.env", "1\nSECRET=1\n");
    project.put("../credentials", "1\nSECRET=1\n");
    project.put("../.aws/keys.js", "1\nSECRET=1\n");
    project.put("../../secret.js", "1\nSECRET=1\n");
    symlink("../../secret.js", project.root().join("../link.js")).unwrap();
    symlink("../..", project.root().join("up")).unwrap();
    let absolute = project.root().join("../../secret.js").display().to_string();
    let url = format!("file://{absolute}");
    let names =
        ["../.env", "../credentials", "../.aws/keys.js", "../../secret.js", "../link.js", "up/secret.js"];
    for (number, source) in names.into_iter().chain([absolute.as_str(), url.as_str()]).enumerate() {
        let name = format!("{number}.js");
        project.put(&name, "");
        project.put(&format!("{name}.map"), without_content(source));
        let (_, _, text) = project.start(&name).unwrap();
        assert_eq!(text, None, "{source}");
    }
}

#[test]
fn a_map_outside_the_function_is_not_read() {
    let project = Project::new();
    project.put("../outside.map", with_content());
    symlink("../outside.map", project.root().join("link.map")).unwrap();
    let absolute = project.root().join("../outside.map").display().to_string();
    for (number, url) in
        ["../outside.map", "link.map", &absolute, &format!("file://{absolute}")].iter().enumerate()
    {
        let name = format!("{number}.js");
        project.put(&name, format!("//# sourceMappingURL={url}"));
        assert!(project.map(&name).is_none(), "{url}");
    }
}

#[test]
fn a_source_that_was_edited_since_shows_no_line() {
    let project = Project::new();
    project.put("../src/a.ts", "1\nproject\n");
    project.put("index.js.map", without_content("../src/a.ts"));
    let map = File::open(project.root().join("index.js.map")).unwrap();
    let made = map.metadata().unwrap().modified().unwrap();
    let source = File::options().append(true).open(project.root().join("../src/a.ts")).unwrap();
    source.set_times(FileTimes::new().set_modified(made + Duration::from_secs(60))).unwrap();
    project.check("index.js", 2, "src/a.ts", None);
}

#[test]
fn a_map_of_no_use_costs_a_note() {
    let project = Project::new();
    project.put("index.js.map", "not JSON");
    let note = "the source map of index.js cannot be used: it is not a source map: \
                expected ident at line 1 column 2";
    project.check_unusable("index.js", note);
    project.put("other.js", "//# sourceMappingURL=data:application/json;base64,????");
    // The first one is told, not all of them.
    project.check_unusable("other.js", note);
}

#[test]
fn a_huge_map_is_not_read() {
    let project = Project::new();
    let map = File::create(project.root().join("index.js.map")).unwrap();
    map.set_len(1 << 40).unwrap();
    project.check_unusable("index.js", "the source map of index.js cannot be used: it is too large");
}

#[test]
fn a_pipe_or_a_device_is_no_map() {
    let project = Project::new();
    let fifo = project.root().join("index.js.map");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, mode, 0).unwrap();
    // With nobody to write into the pipe, a plain open would never return.
    assert!(project.map("index.js").is_none());
    symlink("/dev/zero", project.root().join("zero.js.map")).unwrap();
    project.put("zero.js", "");
    assert!(project.map("zero.js").is_none());
}

#[test]
fn all_maps_together_have_a_limit() {
    let project = Project::new();
    let map = with_content();
    project.shelf.lock().room = map.len() as u64 * 2 + 1;
    for number in 0..3 {
        project.put(&format!("{number}.js"), "");
        project.put(&format!("{number}.js.map"), &map);
        assert_eq!(project.map(&format!("{number}.js")).is_some(), number < 2, "{number}");
    }
    project.check_unusable("2.js", "the source map of 2.js cannot be used: it is too large");
}

#[test]
fn a_trace_cannot_have_any_number_of_maps_looked_for() {
    let project = Project::new();
    project.put("last.js.map", with_content());
    for number in 0..MOST_MAPS {
        project.put(&format!("{number}.js"), "");
        assert!(project.map(&format!("{number}.js")).is_none());
    }
    project.put("last.js", "");
    assert!(project.map("last.js").is_none());
}

//! What a user says about a function: words of dictionaries, values for places, and what fits nowhere.

use std::fs;

use crate::support::{Copied, Needs, Said, evfuzz, is_missing, run};

/// Evaluates a note, but only for one user. Only a hash of the id is in the code, so nobody can learn it there.
const KNOWS_A_USER: &str = r#"
import hashlib, json

def handler(event, context):
    body = json.loads(event["body"])
    user = str(body["user"]["id"]).encode()
    if hashlib.sha256(user).hexdigest() != "0c4e618f669604e10271ed26b0b897094be2f83605719ddea0414ee18becf551":
        return {"statusCode": 403, "body": "who?"}
    return {"statusCode": 200, "body": str(eval(body["note"]))}
"#;

/// Ends on one word, wherever it is in a text.
const KNOWS_A_WORD: &str = r#"
import hashlib, os

def handler(event, context):
    for word in str(event.get("text", "")).split():
        if hashlib.sha256(word.encode()).hexdigest() == "6840b371138492bdaab16622c1e772163f1e1ca7392af5a1710430dc1b0ad680":
            os._exit(3)
    return "ok"
"#;

fn run_api(copied: &Copied) -> Said {
    run(copied, &["--source", "apigw-rest", "--invocations", "700", "--rng-seed", "5"])
}

#[test]
fn values_for_a_place_open_the_way() {
    if is_missing(Needs::Python) {
        return;
    }
    let copied = Copied::file("app.py", KNOWS_A_USER);
    let without = run_api(&copied);
    assert!(without.confirmed("code-evaluation", None).is_none(), "{}", without.stderr);
    let settings = r#"
[values]
"/body/user/id" = ["u-1", "u-7f3k9"]
"/body/nowhere" = [true]
"/requestContext/identity/sourceIp" = ["203.0.113.1"]
"#;
    fs::write(copied.function.join("evfuzz.toml"), settings).unwrap();
    let with = run_api(&copied);
    assert!(with.confirmed("code-evaluation", Some("/body»json»/note")).is_some(), "{}", with.stderr);
    // An address cannot be chosen by a sender.
    let unused = &with.summary()["unused_places"];
    assert_eq!(*unused, serde_json::json!(["/requestContext/identity/sourceIp"]));
}

#[test]
fn words_of_a_dictionary_are_tried() {
    if is_missing(Needs::Python) {
        return;
    }
    let copied = Copied::file("app.py", KNOWS_A_WORD);
    let dictionary = copied.path().join("words.dict");
    fs::write(&dictionary, "# magic\nkw@1=\"xyzzy-42\"\nbytes=\"\\xff\\xfe\"\n").unwrap();
    let at_level = |level: &str| {
        let file = format!("{}{level}", dictionary.display());
        let args = ["--source", "direct", "--invocations", "1500", "--rng-seed", "5", "--dict", &file];
        let said = run(&copied, &args);
        assert_eq!(said.summary()["unused_words"], serde_json::json!({ "bytes": 1 }));
        said.confirmed("process-exit", None).is_some()
    };
    assert!(!at_level(""), "the word is of level 1");
    assert!(at_level("@1"));
}

#[test]
fn what_cannot_be_read_is_told() {
    let copied = Copied::file("index.js", "exports.handler = async () => ({})");
    let check = |args: &[&str], said: &[&str]| {
        let output = evfuzz(copied.path()).args(["run", "function"]).args(args).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        for part in said {
            assert!(stderr.contains(part), "{part:?} is missing in\n{stderr}");
        }
    };
    check(&["--dict", "none.dict"], &["cannot read dictionary none.dict", "No such file"]);
    fs::write(copied.path().join("wrong.dict"), "\"a\"\nb=\"c\n").unwrap();
    check(&["--dict", "wrong.dict"], &["wrong.dict, line 2: the word does not end"]);
    fs::write(copied.function.join("evfuzz.toml"), "[value]\n\"/a\" = [1]\n").unwrap();
    check(&[], &["evfuzz.toml", "unknown field `value`", "`values`"]);
    fs::write(copied.function.join("evfuzz.toml"), "[values]\n\"/a\" = 1\n").unwrap();
    check(&[], &["evfuzz.toml", "line 2", "expected a sequence"]);
}

/// Evaluates two fields.
const EVALUATES: &str = r#"
def handler(event, context):
    for text in (event["note"], event["sum"]):
        try:
            eval(text)
        except Exception:
            pass
    return "ok"
"#;

#[test]
fn a_suppressed_finding_is_counted_and_not_reported() {
    if is_missing(Needs::Python) {
        return;
    }
    let copied = Copied::file("app.py", EVALUATES);
    let settings = |until: &str, fields: &[&str]| {
        let one = |field: &&str| {
            format!(
                "[[suppress]]\noracle = \"code-evaluation\"\nfield = \"{field}\"\nreason = \"ours\"\nuntil = {until}\n"
            )
        };
        let text: String = fields.iter().map(one).collect();
        fs::write(copied.function.join("evfuzz.toml"), text).unwrap();
    };
    let once = || run(&copied, &["--source", "direct", "--invocations", "300", "--rng-seed", "5"]);
    let fields = |said: &Said| -> Vec<String> {
        let found = said.all("confirmed").into_iter().filter(|it| it["oracle"] == "code-evaluation");
        found.filter_map(|it| it["point"].as_str().map(str::to_owned)).collect()
    };

    settings("2999-01-01", &["/note"]);
    let one = once();
    assert_eq!(fields(&one), ["/sum"], "{}", one.stderr);
    let suppressed = &one.summary()["suppressed"];
    assert_eq!(suppressed[0]["fingerprints"].as_array().map(Vec::len), Some(1), "{suppressed}");
    assert_eq!((&suppressed[0]["reason"], &suppressed[0]["until"]), (&"ours".into(), &"2999-01-01".into()));

    settings("2020-01-01", &["/note"]);
    let ended = once();
    assert_eq!(fields(&ended).len(), 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("has ended on 2020-01-01 (ours)"), "{}", ended.stderr);

    // Both are stored now; none is replayed but the one that is named.
    settings("2999-01-01", &["/note", "/sum"]);
    let replay = |path: &std::path::Path| evfuzz(copied.path()).arg("replay").arg(path).output().unwrap();
    let all = replay(&copied.corpus());
    let stderr = String::from_utf8_lossy(&all.stderr);
    assert!(stderr.contains("2 findings of function are suppressed"), "{stderr}");
    assert_eq!(all.status.code(), Some(0), "{stderr}");
    let folder = ended.all("confirmed")[0]["folder"].as_str().unwrap().to_owned();
    assert_eq!(replay(&copied.path().join(folder)).status.code(), Some(1));
}

//! Published bugs of packages, each behind a small function of our own: found with the bad version, silent with the good one.
//!
//! `tests/known_bugs` holds the functions, one file each: see `weak`. `packages:` are the bad versions, `repaired:` the good ones.
//! `grade: forged`: only a forger sends such an event, so it is hidden unless one asks. `verdict: fails`: no valid event works with
//! the bad version, which is said of the source and is no finding. `says:` is in the evidence where the same line fails for other
//! reasons with both versions. `missed:` says why a bug is not found yet.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Needs, Said, is_missing, root, run, skipped};
use crate::weak::{Weak, files_of, functions, is_at};

fn folder() -> PathBuf {
    root().join("tests/known_bugs")
}

/// Runs it with the bad or the good versions. `None`: they cannot be fetched, which was said.
fn tried(weak: &Weak, repaired: bool, flags: &[&str]) -> Option<Said> {
    if is_missing(if weak.name.ends_with(".py") { Needs::Python } else { Needs::Node }) {
        return None;
    }
    if let Err(why) = weak.fetch_for(repaired) {
        skipped(&why);
        return None;
    }
    let mut args = vec!["--invocations", weak.head("events"), "--rng-seed", "1"];
    if let Some(source) = weak.said("source") {
        args.extend(["--source", source]);
    }
    args.extend(flags);
    Some(run(&weak.copied(repaired), &args))
}

/// What was found of the bug.
fn found<'s>(weak: &Weak, said: &'s Said) -> Vec<&'s Value> {
    let (oracle, point) = (weak.head("oracle"), weak.head("point"));
    // Shrunk: where no payload names the place, only then it is known.
    let all = said.all("finding").into_iter();
    let says = |it: &Value| weak.said("says").is_none_or(|text| it["evidence"].to_string().contains(text));
    let is_at = |it: &Value| is_at(it["point"].as_str().unwrap_or("none"), point);
    all.filter(|it| it["oracle"] == oracle && is_at(it) && says(it)).collect()
}

fn verdict<'s>(weak: &Weak, said: &'s Said) -> &'s Value {
    let source = weak.head("source");
    let row = said.all("baseline").into_iter().find(|it| it["source"] == source);
    &row.unwrap_or_else(|| panic!("{}: nothing said of {source}", weak.name))["verdict"]
}

fn check(name: &str) {
    let weak = Weak::read(&folder(), name);
    if let Some(wanted) = weak.said("verdict") {
        let Some(said) = tried(&weak, false, &[]) else { return };
        assert_eq!(verdict(&weak, &said), wanted, "{name}");
        let Some(said) = tried(&weak, true, &[]) else { return };
        assert_eq!(verdict(&weak, &said), "accepted", "{name}, repaired");
        assert!(said.all("confirmed").is_empty(), "{name}, repaired: {:#?}", said.all("confirmed"));
        return;
    }
    let is_forged = weak.said("grade") == Some("forged");
    let flags: &[&str] = if is_forged { &["--robustness", "--show-forged"] } else { &[] };
    let Some(bad) = tried(&weak, false, flags) else { return };
    let of_bug = found(&weak, &bad);
    if weak.said("missed").is_some() {
        assert!(of_bug.is_empty(), "{name} is found now: take its line `missed:` away. {of_bug:#?}");
        return;
    }
    assert!(!of_bug.is_empty(), "{name}: not found: {:#?}\n{}", bad.all("confirmed"), bad.stderr);
    if is_forged {
        assert!(of_bug.iter().all(|it| it["grade"] == "forged"), "{name}: {of_bug:#?}");
        let Some(said) = tried(&weak, false, &["--robustness"]) else { return };
        assert!(found(&weak, &said).is_empty(), "{name} is shown though nobody can send it");
    }
    let Some(good) = tried(&weak, true, flags) else { return };
    if weak.said("says").is_none() {
        let prints: Vec<&Value> = of_bug.iter().map(|it| &it["fingerprint"]).collect();
        let all = good.all("confirmed").into_iter();
        let wrong: Vec<_> = all.filter(|it| prints.contains(&&it["fingerprint"])).collect();
        assert!(wrong.is_empty(), "{name}, repaired: {wrong:#?}");
    }
    assert!(found(&weak, &good).is_empty(), "{name}, repaired: {:#?}", found(&weak, &good));
}

#[test]
fn every_file_is_tested() {
    assert_eq!(files_of(&folder()), FILES.iter().map(|it| (*it).to_owned()).collect::<BTreeSet<String>>());
}

/// What is missed is known, and is no more than this.
#[test]
fn what_is_missed() {
    let missed = FILES.iter().filter(|it| Weak::read(&folder(), it).said("missed").is_some());
    assert_eq!(missed.copied().collect::<Vec<&str>>(), MISSED);
}

const MISSED: &[&str] = &["lambda-api.js", "xml2js.js"];

functions! {
    apig_wsgi: "apig-wsgi.py",
    aws_wsgi: "aws-wsgi.py",
    busboy: "busboy.js",
    ejs: "ejs.js",
    jsonwebtoken_key: "jsonwebtoken-key.js",
    jsonwebtoken_none: "jsonwebtoken-none.js",
    lambda_api: "lambda-api.js",
    lodash_set: "lodash-set.js",
    lodash_template: "lodash-template.js",
    lodash_zip: "lodash-zip.js",
    mangum: "mangum.py",
    middy_path: "middy-path.mjs",
    ms: "ms.js",
    powertools_alb: "powertools-alb.py",
    powertools_body: "powertools-body.py",
    powertools_compress: "powertools-compress.py",
    powertools_jwt: "powertools-jwt.py",
    powertools_s3: "powertools-s3.py",
    serverless_express: "serverless-express.js",
    serverless_http: "serverless-http.js",
    xml2js: "xml2js.js",
}

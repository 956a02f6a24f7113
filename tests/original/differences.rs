//! Where ours differs from the original on purpose: what makes the answers of ours out of those in `recorded.txt`.
//!
//! Rules say what differs everywhere; `listed.txt` names single answers. Nothing else may differ, and everything here must.

use std::collections::{BTreeMap, BTreeSet};

/// What differs wherever it occurs.
struct Rule {
    why: &'static str,
    /// The answer of ours for one of the original, if they differ.
    ours: fn(&str) -> Option<String>,
}

/// One answer that differs.
struct Listed<'t> {
    scenario: &'t str,
    /// As in `recorded.txt`.
    number: usize,
    original: &'t str,
    ours: &'t str,
}

/// `# ` a reason, and for each answer that differs for it: scenario and number, `- ` the original's, `+ ` ours.
fn listed() -> Vec<Listed<'static>> {
    let mut lines = include_str!("listed.txt").lines().skip_while(|it| !it.starts_with("# "));
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        let (scenario, number) = line.rsplit_once(' ').expect("a scenario and a number");
        let original = lines.next().and_then(|it| it.strip_prefix("- ")).expect("what the original says");
        let ours = lines.next().and_then(|it| it.strip_prefix("+ ")).expect("what ours says");
        all.push(Listed { scenario, number: number.parse().expect("a number"), original, ours });
    }
    all
}

const RULES: &[Rule] = &[
    Rule {
        why: "nobody reads the date of an answer, and each costs time",
        ours: |line| {
            line.contains("Date: TIME").then(|| {
                line.replacen("; Date: TIME", "", 1).replacen("[Date: TIME; ", "[", 1).replacen(
                    "[Date: TIME]",
                    "[]",
                    1,
                )
            })
        },
    },
    Rule {
        why: "every event has a nonce and a trace, as the service sends them since 2026; the original knows no nonce and drops traces",
        ours: |line| {
            let arn = "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:012345678912:function:f";
            line.contains(arn).then(|| {
                line.replacen(
                    arn,
                    &format!("Lambda-Runtime-Invocation-Id: NEW; {arn}; Lambda-Runtime-Trace-Id: {NO_TRACE}"),
                    1,
                )
            })
        },
    },
    Rule {
        why: "what is no proper request is refused without words, as hyper does it: no client asks why",
        ours: |line| {
            let (status, _) =
                line.split_once(" [Connection: close; Content-Type: text/plain; charset=utf-8] ")?;
            Some(format!("{status} [Connection: close; Content-Length: 0]"))
        },
    },
    Rule {
        why: "a long event comes with its length; the original's language sends it in chunks",
        ours: |line| {
            let (length, _) = line.strip_suffix(')')?.rsplit_once(" (")?.1.split_once(" bytes, ")?;
            let whole = line.replacen("; Transfer-Encoding: chunked", "", 1);
            (whole != line).then(|| whole.replacen('[', &format!("[Content-Length: {length}; "), 1))
        },
    },
    Rule {
        why: "an error of the function is told as X-Amz-Function-Error, as the service does; the original says 200 alone",
        ours: |line| {
            line.strip_prefix("invoker: 200 (").map(|rest| format!("invoker: 200 Unhandled ({rest}"))
        },
    },
    Rule {
        why: "the message about an answer beyond the limit comes first, as the service was recorded twice",
        ours: |line| line.contains(TOO_LARGE).then(|| line.replacen(TOO_LARGE, TOO_LARGE_AT_AWS, 1)),
    },
    Rule {
        why: "the end of a process is an error of the function like others, as the service has it; the original says 502",
        ours: |line| {
            let (noted, document) = line.strip_prefix("invoker: 502 ")?.split_once(" {")?;
            document
                .starts_with("\"errorType\"")
                .then(|| format!("invoker: 200 Unhandled {noted} {{{document}"))
        },
    },
    Rule {
        why: "a timeout is told in a document, as the service does; the original has a line of text",
        ours: |line| {
            let text = line.strip_prefix("invoker: 200 Task timed out")?;
            Some(format!(
                "invoker: 200 Unhandled (Sandbox.Timedout) {{\"errorType\":\"Sandbox.Timedout\",\
                 \"errorMessage\":\"RequestId: ID1 Error: Task timed out{text}\"}}"
            ))
        },
    },
];

/// The document of the original about an answer beyond the limit.
const TOO_LARGE: &str = r#"{"errorType":"Function.ResponseSizeTooLarge","errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes)."}"#;

/// The same, recorded from AWS: LocalStack, `test_lambda_too_large_response`.
const TOO_LARGE_AT_AWS: &str = r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#;

/// The trace of those who have none.
const NO_TRACE: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

/// What ours has to answer.
pub(crate) struct Wanted {
    pub(crate) lines: BTreeMap<String, Vec<String>>,
    /// What is said here and changes nothing.
    pub(crate) unused: Vec<String>,
}

/// Applies all of it to what was recorded.
pub(crate) fn applied(recorded: &BTreeMap<String, Vec<String>>) -> Wanted {
    let mut lines = recorded.clone();
    let mut used = BTreeSet::new();
    for line in lines.values_mut().flatten() {
        for rule in RULES {
            if let Some(ours) = (rule.ours)(line) {
                used.insert(rule.why);
                *line = ours;
            }
        }
    }
    let mut unused: Vec<String> =
        RULES.iter().filter(|it| !used.contains(it.why)).map(|it| it.why.to_owned()).collect();
    for Listed { scenario, number, original, ours } in listed() {
        let said = recorded.get(scenario).and_then(|it| it.get(number - 1));
        match lines.get_mut(scenario).and_then(|it| it.get_mut(number - 1)) {
            Some(line) if line != ours && said.is_some_and(|it| it == original) => ours.clone_into(line),
            _ => unused.push(format!("{scenario} {number}")),
        }
    }
    Wanted { lines, unused }
}

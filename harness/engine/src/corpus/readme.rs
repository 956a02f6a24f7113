//! `README.md` of a finding: what a colleague needs who has never heard of evfuzz.

use std::fmt::Write as _;
use std::path::Path;

use evfuzz_generators::deliver;
use evfuzz_generators::grade::Grade;

use crate::finding::Finding;
use crate::judge::explain;

/// The text. `folder`: where it will stand.
pub(super) fn text(finding: &Finding, folder: &Path) -> String {
    let mut text = format!("# {}\n\n", escape(&finding.title));
    let mut row = |label: &str, value: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "- {label}: {}", escape(value));
    };
    row("oracle", finding.oracle.id());
    row("severity", finding.oracle.severity().id());
    row("weakness", &format!("CWE-{}", finding.oracle.cwe()));
    row("event source", finding.case.seed.source.title());
    if finding.grade != Grade::Reachable {
        row("event", &format!("{}: {}", finding.grade.id(), finding.grade.explain()));
    }
    if let Some(point) = &finding.point {
        row("injection point", point);
    }
    if let Some(place) = &finding.place {
        row("place in the code", place);
    }
    let reliability = finding.reliability;
    row("seen", &format!("{} of {} times, in fresh processes", reliability.shown, reliability.of));
    text.push_str("\n## Evidence\n\n");
    for evidence in &finding.evidence {
        let _ = writeln!(text, "{}:\n\n    {}\n", evidence.label, escape(&evidence.text));
    }
    if let Some(before) = &finding.before {
        let _ = writeln!(
            text,
            "## Deliver this first, to the same process\n\n{}\n",
            indented(&deliver::command(before))
        );
    }
    let _ = writeln!(text, "## Deliver it\n\n{}\n", indented(&deliver::command(&finding.case)));
    let _ = writeln!(
        text,
        "## Replay it\n\n    evfuzz replay {}\n",
        escape(&deliver::quote(&folder.display().to_string()))
    );
    let _ = writeln!(text, "## What it means\n\n{}", explain(finding.oracle));
    text
}

/// Control characters as escapes: a payload must not be able to change what the page shows.
fn escape(text: &str) -> String {
    text.chars()
        .flat_map(|it| if it.is_control() { it.escape_default().collect() } else { vec![it] })
        .collect()
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {}", escape(line))).collect::<Vec<_>>().join("\n")
}

//! One hostile program, what came of it, and the table of all.

use std::{collections::BTreeMap, fmt::Write, sync::Mutex};

use serde::{Deserialize, Serialize};

use crate::{cell::Cell, evidence::Proof};

/// A program of `programs/` and how its success would show.
#[derive(Clone, Copy)]
pub(crate) struct Program {
    pub(crate) file: &'static str,
    pub(crate) proof: Proof,
    pub(crate) specials: &'static [Special],
}

/// What is different for some programs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    /// Its keeper is started after the bait is laid, and ended before the bait is looked at.
    OwnKeeper,
    /// Another function comes after it in the same scratch directory.
    LaterFunction,
    /// Means something for an ordinary user only.
    OrdinaryOnly,
    /// The control runs as the user nobody.
    ControlAsNobody,
    /// What is tried may be missing in this kernel.
    ControlMayLack,
    /// Sends a signal to every process, so its control runs alone.
    SignalsEverybody,
}

impl Program {
    pub(crate) const fn new(file: &'static str, proof: Proof) -> Program {
        Program { file, proof, specials: &[] }
    }

    pub(crate) const fn with(mut self, specials: &'static [Special]) -> Program {
        self.specials = specials;
        self
    }

    pub(crate) fn is(&self, special: Special) -> bool {
        self.specials.contains(&special)
    }
}

/// What came of one program in one cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    /// Nothing was seen from outside, and the harness works.
    Held,
    /// What was seen.
    Escaped(Vec<String>),
    /// Why it was not run.
    NotApplicable(String),
}

/// A verdict with its program, as it travels between processes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Row {
    pub(crate) program: String,
    pub(crate) verdict: Verdict,
}

impl Verdict {
    fn word(&self) -> &str {
        match self {
            Verdict::Held => "held",
            Verdict::Escaped(_) => "ESCAPED",
            Verdict::NotApplicable(_) => "n/a",
        }
    }

    fn detail(&self) -> Option<String> {
        match self {
            Verdict::Held => None,
            Verdict::Escaped(seen) => Some(seen.join("; ")),
            Verdict::NotApplicable(why) => Some(why.clone()),
        }
    }
}

/// All rows of the cells that are done, by test of this process.
static DONE: Mutex<BTreeMap<Cell, Vec<Row>>> = Mutex::new(BTreeMap::new());

/// Takes note of a cell and prints the table as far as it is known.
pub(crate) fn publish(cell: Cell, rows: &[Row]) {
    let mut done = DONE.lock().unwrap();
    done.insert(cell, rows.to_vec());
    let text = render(&done);
    println!("{text}");
    // Kept, because the output of a passing test is not shown.
    let kept = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("escape-table.txt");
    let _ = std::fs::write(kept, text);
}

fn render(done: &BTreeMap<Cell, Vec<Row>>) -> String {
    let mut text = format!("{:28}", "program");
    for cell in Cell::ALL {
        let _ = write!(text, "{:20}", cell.to_string());
    }
    let mut notes = String::new();
    for program in crate::hostile::all() {
        let _ = write!(text, "\n{:28}", program.file);
        for cell in Cell::ALL {
            let row = done.get(&cell).and_then(|rows| rows.iter().find(|it| it.program == program.file));
            let _ = write!(text, "{:20}", row.map_or("-", |it| it.verdict.word()));
            if let Some(detail) = row.and_then(|it| it.verdict.detail()) {
                let _ = writeln!(notes, "{} [{cell}]: {detail}", program.file);
            }
        }
    }
    let held: usize = done.values().flatten().filter(|it| it.verdict == Verdict::Held).count();
    let escaped = done.values().flatten().filter(|it| matches!(it.verdict, Verdict::Escaped(_))).count();
    let _ = write!(
        text,
        "\n{} programs, {held} cells held, {escaped} ESCAPED\n\n{notes}",
        crate::hostile::all().count()
    );
    text
}

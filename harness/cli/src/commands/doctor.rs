//! `evfuzz doctor`: what confines functions here, and what to do about what is missing.

use evfuzz_sandbox::doctor::{Diagnosis, diagnose};
use evfuzz_sandbox::{Barriers, Promise, PromiseState};

use super::function;
use crate::args::{DoctorArgs, Format};
use crate::exit::{Exit, Failure, causes};
use crate::report::{diagnosis, output::to_stdout};

/// Version of the JSON document. It grows when something changes its meaning or goes, not when something is added.
const FORMAT: u32 = 1;

pub(super) fn doctor(args: &DoctorArgs) -> Result<Exit, Failure> {
    let run_dir = function::run_dir()?;
    let program = function::keeper_program()?;
    let wish = function::mechanisms(&args.mechanisms);
    let diagnosis = diagnose(&program, run_dir.path(), wish);
    match args.format {
        Format::Text => to_stdout(&diagnosis::text(&diagnosis)),
        Format::Json => to_stdout(&format!("{}\n", json(&diagnosis))),
    }
    Ok(if diagnosis.refusal.is_none() { Exit::Clean } else { Exit::Environment })
}

fn json(diagnosis: &Diagnosis) -> serde_json::Value {
    let isolation = diagnosis.isolation.as_ref();
    let promise = |it: &Promise| {
        let state = match it.state {
            PromiseState::Held => "kept",
            PromiseState::Violated => "broken",
            PromiseState::NotApplicable => "not-promised",
        };
        serde_json::json!({ "name": it.name, "state": state, "detail": it.detail })
    };
    let barriers = |it: &Barriers| serde_json::json!({ "landlock": it.landlock, "namespaces": it.namespaces, "processes": it.processes });
    serde_json::json!({
        "type": "doctor",
        "format": FORMAT,
        "version": env!("CARGO_PKG_VERSION"),
        "verdict": if diagnosis.refusal.is_none() { "runs" } else { "refuses" },
        "refusal": diagnosis.refusal.as_ref().map(|it| causes(it)),
        "isolation": isolation.map(ToString::to_string),
        "barriers": isolation.map(|it| barriers(&it.barriers)),
        "exec_watch": isolation.map(|it| it.watch.to_string()),
        "function_uid": diagnosis.function_uid,
        "promises": isolation.map(|it| it.promises.iter().map(promise).collect::<Vec<_>>()),
        "notes": isolation.map(|it| &it.notes),
        "facts": diagnosis.facts,
        "advice": diagnosis.advice,
    })
}

//! Where ours differs from the original on purpose, and why.

use std::collections::BTreeMap;

use crate::walk::Scenario;

pub(crate) struct Wanted {
    pub(crate) lines: BTreeMap<String, Vec<String>>,
    pub(crate) unused: Vec<String>,
}

pub(crate) fn applied(scenarios: &[Scenario], recorded: &BTreeMap<String, Vec<String>>) -> Wanted {
    let _ = scenarios;
    let mut lines = recorded.clone();
    for line in lines.values_mut().flatten() {
        *line = line
            .replace("; Date: TIME]", "]")
            .replace("[Date: TIME; ", "[")
            .replace("; Date: TIME; ", "; ")
            .replace("[Date: TIME]", "[]");
        if line.contains("Lambda-Runtime-Aws-Request-Id") {
            let mut after = line.split_once("] ").map(|x| x.1.to_owned()).unwrap_or_default();
            *line = line.replace(
                "; Lambda-Runtime-Invoked",
                "; Lambda-Runtime-Invocation-Id: NEW; Lambda-Runtime-Invoked",
            );
            if !line.contains("Trace-Id") {
                *line = line.replace("function:f]", "function:f; Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0]").replace("function:f; Tran","function:f; Lambda-Runtime-Trace-Id: Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0; Tran");
            }
            after.clear();
        }
    }
    Wanted { lines, unused: Vec::new() }
}

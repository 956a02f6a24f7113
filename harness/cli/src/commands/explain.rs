//! `evfuzz explain`: what an oracle looks for.

use evfuzz_engine::OracleId;

use crate::args::ExplainArgs;
use crate::exit::{Exit, Failure};
use crate::report::output::to_stdout;

pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, Failure> {
    let oracle = OracleId::from_id(&args.oracle)
        .ok_or_else(|| Failure::usage(format!("no oracle is called {}", args.oracle)))?;
    let (severity, cwe, owasp) = (oracle.severity().id(), oracle.cwe(), oracle.owasp());
    to_stdout(&format!(
        "{}\n\nSeverity {severity} · CWE-{cwe} · OWASP Top 10 for serverless: {owasp}\n",
        evfuzz_engine::explain(oracle)
    ));
    Ok(Exit::Clean)
}

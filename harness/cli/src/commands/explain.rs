//! `evfuzz explain`: what an oracle looks for.

use evfuzz_engine::OracleId;

use crate::args::ExplainArgs;
use crate::exit::{Exit, Failure};
use crate::report::output::to_stdout;

pub(super) fn explain(args: &ExplainArgs) -> Result<Exit, Failure> {
    let oracle = OracleId::from_id(&args.oracle)
        .ok_or_else(|| Failure::usage(format!("no oracle is called {}", args.oracle)))?;
    to_stdout(&format!("{}\n", evfuzz_engine::explain(oracle)));
    Ok(Exit::Clean)
}

//! How an invocation ended, in words: the same everywhere.

use evfuzz_emulator::Outcome;

/// How it ended, in a few words. Unescaped: whoever shows it must escape it.
pub fn in_words(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Response(_) => "answered".to_owned(),
        Outcome::FunctionError { report, .. } => report.error_type.clone(),
        Outcome::InitError(report) => format!("{} while it was initialized", report.error_type),
        Outcome::Exited { code } => format!("exit status {code}"),
        Outcome::Signaled { signal } => format!("signal {signal}"),
        Outcome::LimitExceeded { limit } => limit.to_string(),
        Outcome::TimedOut { after } => format!("no answer within {} ms", after.as_millis()),
        Outcome::ResponseTooLarge { size } => format!("an answer of {size} bytes"),
        Outcome::TruncatedResponse { size } => format!("an answer that breaks off after {size} bytes"),
        Outcome::InvalidResponseMode { mode } => format!("unknown response mode {mode}"),
        Outcome::InvalidRequest(_) => "the service refuses the event".to_owned(),
    }
}

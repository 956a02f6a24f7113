//! Error documents, as each client writes them: recorded test_uncaught_exception_invoke for the shape, the clients' own
//! code for the rest.

use crate::clients::Client;

/// An error as the caller gets it, and what the service learns beside it.
#[derive(Clone, Debug)]
pub(crate) struct ErrorDocument {
    /// Its members, in their order.
    pub(crate) members: &'static [&'static str],
    pub(crate) error_type: &'static str,
    /// Unless it says something that is nobody's business.
    pub(crate) message: Option<String>,
    /// The header with the error type, as the service understands it: emulator fatalerror.go.
    pub(crate) header: &'static str,
    pub(crate) cause: Cause,
}

/// What X-Ray is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Absent,
    /// Type and message of the error.
    Told,
    /// The type, and a message whose letters outside Latin-1 are lost.
    Garbled,
    /// It was too large for X-Ray, and the exception was left away.
    Cropped,
}

/// The shape of a client's documents.
fn members(client: Client) -> &'static [&'static str] {
    match client {
        Client::OurNode20 | Client::OurNode22 | Client::AwsLambdaRic3 | Client::AwsLambdaRic4 => {
            &["errorType", "errorMessage", "trace"]
        }
        Client::OurPython | Client::Awslambdaric => &["errorMessage", "errorType", "requestId", "stackTrace"],
        Client::Java => &["errorMessage", "errorType", "stackTrace"],
        Client::LambdaRuntime => &["errorType", "errorMessage"],
        // Errors that a handler returns have no stack trace; panics have.
        Client::AwsLambdaGo => &["errorMessage", "errorType"],
        // The script of the function.
        Client::Shell => &["errorMessage", "errorType"],
    }
}

/// The handler raised an error whose type is called `Refused`, or what the language makes of that.
pub(crate) fn handler_error(client: Client, message: &str) -> ErrorDocument {
    let error_type = match client {
        Client::Java => "conformance.Function$Refused",
        // Go: the name of the error's type, which is not exported.
        Client::AwsLambdaGo => "refused",
        _ => "Refused",
    };
    let header = match client {
        Client::Java => "Runtime.UserException",
        Client::Shell => "Function.Refused",
        // No header, or `unhandled` by Rust's.
        _ => "Runtime.Unknown",
    };
    let cause = if client == Client::LambdaRuntime { Cause::Absent } else { Cause::Told };
    ErrorDocument { members: members(client), error_type, message: Some(message.to_owned()), header, cause }
}

/// The same, at the end of a streamed answer.
pub(crate) fn stream_error(client: Client, message: &str) -> ErrorDocument {
    ErrorDocument { cause: Cause::Absent, ..handler_error(client, message) }
}

/// The function raised an error while it was loaded.
pub(crate) fn init_error(client: Client) -> ErrorDocument {
    let (members, error_type, header): (&[&str], _, _) = match client {
        // LambdaErrorConverter.java: no stack trace "for compatibility".
        Client::Java => {
            (&["errorMessage", "errorType"], "java.lang.IllegalStateException", "Runtime.BadFunctionCode")
        }
        Client::Shell => {
            (&["errorMessage", "errorType", "stackTrace"], "Runtime.NoSuchKey", "Runtime.NoSuchKey")
        }
        Client::OurPython | Client::Awslambdaric => (members(client), "RuntimeError", "Runtime.Unknown"),
        _ => (members(client), "Error", "Runtime.Unknown"),
    };
    ErrorDocument {
        members,
        error_type,
        message: Some("init fails: ключ".to_owned()),
        header,
        cause: Cause::Absent,
    }
}

/// aws-lambda-ric 3.3.0 Errors.js.
pub(crate) fn unhandled_rejection() -> ErrorDocument {
    ErrorDocument {
        members: &["errorType", "errorMessage", "trace"],
        error_type: "Runtime.UnhandledPromiseRejection",
        message: Some("Refused: nobody waits".to_owned()),
        header: "Runtime.Unknown",
        cause: Cause::Told,
    }
}

/// What Java's client makes of a client context that it has damaged itself. The message names a place in the text.
pub(crate) fn java_context_error() -> ErrorDocument {
    ErrorDocument {
        members: &["errorMessage", "errorType", "stackTrace"],
        error_type: "java.io.UncheckedIOException",
        message: None,
        header: "Runtime.UserException",
        cause: Cause::Told,
    }
}

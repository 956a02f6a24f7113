//! Well-formed calls of the API, and how they look on the wire.

use crate::rng::Rng;

/// How an invocation is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Response,
    Error,
}

/// Which failure an extension reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    Init,
    Exit,
}

/// What a call asks for.
#[derive(Clone, Debug)]
pub(crate) enum What {
    Next,
    /// `id` as it stands in the path, `nonce` as it is sent back.
    Post {
        verb: Verb,
        id: String,
        nonce: Option<String>,
        mode: Option<&'static str>,
    },
    InitError,
    Ping,
    RestoreNext,
    RestoreError,
    Register {
        name: String,
        account: bool,
        events: Registration,
    },
    ExtensionNext {
        id: Option<String>,
    },
    ExtensionFailed {
        failure: Failure,
        id: Option<String>,
        error_type: Option<&'static str>,
    },
    Logs,
    Telemetry,
    Metadata {
        token: Option<&'static str>,
    },
    /// A path that exists, with a method that does not.
    WrongMethod {
        method: &'static str,
        path: &'static str,
        allowed: &'static str,
    },
    Unknown {
        method: &'static str,
        path: &'static str,
    },
}

/// What an extension asks for when it registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registration {
    Invoke,
    Nothing,
    Shutdown,
    Other,
    Keys,
    NoJson,
}

impl Registration {
    pub(crate) fn body(self) -> &'static str {
        match self {
            Registration::Invoke => "{\"events\":[\"INVOKE\"]}",
            Registration::Nothing => "{}",
            Registration::Shutdown => "{\"events\":[\"INVOKE\",\"SHUTDOWN\"]}",
            Registration::Other => "{\"events\":[\"FOO\"]}",
            Registration::Keys => "{\"configurationKeys\":[\"k\"]}",
            Registration::NoJson => "{\"events\":",
        }
    }
}

/// An error document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Document {
    pub(crate) content_type: Option<&'static str>,
    pub(crate) posted: &'static str,
    /// What the caller gets, and its media type.
    pub(crate) passed_on: (&'static str, &'static str),
    pub(crate) error_type: Option<&'static str>,
    pub(crate) cause: Option<&'static str>,
}

const fn document(posted: &'static str, error_type: Option<&'static str>) -> Document {
    let content_type = Some("application/json");
    Document { content_type, posted, passed_on: (posted, "application/json"), error_type, cause: None }
}

/// The media type of an error document that carries its X-Ray cause within.
pub(crate) const WITH_CAUSE: &str = "application/vnd.aws.lambda.error.cause+json";

/// Error documents with what becomes of them.
pub(crate) const DOCUMENTS: &[Document] = &[
    document("{\"errorMessage\":\"m\",\"errorType\":\"KeyError\",\"stackTrace\":[]}", Some("KeyError")),
    document("{\"errorType\":\"\\ud83d\\ude00\"}", Some("\u{1f600}")),
    document("{}", None),
    document("", None),
    document("no json", None),
    document("{\"errorType\":null}", None),
    document("{\"errorType\":\"\"}", None),
    document("{\"errorType\":7}", None),
    document("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", None),
    Document { content_type: None, posted: "{}", passed_on: ("{}", ""), error_type: None, cause: None },
    Document {
        content_type: Some(WITH_CAUSE),
        posted: "{\"errorMessage\":\"m\",\"errorType\":\"T\",\"errorCause\":{\"message\":\"c\"},\"more\":1}",
        passed_on: ("{\"errorMessage\":\"m\",\"errorType\":\"T\"}", "application/json"),
        error_type: Some("T"),
        cause: Some("{\"exceptions\":null,\"working_directory\":\"\",\"paths\":null,\"message\":\"c\"}"),
    },
    Document {
        content_type: Some(WITH_CAUSE),
        posted: "{\"errorMessage\":\"m\"}",
        passed_on: ("{\"errorMessage\":\"m\",\"errorType\":\"\"}", "application/json"),
        error_type: None,
        cause: None,
    },
    Document {
        content_type: Some(WITH_CAUSE),
        posted: "{",
        passed_on: ("\"Invalid error body\"", "application/octet-stream"),
        error_type: None,
        cause: None,
    },
];

/// Values of the error type's header, and what the service makes of them.
pub(crate) const ERROR_TYPES: &[(&str, &str)] = &[
    ("Runtime.ExitError", "Runtime.ExitError"),
    ("Function.Boom", "Function.Boom"),
    ("Function.lower", "Function.Unknown"),
    ("ValueError", "Runtime.Unknown"),
    ("", "Runtime.Unknown"),
];

/// Values of the header for X-Ray, and what is kept of them.
pub(crate) const CAUSES: &[(&str, Option<&str>)] = &[
    (
        "{\"paths\":[\"p\"],\"x\":1}",
        Some("{\"exceptions\":null,\"working_directory\":\"\",\"paths\":[\"p\"]}"),
    ),
    ("{}", None),
    ("no json", None),
];

/// What goes with a post.
#[derive(Clone, Debug, Default)]
pub(crate) struct Body {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: Option<&'static str>,
    /// Indices into [`DOCUMENTS`], [`ERROR_TYPES`] and [`CAUSES`].
    pub(crate) document: Option<usize>,
    pub(crate) error_type: Option<usize>,
    pub(crate) cause: Option<usize>,
    /// The header for X-Ray as long as official clients send it, which is no JSON then.
    pub(crate) long_cause: usize,
    pub(crate) late: Option<Late>,
}

/// The failure of a handler after it had begun to answer: trailers, with an error type of [`ERROR_TYPES`] and a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Late {
    pub(crate) error_type: usize,
    pub(crate) document: &'static str,
}

/// How a body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    Absent,
    Length,
    Chunked,
}

/// Whether the connection is to live on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    Alive,
    /// `Connection: close`
    Close,
    /// HTTP/1.0
    Old,
}

/// A call with everything that belongs to it.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) what: What,
    pub(crate) body: Body,
    pub(crate) framing: Framing,
    pub(crate) keep: Keep,
    /// `Expect: 100-continue`
    pub(crate) expects: bool,
}

impl Call {
    /// A word for the statistics.
    pub(crate) fn kind(&self) -> &'static str {
        match self.what {
            What::Next => "next",
            What::Post { verb: Verb::Response, .. } => "response",
            What::Post { verb: Verb::Error, .. } => "error",
            What::InitError => "init/error",
            What::Ping => "ping",
            What::RestoreNext => "restore/next",
            What::RestoreError => "restore/error",
            What::Register { .. } => "extension/register",
            What::ExtensionNext { .. } => "extension/event/next",
            What::ExtensionFailed { failure: Failure::Init, .. } => "extension/init/error",
            What::ExtensionFailed { failure: Failure::Exit, .. } => "extension/exit/error",
            What::Logs => "logs",
            What::Telemetry => "telemetry",
            What::Metadata { .. } => "metadata",
            What::WrongMethod { .. } => "wrong method",
            What::Unknown { .. } => "unknown path",
        }
    }

    fn line(&self) -> (&'static str, String) {
        let path = |it: &str| format!("/2018-06-01/runtime/{it}");
        match &self.what {
            What::Next => ("GET", path("invocation/next")),
            What::Post { verb: Verb::Response, id, .. } => {
                ("POST", path(&format!("invocation/{id}/response")))
            }
            What::Post { verb: Verb::Error, id, .. } => ("POST", path(&format!("invocation/{id}/error"))),
            What::InitError => ("POST", path("init/error")),
            What::Ping => ("GET", "/2018-06-01/ping".to_owned()),
            What::RestoreNext => ("GET", path("restore/next")),
            What::RestoreError => ("POST", path("restore/error")),
            What::Register { .. } => ("POST", "/2020-01-01/extension/register".to_owned()),
            What::ExtensionNext { .. } => ("GET", "/2020-01-01/extension/event/next".to_owned()),
            What::ExtensionFailed { failure: Failure::Init, .. } => {
                ("POST", "/2020-01-01/extension/init/error".to_owned())
            }
            What::ExtensionFailed { failure: Failure::Exit, .. } => {
                ("POST", "/2020-01-01/extension/exit/error".to_owned())
            }
            What::Logs => ("PUT", "/2020-08-15/logs".to_owned()),
            What::Telemetry => ("PUT", "/2022-07-01/telemetry".to_owned()),
            What::Metadata { .. } => ("GET", "/2026-01-15/metadata/execution-environment".to_owned()),
            What::WrongMethod { method, path, .. } | What::Unknown { method, path } => {
                (*method, (*path).to_owned())
            }
        }
    }

    /// The request. Where chunks begin is `rng`'s choice.
    pub(crate) fn encode(&self, rng: &mut Rng) -> Vec<u8> {
        let (method, mut path) = self.line();
        if path.starts_with('/') && rng.one_in(50) {
            // The query is no part of the path.
            path.push_str("?x=/next");
        }
        let version = if self.keep == Keep::Old { "1.0" } else { "1.1" };
        let mut head = format!("{method} {path} HTTP/{version}\r\nHost: x\r\n");
        let mut header = |name: &str, value: &str| {
            head.push_str(name);
            head.push_str(": ");
            head.push_str(value);
            head.push_str("\r\n");
        };
        let mut option = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                header(name, value);
            }
        };
        match &self.what {
            What::Post { nonce, mode, .. } => {
                option("Lambda-Runtime-Invocation-Id", nonce.as_deref());
                option("lambda-runtime-function-response-mode", *mode);
            }
            What::Register { name, account, .. } => {
                option("Lambda-Extension-Name", Some(name));
                option("Lambda-Extension-Accept-Feature", account.then_some("x, accountId"));
            }
            What::ExtensionNext { id } => option("Lambda-Extension-Identifier", id.as_deref()),
            What::ExtensionFailed { id, error_type, .. } => {
                option("Lambda-Extension-Identifier", id.as_deref());
                option("Lambda-Extension-Function-Error-Type", *error_type);
            }
            What::Metadata { token } => option("Authorization", *token),
            _ => {}
        }
        option("Content-Type", self.body.content_type);
        option("Lambda-Runtime-Function-Error-Type", self.body.error_type.map(|it| ERROR_TYPES[it].0));
        option("Lambda-Runtime-Function-XRay-Error-Cause", self.body.cause.map(|it| CAUSES[it].0));
        if self.body.long_cause > 0 {
            header("Lambda-Runtime-Function-XRay-Error-Cause", &"c".repeat(self.body.long_cause));
        }
        if self.expects {
            header("Expect", "100-continue");
        }
        if self.keep == Keep::Close {
            header("Connection", "close");
        }
        let bytes = &self.body.bytes;
        match self.framing {
            Framing::Absent => {}
            Framing::Length => header("Content-Length", &bytes.len().to_string()),
            Framing::Chunked => header("Transfer-Encoding", "chunked"),
        }
        head.push_str("\r\n");
        let mut request = head.into_bytes();
        match self.framing {
            Framing::Absent => {}
            Framing::Length => request.extend_from_slice(bytes),
            Framing::Chunked => self.chunks(&mut request, rng),
        }
        if self.keep == Keep::Alive && rng.one_in(50) {
            // RFC 9112, 2.2: servers ignore an empty line before a request; old clients send one after a body.
            request.extend_from_slice(b"\r\n");
        }
        request
    }

    fn chunks(&self, request: &mut Vec<u8>, rng: &mut Rng) {
        let mut rest = &self.body.bytes[..];
        while !rest.is_empty() {
            let size = if rng.one_in(3) { rest.len() } else { 1 + rng.below(rest.len()) };
            let (chunk, later) = rest.split_at(size);
            request.extend_from_slice(format!("{size:x}\r\n").as_bytes());
            request.extend_from_slice(chunk);
            request.extend_from_slice(b"\r\n");
            rest = later;
        }
        request.extend_from_slice(b"0\r\n");
        if let Some(late) = self.body.late {
            use base64::Engine as _;
            let document = base64::engine::general_purpose::STANDARD.encode(late.document);
            let kind = ERROR_TYPES[late.error_type].0;
            request.extend_from_slice(
                format!(
                    "Lambda-Runtime-Function-Error-Type: {kind}\r\nLambda-Runtime-Function-Error-Body: {document}\r\n"
                )
                .as_bytes(),
            );
        }
        request.extend_from_slice(b"\r\n");
    }
}

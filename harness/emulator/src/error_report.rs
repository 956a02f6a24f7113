//! Error documents as runtimes post them, and what the service makes of their headers. Pure.

use bytes::Bytes;

use crate::xray;

/// `Content-Type` of an error document that carries its X-Ray cause within.
pub(crate) const WITH_CAUSE: &str = "application/vnd.aws.lambda.error.cause+json";

/// What a runtime posted to say that it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorReport {
    /// `errorType` of the document, else what the header says.
    pub error_type: String,
    /// The header `Lambda-Runtime-Function-Error-Type` as the service understands it: metrics and logs show this one.
    pub fatal_type: String,
    /// The error document, as the caller gets it.
    pub body: Bytes,
    /// Its media type.
    pub content_type: String,
    /// What X-Ray is told, if it was valid.
    pub xray_cause: Option<Bytes>,
}

impl ErrorReport {
    /// Reads a post to `/error` or `/init/error`.
    ///
    /// `type_header`, `cause_header`: the values of `Lambda-Runtime-Function-Error-Type` and
    /// `Lambda-Runtime-Function-XRay-Error-Cause`.
    pub(crate) fn read(
        body: Bytes,
        content_type: &str,
        type_header: Option<&[u8]>,
        cause_header: Option<&[u8]>,
    ) -> ErrorReport {
        let header = type_header.map(|it| String::from_utf8_lossy(it).into_owned());
        let fatal_type = fatal_type(header.as_deref().unwrap_or_default());
        let (body, content_type, xray_cause) = if content_type == WITH_CAUSE {
            match xray::split(&body) {
                Some((document, cause)) => (document, "application/json", cause),
                // The original: a JSON string, and not called JSON.
                None => (Bytes::from_static(b"\"Invalid error body\""), "application/octet-stream", None),
            }
        } else {
            (body, content_type, cause_header.and_then(xray::validated))
        };
        let error_type = error_type(&body, header.as_deref());
        ErrorReport { error_type, fatal_type, body, content_type: content_type.to_owned(), xray_cause }
    }
}

/// `errorType` of an error document, else what the header says. Empty ones say nothing.
pub(crate) fn error_type(body: &[u8], header: Option<&str>) -> String {
    #[derive(serde::Deserialize)]
    struct Document {
        #[serde(rename = "errorType")]
        error_type: Option<String>,
    }
    let document = serde_json::from_slice::<Document>(body).ok().and_then(|it| it.error_type);
    let named = [document.as_deref(), header].into_iter().flatten().find(|it| !it.is_empty());
    named.unwrap_or("Runtime.Unknown").to_owned()
}

/// The type that the service takes note of.
///
/// Runtime interface emulator, `fatalerror`: whatever contains `(Runtime|Function)\.[A-Z][a-zA-Z]+` is kept as it is, the
/// rest becomes one of two unknown types.
fn fatal_type(header: &str) -> String {
    let is_name = |rest: &str| {
        let mut chars = rest.chars();
        chars.next().is_some_and(|it| it.is_ascii_uppercase())
            && chars.next().is_some_and(|it| it.is_ascii_alphabetic())
    };
    let contains =
        |prefix: &str| header.match_indices(prefix).any(|(at, _)| is_name(&header[at + prefix.len()..]));
    if contains("Runtime.") || contains("Function.") {
        header.to_owned()
    } else if header.starts_with("Function.") {
        "Function.Unknown".to_owned()
    } else {
        "Runtime.Unknown".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_that_the_service_knows_are_kept() {
        for (header, expected) in [
            ("Runtime.ExitError", "Runtime.ExitError"),
            ("Function.MyError", "Function.MyError"),
            // The expression is not anchored.
            ("my Runtime.Aa!", "my Runtime.Aa!"),
            ("Runtime.A", "Runtime.Unknown"),
            ("Runtime.lower", "Runtime.Unknown"),
            ("Function.lower", "Function.Unknown"),
            ("Function<RuntimeError>", "Runtime.Unknown"),
            ("ValueError", "Runtime.Unknown"),
            ("", "Runtime.Unknown"),
        ] {
            assert_eq!(fatal_type(header), expected, "{header}");
        }
    }

    #[test]
    fn the_document_names_its_type_before_the_header_does() {
        let read = |body: &'static str, header: Option<&[u8]>| {
            ErrorReport::read(Bytes::from_static(body.as_bytes()), "application/json", header, None)
                .error_type
        };
        assert_eq!(read("{\"errorType\":\"KeyError\"}", Some(b"Function.X")), "KeyError");
        assert_eq!(read("{}", Some(b"Function.X")), "Function.X");
        assert_eq!(read("no json", None), "Runtime.Unknown");
        assert_eq!(read("{\"errorType\":\"\"}", Some(b"Function.X")), "Function.X");
        assert_eq!(read("{}", Some(b"")), "Runtime.Unknown");
    }

    #[test]
    fn a_cause_inside_the_document_is_taken_out() {
        let body = "{\"errorMessage\":\"m\",\"errorType\":\"T\",\"stackTrace\":[\"a\"],\"errorCause\":{\"message\":\"c\"},\"more\":1}";
        let report = ErrorReport::read(Bytes::from_static(body.as_bytes()), WITH_CAUSE, None, None);
        assert_eq!(report.body, "{\"errorMessage\":\"m\",\"errorType\":\"T\",\"stackTrace\":[\"a\"]}");
        assert_eq!(report.content_type, "application/json");
        assert!(report.xray_cause.is_some());
        let report = ErrorReport::read(Bytes::from_static(b"{"), WITH_CAUSE, None, None);
        assert_eq!(
            (&report.body[..], report.content_type.as_str()),
            (&b"\"Invalid error body\""[..], "application/octet-stream")
        );
    }
}

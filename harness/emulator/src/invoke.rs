//! What travels to the function with an event, and what the service refuses before the function sees it. Pure.

use bytes::Bytes;

use crate::outcome::InvalidRequest;
use crate::routes::MAX_PAYLOAD;

/// AWS "Invoke": `X-Amz-Client-Context` holds up to 3,583 bytes of base64.
const MAX_CLIENT_CONTEXT: usize = 3583 / 4 * 3;

/// One event on its way to the function, as the Invoke API takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invoke {
    /// The event, a JSON document.
    pub event: Bytes,
    /// JSON of the client's context (mobile SDKs): `X-Amz-Client-Context`, decoded.
    pub client_context: Option<String>,
    /// JSON of the caller's Cognito identity: `cognitoIdentityId` and `cognitoIdentityPoolId`.
    pub cognito_identity: Option<String>,
    /// `X-Amz-Tenant-Id` of a function with tenant isolation.
    pub tenant_id: Option<String>,
    /// `X-Amzn-Trace-Id`. `None`: one that is not sampled, since the service always has one.
    pub trace_id: Option<String>,
}

impl From<Bytes> for Invoke {
    fn from(event: Bytes) -> Invoke {
        Invoke { event, ..Invoke::default() }
    }
}

impl Invoke {
    /// What the Invoke API checks before it hands an event to a function.
    ///
    /// # Errors
    ///
    /// Says as which error the service would refuse it; the function never hears of it.
    pub fn check(&self) -> Result<(), InvalidRequest> {
        if self.event.len() > MAX_PAYLOAD {
            return Err(InvalidRequest::TooLarge { size: self.event.len() });
        }
        json(&self.event).map_err(|reason| InvalidRequest::NotJson { reason })?;
        for (name, text) in
            [("client context", &self.client_context), ("Cognito identity", &self.cognito_identity)]
        {
            let Some(text) = text else { continue };
            json(text.as_bytes())
                .map_err(|reason| InvalidRequest::Context { name, reason: format!("not JSON: {reason}") })?;
            header(name, text)?;
        }
        if self.client_context.as_ref().is_some_and(|it| it.len() > MAX_CLIENT_CONTEXT) {
            let reason = format!("longer than {MAX_CLIENT_CONTEXT} bytes");
            return Err(InvalidRequest::Context { name: "client context", reason });
        }
        for (name, text) in [("tenant id", &self.tenant_id), ("trace id", &self.trace_id)] {
            if let Some(text) = text {
                header(name, text)?;
            }
        }
        Ok(())
    }
}

/// Whether `text` is one JSON document in UTF-8, however deep and whatever its numbers and escapes say.
///
/// Numbers out of range, halves of surrogate pairs and repeated keys pass, as they do at AWS: they are the runtime's affair.
fn json(text: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(text).map_err(|error| format!("not UTF-8: {error}"))?;
    // Reads without building anything and without recursion, so no depth is too much for it.
    serde_json::from_str::<serde::de::IgnoredAny>(text).map(drop).map_err(|error| error.to_string())
}

/// What travels in a header cannot hold line breaks and other control characters.
fn header(name: &'static str, text: &str) -> Result<(), InvalidRequest> {
    match text.chars().find(|it| it.is_ascii_control() && *it != '\t') {
        None => Ok(()),
        Some(found) => {
            let reason = format!("{found:?} cannot travel in a header");
            Err(InvalidRequest::Context { name, reason })
        }
    }
}

#[cfg(test)]
mod tests;

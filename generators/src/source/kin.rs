//! Sources that few handlers can tell apart: who reads events of one reads those of the other as well.

use super::EventSource;

impl EventSource {
    /// The source of which nearly every handler takes this one's events for. `None` for a source with a shape of its own.
    ///
    /// The [`keys`](EventSource::keys) of such a source are only those that tell it from its kin, so kin neither add to what
    /// a common name is shared with nor need to be tried where no such name is read.
    pub const fn reads_like(self) -> Option<EventSource> {
        match self {
            EventSource::FunctionUrl
            | EventSource::AuthorizerHttp
            | EventSource::VpcLattice
            | EventSource::VpcLatticeV2 => Some(EventSource::ApiGatewayHttp),
            EventSource::Alb
            | EventSource::AlbMulti
            | EventSource::WebSocket
            | EventSource::AuthorizerRequest => Some(EventSource::ApiGatewayRest),
            _ => None,
        }
    }

    /// Whether its events are made of HTTP requests.
    pub const fn is_http(self) -> bool {
        matches!(self, EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp)
            || self.reads_like().is_some()
    }

    /// Whether the function is asked whether a request may pass, and not for the answer to it.
    pub const fn is_authorizer(self) -> bool {
        matches!(
            self,
            EventSource::AuthorizerToken | EventSource::AuthorizerRequest | EventSource::AuthorizerHttp
        )
    }
}

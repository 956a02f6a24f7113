//! Where each source puts the parts of a request in its event, and how much of them it takes.
//!
//! A path here is what a reader of the event follows: `»percent` where the source leaves decoding to the function.

use super::{Act, HttpRequest, elb, v1, v2, websocket};
use crate::{
    point::{Charset, Locator},
    source::EventSource,
    tree::escape,
};

/// How many bytes a source takes.
pub(super) struct Limits {
    /// Request line and headers.
    pub(super) head: usize,
    /// Path and query.
    pub(super) url: usize,
    pub(super) body: usize,
}

pub(super) fn limits(source: EventSource) -> Limits {
    match source {
        // Elastic Load Balancing, "Lambda functions as targets": a body of 1 MB. "HTTP header limits": 16 K for the request
        // line and 16 K for one header; 64 K for all are not made use of.
        EventSource::Alb | EventSource::AlbMulti => {
            Limits { head: 16 * 1_024, url: 16 * 1_000, body: 1_024 * 1_024 }
        }
        // Amazon API Gateway developer guide, WebSocket quotas: a message of 128 KB, in frames of 32 KB.
        EventSource::WebSocket => Limits { head: 10_240, url: 8_192, body: 128 * 1_024 },
        // The same guide: request line and headers 10,240 bytes in all; a REST API's edge endpoint takes a URL of 8,192
        // characters. What function URLs and VPC Lattice take is not documented: no more. The body: Lambda's 6 MB for the
        // event, a third more as base64, and escapes.
        _ => Limits { head: 10_240, url: 8_192, body: 4 * 1_024 * 1_024 },
    }
}

/// Whether the parts of this kind of a request get into the event.
pub(super) fn carries(request: &HttpRequest, source: EventSource, at: &Locator) -> bool {
    let act = match (source, request.act) {
        (EventSource::WebSocket, Act::Request) => Act::Connect,
        (_, act) => act,
    };
    let body = matches!(at, Locator::Body { .. } | Locator::BodyName { .. });
    let path = matches!(at.value(), Locator::Path | Locator::PathParameter { .. });
    let authorizer = matches!(at, Locator::Authorizer { .. });
    if authorizer && !shows_authorizer(source) {
        return false;
    }
    match act {
        Act::Request => !(body && source.is_authorizer()),
        Act::Connect => !body && !path,
        Act::Message => body || authorizer,
        // They come from AWS; only what an authorizer knew stays with a connection.
        Act::HealthCheck | Act::Disconnect => authorizer,
    }
}

/// Whether an authorizer hands something on that is a user's own. IAM's names are its own.
fn shows_authorizer(source: EventSource) -> bool {
    matches!(source, EventSource::ApiGatewayRest | EventSource::ApiGatewayHttp | EventSource::WebSocket)
}

/// Whether the API routes, and so shows the parts of the path.
pub(super) fn is_routed(source: EventSource) -> bool {
    matches!(
        source,
        EventSource::ApiGatewayRest
            | EventSource::ApiGatewayHttp
            | EventSource::AuthorizerRequest
            | EventSource::AuthorizerHttp
    )
}

/// A query value: the `nth` of `count` of that name. `None` if it does not arrive.
pub(super) fn query(source: EventSource, name: &str, nth: usize, count: usize) -> Option<String> {
    let decoded = escape(name);
    let encoded = escape(&elb::encode_query(name));
    let is_last = nth + 1 == count;
    Some(match source {
        EventSource::ApiGatewayHttp | EventSource::FunctionUrl | EventSource::AuthorizerHttp => {
            format!("/queryStringParameters/{decoded}")
        }
        EventSource::Alb if is_last => format!("/queryStringParameters/{encoded}»percent"),
        EventSource::VpcLattice if is_last => format!("/query_string_parameters/{encoded}»percent"),
        EventSource::Alb | EventSource::VpcLattice => return None,
        EventSource::AlbMulti => format!("/multiValueQueryStringParameters/{encoded}/{nth}»percent"),
        EventSource::VpcLatticeV2 => format!("/queryStringParameters/{encoded}/{nth}»percent"),
        _ if count == 1 => format!("/queryStringParameters/{decoded}"),
        _ => format!("/multiValueQueryStringParameters/{decoded}/{nth}"),
    })
}

/// The map of the query, and which names survive in it.
pub(super) fn query_name(source: EventSource) -> (&'static str, Charset) {
    match source {
        EventSource::Alb | EventSource::VpcLatticeV2 => ("/queryStringParameters", Charset::QueryAsIs),
        EventSource::AlbMulti => ("/multiValueQueryStringParameters", Charset::QueryAsIs),
        EventSource::VpcLattice => ("/query_string_parameters", Charset::QueryAsIs),
        _ => ("/queryStringParameters", Charset::Path),
    }
}

/// A path parameter; a part of the whole path where there are none.
pub(super) fn path_parameter(source: EventSource, name: &str) -> String {
    match source {
        EventSource::ApiGatewayHttp | EventSource::AuthorizerHttp => {
            format!("/pathParameters/{}", escape(name))
        }
        _ if is_routed(source) => format!("/pathParameters/{}»percent", escape(name)),
        _ => path(source).to_owned(),
    }
}

/// The whole path.
pub(super) fn path(source: EventSource) -> &'static str {
    match source {
        EventSource::ApiGatewayHttp | EventSource::AuthorizerHttp => "/rawPath",
        EventSource::FunctionUrl => "/rawPath»percent",
        EventSource::VpcLattice => "/raw_path»percent",
        _ => "/path»percent",
    }
}

/// A header value: the `nth` of `count` of the name as it is spelled there. `None` if it does not arrive.
pub(super) fn header(source: EventSource, name: &str, nth: usize, count: usize) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    Some(match source {
        EventSource::Alb if nth + 1 == count => format!("/headers/{}", escape(&lower)),
        EventSource::Alb => return None,
        EventSource::AlbMulti => format!("/multiValueHeaders/{}/{nth}", escape(&lower)),
        EventSource::VpcLatticeV2 => format!("/headers/{}/{nth}", escape(&lower)),
        EventSource::ApiGatewayHttp
        | EventSource::FunctionUrl
        | EventSource::AuthorizerHttp
        | EventSource::VpcLattice => format!("/headers/{}", escape(&lower)),
        EventSource::WebSocket if websocket::is_dropped(&lower) => return None,
        _ if v1::DROPPED.contains(&&*lower) => return None,
        _ if count == 1 => format!("/headers/{}", escape(&v1::header_name(name))),
        _ => format!("/multiValueHeaders/{}/{nth}", escape(&v1::header_name(name))),
    })
}

/// Whether the values of one query parameter are joined.
pub(super) fn joins_query(source: EventSource) -> bool {
    matches!(source, EventSource::ApiGatewayHttp | EventSource::FunctionUrl | EventSource::AuthorizerHttp)
}

/// Whether the values of one header are joined.
pub(super) fn joins_headers(source: EventSource) -> bool {
    joins_query(source) || source == EventSource::VpcLattice
}

/// Whether header names are compared without case when the event is made of them.
pub(super) fn lowers_headers(source: EventSource) -> bool {
    !matches!(source, EventSource::ApiGatewayRest | EventSource::AuthorizerRequest | EventSource::WebSocket)
}

/// The map of the headers.
pub(super) fn header_name(source: EventSource) -> &'static str {
    if source == EventSource::AlbMulti { "/multiValueHeaders" } else { "/headers" }
}

/// The cookie with this name and place among the cookies.
pub(super) fn cookie(source: EventSource, name: &str, index: usize) -> String {
    let header = match source {
        EventSource::ApiGatewayHttp | EventSource::FunctionUrl | EventSource::AuthorizerHttp => {
            format!("/cookies/{index}")
        }
        EventSource::AlbMulti => "/multiValueHeaders/cookie/0".to_owned(),
        EventSource::VpcLatticeV2 => "/headers/cookie/0".to_owned(),
        _ => "/headers/cookie".to_owned(),
    };
    format!("{header}»cookie»/{}", escape(name))
}

/// Whether the body arrives as base64.
pub(super) fn is_encoded(request: &HttpRequest, source: EventSource) -> bool {
    match source {
        EventSource::ApiGatewayHttp | EventSource::FunctionUrl | EventSource::AuthorizerHttp => {
            !v2::is_text(request)
        }
        EventSource::Alb | EventSource::AlbMulti | EventSource::VpcLattice | EventSource::VpcLatticeV2 => {
            !elb::is_text(request)
        }
        EventSource::WebSocket => false,
        _ => v1::is_binary(request),
    }
}

/// Whether this source can deliver such a thing, apart from sizes and characters.
pub(super) fn delivers(request: &HttpRequest, source: EventSource) -> bool {
    let bare = request.query.is_empty() && request.cookies.is_empty() && request.body.is_none();
    let fits = match request.act {
        Act::Request => source != EventSource::WebSocket,
        Act::HealthCheck => {
            matches!(source, EventSource::Alb | EventSource::AlbMulti)
                && request.headers == HttpRequest::health_check("/").headers
                && bare
        }
        Act::Connect => {
            matches!(source, EventSource::WebSocket | EventSource::AuthorizerRequest)
                && request.body.is_none()
        }
        Act::Message => {
            let empty = request.query.is_empty() && request.cookies.is_empty() && request.headers.is_empty();
            source == EventSource::WebSocket && request.sent_body().is_some() && empty
        }
        Act::Disconnect => source == EventSource::WebSocket && bare && request.headers.is_empty(),
    };
    // The load balancer's page: upgrades are refused.
    let upgrades = request.sent_header("upgrade").is_some()
        && matches!(source, EventSource::Alb | EventSource::AlbMulti);
    // Who lacks what an authorizer asks for is refused without asking it.
    let sources = &request.api.identity_source;
    let identified = sources.iter().all(|name| request.sent_header(name).is_some_and(|it| !it.is_empty()));
    let asked = !source.is_authorizer() || request.body.is_none() && identified;
    fits && asked && !upgrades
}

//! What sends a request: `curl`, and `wscat` for a WebSocket.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::quote;
use crate::{
    source::EventSource,
    wire::http::{Act, HttpRequest, target, texts},
};

/// Shell commands, one a line, that make `source` deliver what `request` is.
pub(super) fn command(source: EventSource, request: &HttpRequest) -> String {
    let url = match source {
        EventSource::FunctionUrl => "\"${FUNCTION_URL%/}\"",
        EventSource::Alb | EventSource::AlbMulti => "\"$ALB_URL\"",
        EventSource::VpcLattice | EventSource::VpcLatticeV2 => "\"$LATTICE_URL\"",
        _ => "\"$API_URL\"",
    };
    let note = match (source, &request.api.authorizer) {
        (EventSource::FunctionUrl | EventSource::VpcLatticeV2, Some(_)) => {
            "# signed by the user whom requestContext shows: --aws-sigv4, --user\n"
        }
        (_, Some(_)) => "# as a user whose token or authorizer yields requestContext.authorizer\n",
        (_, None) => "",
    };
    let sent = match request.act {
        Act::Request => curl(source, request, url),
        Act::HealthCheck => {
            format!(
                "# the load balancer sends it itself, to {}, once health checks are enabled",
                request.path
            )
        }
        Act::Connect => wscat(source, request),
        Act::Message => {
            // NUL, which no shell word can hold, is left out.
            let body = request.body.as_ref().map(|it| it.to_text()).unwrap_or_default();
            format!("{} -x {}", wscat(source, request), quote(&body))
        }
        Act::Disconnect => format!("# the event of closing it:\n{}", wscat(source, request)),
    };
    format!("{note}{sent}")
}

fn curl(source: EventSource, request: &HttpRequest, url: &str) -> String {
    let mut words = vec!["curl --globoff --path-as-is -sS".to_owned()];
    match request.method.as_str() {
        "GET" if request.body.is_none() => {}
        "HEAD" => words.push("--head".to_owned()),
        method => words.push(format!("-X {method}")),
    }
    words.extend(headers(request));
    let mut pipe = String::new();
    if let Some(body) = &request.body {
        if request.header("content-type").is_none() {
            // Else curl says that it is a form.
            words.push("-H 'Content-Type:'".to_owned());
        }
        let bytes = body.to_bytes();
        match String::from_utf8(bytes) {
            // A leading `@` would name a file.
            Ok(text) if !text.contains('\0') && !text.starts_with('@') => {
                words.push(format!("--data-binary {}", quote(&text)));
            }
            Ok(text) => pipe = piped(text.as_bytes(), &mut words),
            Err(error) => pipe = piped(error.as_bytes(), &mut words),
        }
    }
    words.push(format!("{url}{}", quote(&target(source, request))));
    format!("{pipe}{}", words.join(" "))
}

fn wscat(source: EventSource, request: &HttpRequest) -> String {
    let mut words = vec!["wscat".to_owned()];
    words.extend(headers(request));
    let target = target(if source.is_authorizer() { EventSource::WebSocket } else { source }, request);
    let target = if target.is_empty() { String::new() } else { quote(&target) };
    words.push(format!("-c \"$WEBSOCKET_URL\"{target}"));
    words.join(" ")
}

fn headers(request: &HttpRequest) -> Vec<String> {
    let mut words = Vec::new();
    for (name, value) in texts(&request.headers) {
        // `name:` would remove a header of curl's own; `name;` sends an empty one.
        let header = match value.is_empty() {
            true => format!("{name};"),
            false => format!("{name}: {value}"),
        };
        words.push(format!("-H {}", quote(&header)));
    }
    if let Some(cookies) = request.cookie_header() {
        words.push(format!("-H {}", quote(&format!("Cookie: {cookies}"))));
    }
    words
}

fn piped(bytes: &[u8], words: &mut Vec<String>) -> String {
    words.push("--data-binary @-".to_owned());
    format!("printf %s {} | base64 -d | ", BASE64_STANDARD.encode(bytes))
}

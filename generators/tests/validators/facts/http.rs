//! What holds for the request in events of both kinds of API.

use serde_json::{Map, Value};

use super::{Facts, common_log_time, text};

/// Amazon API Gateway developer guide: `ANY` stands for these.
const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
/// The same guide, quotas: request line and headers.
const MAX_HEAD_BYTES: usize = 10_240;

pub(super) fn method(value: &Value, facts: &mut Facts) {
    facts.hold(METHODS.contains(&text(value)), &format!("{value} is no method"));
}

/// RFC 9110: a name is a token; a value has no CR, LF or NUL, and no blanks at its ends.
pub(super) fn header(name: &str, value: &str, facts: &mut Facts) {
    let token = |it: char| it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it);
    facts.hold(!name.is_empty() && name.chars().all(token), &format!("{name:?} is no header name"));
    let visible = |it: char| it == '\t' || (it >= ' ' && it != '\x7f');
    let fits = value.chars().all(visible) && value.trim_matches([' ', '\t']) == value;
    facts.hold(fits, &format!("{name} cannot have the value {value:?}"));
}

/// How much a header takes of what a client may send: AWS's own take nothing.
pub(super) fn sent(name: &str, value: &str) -> usize {
    let own =
        ["x-amzn-trace-id", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "content-length"];
    if own.iter().any(|it| name.eq_ignore_ascii_case(it)) { 0 } else { name.len() + value.len() }
}

/// A path as it is in a URL.
pub(super) fn encoded_path(path: &str, facts: &mut Facts) {
    facts.hold(path.starts_with('/') && is_url_path(path), &format!("{path} is no path of a URL"));
    facts.hold(decode_percent(path).is_some_and(|it| !it.contains('\0')), &format!("{path} is not encoded"));
}

/// Pairs of a query as they are in a URL; their size.
pub(super) fn encoded_query(pairs: &[(String, String)], facts: &mut Facts) -> usize {
    let mut size = 0;
    for (text, is_name) in pairs.iter().flat_map(|(name, value)| [(name, true), (value, false)]) {
        let plain = |it: char| it.is_ascii_alphanumeric() || "-._~!$'()*+,:@/?%".contains(it);
        facts.hold(text.chars().all(plain), &format!("{text} is not as in the query of a URL"));
        let decoded = decode_percent(text);
        // Nobody on the way looks whether a `%` of the client's begins an encoded byte.
        let is_encoded = decoded.map_or(!is_name, |it| !it.contains('\0'));
        facts.hold(is_encoded, &format!("{text} is not encoded"));
        size += text.len() + 1;
    }
    size
}

/// Headers whose names have lost their case.
pub(super) fn lower_case(headers: &[(String, String)], facts: &mut Facts) {
    for (name, value) in headers {
        header(name, value, facts);
        facts.hold(*name == name.to_ascii_lowercase(), &format!("header {name} is not in lower case"));
    }
}

/// Request line and headers within the quota. `headers`: all that was [`sent`].
pub(super) fn sizes(headers: usize, path: &str, query: usize, facts: &mut Facts) {
    let head = headers + path.len() + query;
    facts.hold(head <= MAX_HEAD_BYTES, &format!("the head of the request has {head} bytes"));
}

/// A time twice: as text and as a number.
pub(super) fn times(text: &Value, epoch: &Value, facts: &mut Facts) {
    let should = epoch.as_u64().map(common_log_time);
    facts.equal("the time of the request", text, should);
}

/// The last address in `X-Forwarded-For` is the one that AWS saw.
pub(super) fn forwarded(header: &Value, address: &Value, facts: &mut Facts) {
    facts.address(address);
    let last = text(header).rsplit(", ").next().unwrap_or_default();
    facts.hold(last == text(address), &format!("X-Forwarded-For {header} does not end in {address}"));
}

/// The domain, its first label and the `Host` header agree.
pub(super) fn domain(context: &Value, host: &Value, facts: &mut Facts) {
    facts.equal("Host", host, context["domainName"].clone());
    let prefix = text(&context["domainName"]).split('.').next().unwrap_or_default();
    facts.equal("domainPrefix", &context["domainPrefix"], prefix);
}

/// `parameters` put into `route` make `path`, but for a slash at the end.
pub(super) fn route(route: &str, parameters: &Map<String, Value>, path: &str, facts: &mut Facts) {
    let mut used = 0;
    let segments: Vec<String> = route
        .split('/')
        .map(|segment| {
            let Some(name) = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
                return segment.to_owned();
            };
            let (greedy, name) = (name.ends_with('+'), name.trim_end_matches('+'));
            let value = parameters.get(name).map(text).unwrap_or_default();
            facts.hold(!value.is_empty(), &format!("{route} has no parameter {name}"));
            facts.hold(greedy || !value.contains('/'), &format!("{name} of {route} holds a slash: {value}"));
            used += 1;
            value.to_owned()
        })
        .collect();
    facts.hold(used == parameters.len(), &format!("{route} has other parameters than {parameters:?}"));
    let filled = segments.join("/");
    let slashless = path.strip_suffix('/').unwrap_or(path);
    let fits = filled == path || filled == slashless || filled.strip_suffix('/') == Some(slashless);
    facts.hold(fits, &format!("{route} with its parameters is {filled} and the path is {path}"));
}

/// Undoes percent-encoding. `None`: a `%` without two hex digits, or no UTF-8.
pub(crate) fn decode_percent(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let digits = tail.get(..2).filter(|it| it.iter().all(u8::is_ascii_hexdigit))?;
        bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

/// The pairs of `application/x-www-form-urlencoded`. `None` as for [`decode_percent`].
pub(crate) fn decode_form(text: &str) -> Option<Vec<(String, String)>> {
    let decode = |part: &str| decode_percent(&part.replace('+', " "));
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}

/// Only what may stand in a URL as it is: RFC 3986 pchar, `/` and `%`.
pub(super) fn is_url_path(text: &str) -> bool {
    let plain = |it: char| it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/%".contains(it);
    text.chars().all(plain)
}

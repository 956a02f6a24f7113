//! `multipart/form-data` (RFC 7578).
//!
//! The content is an object: `boundary`, and for each part a member with the field's name. A plain field is its text. What has
//! more headers than a name is an object with `filename`, if there is one, `headers` (lines as they are written, without the
//! names) and `content`.

use crate::tree::Node;

pub(crate) const BOUNDARY: &str = "boundary";
pub(crate) const FILE_NAME: &str = "filename";
pub(crate) const HEADERS: &str = "headers";
pub(crate) const CONTENT: &str = "content";

pub(super) fn write(content: &Node) -> Vec<u8> {
    let Node::Object(members) = content else { return content.to_bytes() };
    let boundary = members.iter().find(|(name, _)| name == BOUNDARY).map(|(_, it)| it.to_text());
    let boundary = boundary.unwrap_or_else(|| "evfuzz".to_owned());
    let mut bytes = Vec::new();
    // The first member of that name is the boundary; a field can have the same name.
    let mut is_first = true;
    for (name, part) in members {
        if name == BOUNDARY && std::mem::take(&mut is_first) {
            continue;
        }
        let (headers, content) = halves(part);
        bytes
            .extend_from_slice(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"").as_bytes());
        bytes.extend_from_slice(escaped(name).as_bytes());
        bytes.extend_from_slice(format!("\"{headers}\r\n\r\n").as_bytes());
        bytes.extend_from_slice(&content);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    bytes
}

/// The headers behind the name, and the bytes of a part.
fn halves(part: &Node) -> (String, Vec<u8>) {
    let Node::Object(members) = part else { return (String::new(), part.to_bytes()) };
    let member = |wanted: &str| members.iter().find(|(name, _)| name == wanted).map(|(_, it)| it);
    let file = member(FILE_NAME).map(|it| format!("{FILE_NAME_IS}{}\"", escaped(&it.to_text())));
    let headers = member(HEADERS).map(Node::to_text).unwrap_or_default();
    (file.unwrap_or_default() + &headers, member(CONTENT).map(Node::to_bytes).unwrap_or_default())
}

/// Before the name of a file.
const FILE_NAME_IS: &str = "; filename=\"";

/// HTML, "multipart form data": how browsers write names.
fn escaped(name: &str) -> String {
    name.replace('\n', "%0A").replace('\r', "%0D").replace('"', "%22")
}

fn unescaped(name: &str) -> String {
    name.replace("%0A", "\n").replace("%0D", "\r").replace("%22", "\"")
}

pub(super) fn read(bytes: &[u8]) -> Option<Node> {
    let end = find(bytes, b"\r\n")?;
    let boundary = std::str::from_utf8(&bytes[..end]).ok()?.strip_prefix("--")?;
    let delimiter = format!("\r\n--{boundary}");
    let mut members = vec![(BOUNDARY.to_owned(), Node::text(boundary))];
    let mut rest = &bytes[end..];
    loop {
        let part = rest.strip_prefix(b"\r\n")?;
        let length = find(part, delimiter.as_bytes())?;
        members.push(read_part(&part[..length])?);
        rest = &part[length + delimiter.len()..];
        if rest == b"--\r\n" {
            return Some(Node::Object(members));
        }
    }
}

fn read_part(part: &[u8]) -> Option<(String, Node)> {
    let head_end = find(part, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&part[..head_end]).ok()?;
    let head = head.strip_prefix("Content-Disposition: form-data; name=\"")?;
    let (name, headers) = head.split_once('"')?;
    let content = super::plain(part[head_end + 4..].to_vec());
    // What is not escaped as we do stays in the headers.
    let file = headers.strip_prefix(FILE_NAME_IS).and_then(|it| it.split_once('"'));
    let file = file.map(|(file, rest)| (unescaped(file), file, rest));
    let file = file.filter(|(name, written, _)| escaped(name) == **written);
    let part = match (file, headers) {
        (None, "") => content,
        (file, headers) => {
            let mut members = Vec::new();
            let mut headers = headers;
            if let Some((name, _, rest)) = file {
                members.push((FILE_NAME.to_owned(), Node::text(&name)));
                headers = rest;
            }
            members.push((HEADERS.to_owned(), Node::text(headers)));
            members.push((CONTENT.to_owned(), content));
            Node::Object(members)
        }
    };
    Some((unescaped(name), part))
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|it| it == part)
}

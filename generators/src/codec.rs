//! Formats that a text can hold, and how they are told from its looks. One file per format.
//!
//! What is decoded is encoded again to the same bytes: a text whose writer did something else is left closed. Only JSON is
//! written without the blanks between its tokens, and gzip with our own compression, which no reader sees.

mod cookie;
mod form;
pub(crate) mod json;
mod jwt;
pub(crate) mod mailbox;
mod multipart;
pub(crate) mod signed_bytes;
mod simple;
mod xml;

use serde::{Deserialize, Serialize};

use crate::tree::Node;

/// A format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codec {
    /// RFC 8259, and what is none but can be sent as if it were.
    Json,
    /// RFC 4648, with padding.
    Base64,
    /// RFC 4648, section 5, without padding.
    Base64Url,
    /// RFC 3986: every byte but unreserved characters as `%XX`.
    Percent,
    /// `application/x-www-form-urlencoded`: an object of texts.
    Form,
    /// `multipart/form-data` (RFC 7578): an object of parts. See `multipart` for their members.
    Multipart,
    /// RFC 1952.
    Gzip,
    /// An XML document: an object. See `xml` for its members.
    Xml,
    /// A JSON web token (RFC 7519): `header`, `claims` and `signature`.
    Jwt,
    /// The value of a `Cookie` header: an object of texts.
    Cookie,
    /// The path of a URL behind its first slash; encoded is only what RFC 3986 wants encoded there.
    UrlPath,
    /// An address in a mail header: an object. See `mailbox` for its members.
    Mailbox,
    /// A JSON array of signed numbers, one for each byte. The one format that is not written as a text.
    SignedBytes,
}

/// How deep texts in texts are opened. AWS's own envelopes have four layers.
const MOST_LAYERS: usize = 8;

impl Codec {
    /// All of them.
    pub const ALL: [Codec; 13] = [
        Codec::Json,
        Codec::Base64,
        Codec::Base64Url,
        Codec::Percent,
        Codec::Form,
        Codec::Multipart,
        Codec::Gzip,
        Codec::Xml,
        Codec::Jwt,
        Codec::Cookie,
        Codec::UrlPath,
        Codec::Mailbox,
        Codec::SignedBytes,
    ];

    /// Stable name, as in paths: `json`.
    pub fn id(self) -> &'static str {
        match self {
            Codec::Json => "json",
            Codec::Base64 => "base64",
            Codec::Base64Url => "base64url",
            Codec::Percent => "percent",
            Codec::Form => "form",
            Codec::Multipart => "multipart",
            Codec::Gzip => "gzip",
            Codec::Xml => "xml",
            Codec::Jwt => "jwt",
            Codec::Cookie => "cookie",
            Codec::UrlPath => "url-path",
            Codec::Mailbox => "mailbox",
            Codec::SignedBytes => "signed-bytes",
        }
    }

    /// The codec of that name.
    pub fn from_id(id: &str) -> Option<Codec> {
        Codec::ALL.into_iter().find(|codec| codec.id() == id)
    }

    /// The bytes of a text with this content.
    ///
    /// Total: a content that the format cannot hold is written as near to it as possible.
    pub fn encode(self, content: &Node) -> Vec<u8> {
        match self {
            Codec::Json => json::write(content).into_bytes(),
            Codec::Base64 => simple::base64(&content.to_bytes()),
            Codec::Base64Url => simple::base64_url(&content.to_bytes()),
            Codec::Percent => simple::percent(&content.to_bytes()),
            Codec::Gzip => simple::gzip(&content.to_bytes()),
            Codec::Form => form::write(content),
            Codec::Multipart => multipart::write(content),
            Codec::Xml => xml::write(content).into_bytes(),
            Codec::Jwt => jwt::write(content).into_bytes(),
            Codec::Cookie => cookie::write(content).into_bytes(),
            Codec::UrlPath => simple::url_path(&content.to_bytes()),
            Codec::Mailbox => mailbox::write(content).into_bytes(),
            Codec::SignedBytes => signed_bytes::write(&content.to_bytes()),
        }
    }

    /// How many times longer than the content its text in the JSON of an event is at most.
    pub(crate) fn most_growth(self) -> usize {
        match self {
            // Escapes its quotes and backslashes once more.
            Codec::Json
            | Codec::Base64
            | Codec::Base64Url
            | Codec::Jwt
            | Codec::Cookie
            | Codec::Mailbox
            | Codec::SignedBytes => 2,
            Codec::Percent | Codec::Form | Codec::UrlPath => 3,
            // A name is written twice.
            Codec::Xml => 4,
            // The head of a part; bytes that are no UTF-8.
            Codec::Multipart | Codec::Gzip => 32,
        }
    }

    /// The content of a text, its own texts closed. `None` if it is not of this format.
    pub fn decode(self, bytes: &[u8]) -> Option<Node> {
        let text = || std::str::from_utf8(bytes).ok();
        match self {
            Codec::Json => json::read(text()?),
            Codec::Base64 => simple::from_base64(bytes).map(plain),
            Codec::Base64Url => simple::from_base64_url(bytes).map(plain),
            Codec::Percent => simple::from_percent(bytes).map(plain),
            Codec::Gzip => simple::from_gzip(bytes).map(plain),
            Codec::Form => form::read(bytes),
            Codec::Multipart => multipart::read(bytes),
            Codec::Xml => xml::read(text()?),
            Codec::Jwt => jwt::read(text()?),
            Codec::Cookie => cookie::read(text()?),
            Codec::UrlPath => simple::from_url_path(bytes).map(plain),
            Codec::Mailbox => mailbox::read(text()?),
            Codec::SignedBytes => signed_bytes::read(text()?).map(plain),
        }
    }
}

/// Bytes as a text, if they are one.
fn plain(bytes: Vec<u8>) -> Node {
    String::from_utf8(bytes).map_or_else(|error| Node::Bytes(error.into_bytes()), Node::Text)
}

/// See [`Node::guess`].
pub(crate) fn guess(bytes: Vec<u8>, media_type: Option<&str>) -> Node {
    let media_type =
        media_type.map(|it| it.split(';').next().unwrap_or_default().trim().to_ascii_lowercase());
    let told = match media_type.as_deref() {
        Some("application/x-www-form-urlencoded") => Some(Codec::Form),
        Some("multipart/form-data") => Some(Codec::Multipart),
        _ => None,
    };
    opened(plain(bytes), told, MOST_LAYERS)
}

/// A text, opened as far as its looks tell.
pub(crate) fn open(text: String) -> Node {
    opened(Node::Text(text), None, MOST_LAYERS)
}

/// Opens `node`, a text or bytes, and what is in it, `layers` deep.
fn opened(node: Node, told: Option<Codec>, layers: usize) -> Node {
    if layers == 0 {
        return node;
    }
    let bytes = match &node {
        Node::Text(text) => text.as_bytes(),
        Node::Bytes(bytes) => bytes,
        _ => return node,
    };
    for codec in told.into_iter().chain(looks_like(bytes)) {
        let Some(content) = codec.decode(bytes) else { continue };
        // What is written differently again would change by being read.
        if !matches!(codec, Codec::Json | Codec::Gzip) && codec.encode(&content) != bytes {
            continue;
        }
        let content = within(content, layers - 1);
        // Of an encoding that nearly every text could be, the content decides.
        let proven = !matches!(codec, Codec::Base64 | Codec::Base64Url | Codec::Percent)
            || matches!(content, Node::Opened(..));
        if proven {
            return content.inside(codec);
        }
    }
    node
}

/// Opens the texts in `content`.
fn within(content: Node, layers: usize) -> Node {
    match content {
        Node::Text(_) | Node::Bytes(_) => opened(content, None, layers),
        Node::Array(elements) => Node::Array(elements.into_iter().map(|it| within(it, layers)).collect()),
        Node::Object(members) => {
            Node::Object(members.into_iter().map(|(name, it)| (name, within(it, layers))).collect())
        }
        other => other,
    }
}

/// What `bytes` could be, the most telling first.
fn looks_like(bytes: &[u8]) -> Vec<Codec> {
    const GZIP: [u8; 3] = [0x1f, 0x8b, 8];
    if bytes.starts_with(&GZIP) {
        return vec![Codec::Gzip];
    }
    let first = bytes.iter().find(|it| !it.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => vec![Codec::Json],
        Some(b'<') => vec![Codec::Xml],
        _ if bytes.len() >= 4 && bytes.is_ascii() => {
            vec![Codec::Jwt, Codec::Base64, Codec::Base64Url, Codec::Percent]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;

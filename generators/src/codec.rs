//! Formats that a text can hold, and how they are told from its looks. One file per format.
//!
//! What is decoded is encoded again to the same bytes: a text whose writer did something else is left closed. Only JSON is
//! written without the blanks between its tokens, and gzip with our own compression, which no reader sees.

mod cookie;
mod form;
pub(crate) mod header_list;
pub(crate) mod json;
pub(crate) mod jwt;
pub(crate) mod mailbox;
pub(crate) mod multipart;
pub(crate) mod signed_bytes;
pub(crate) mod simple;
mod url_query;
mod xml;

use serde::{Deserialize, Serialize};

use crate::tree::Node;
use header_list::Style;

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
    /// The part of a URL behind its host, of which only the query is encoded: `path` and `query`.
    UrlQuery,
    /// An address in a mail header: an object. See `mailbox` for its members.
    Mailbox,
    /// A JSON array of signed numbers, one for each byte. The one format that is not written as a text.
    SignedBytes,
    /// The key of an object as S3 writes it into notifications and batch jobs. No text is taken for one by its looks.
    #[serde(rename = "s3-key")]
    S3Key,
    /// The value of a header that is a list or credentials, with blanks: `gzip, br;q=0.5`, `Bearer token`. See
    /// `header_list` for what it opens to.
    HeaderList,
    /// The same without blanks, as browsers write it: `en-US,en;q=0.9`.
    HeaderListTight,
}

/// How deep texts in texts are opened. AWS's own envelopes have four layers.
const MOST_LAYERS: usize = 8;

impl Codec {
    /// All of them.
    pub const ALL: [Codec; 17] = [
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
        Codec::UrlQuery,
        Codec::Mailbox,
        Codec::SignedBytes,
        Codec::S3Key,
        Codec::HeaderList,
        Codec::HeaderListTight,
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
            Codec::UrlQuery => "url-query",
            Codec::Mailbox => "mailbox",
            Codec::SignedBytes => "signed-bytes",
            Codec::S3Key => "s3-key",
            Codec::HeaderList => "header-list",
            Codec::HeaderListTight => "header-list-tight",
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
            Codec::UrlQuery => url_query::write(content),
            Codec::Mailbox => mailbox::write(content).into_bytes(),
            Codec::SignedBytes => signed_bytes::write(&content.to_bytes()),
            Codec::S3Key => simple::s3_key(&content.to_bytes()),
            Codec::HeaderList => header_list::write(content, Style::Spaced).into_bytes(),
            Codec::HeaderListTight => header_list::write(content, Style::Tight).into_bytes(),
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
            | Codec::UrlQuery
            | Codec::Mailbox
            | Codec::SignedBytes
            | Codec::HeaderList
            | Codec::HeaderListTight => 2,
            Codec::Percent | Codec::Form | Codec::UrlPath | Codec::S3Key => 3,
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
            Codec::UrlQuery => url_query::read(text()?),
            Codec::Mailbox => mailbox::read(text()?),
            Codec::SignedBytes => signed_bytes::read(text()?).map(plain),
            Codec::S3Key => simple::from_s3_key(text()?).map(plain),
            Codec::HeaderList => header_list::read(text()?, Style::Spaced),
            Codec::HeaderListTight => header_list::read(text()?, Style::Tight),
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
    let place = match media_type.as_deref() {
        Some("application/x-www-form-urlencoded") => Place::Told(Codec::Form),
        Some("multipart/form-data") => Place::Told(Codec::Multipart),
        _ => Place::Anywhere,
    };
    opened(plain(bytes), place, MOST_LAYERS)
}

/// A text, opened as far as its looks tell.
pub(crate) fn open(text: String) -> Node {
    opened(Node::Text(text), Place::Anywhere, MOST_LAYERS)
}

/// The value of a header, opened as far as its looks tell.
pub(crate) fn open_header(text: String) -> Node {
    opened(Node::Text(text), Place::Header, MOST_LAYERS)
}

/// What is known of a text besides its looks.
#[derive(Clone, Copy)]
enum Place {
    /// Nothing.
    Anywhere,
    /// Somebody said that it is of this format.
    Told(Codec),
    /// It is the value of a header: what looks like nothing else can be a list.
    Header,
}

impl Place {
    /// What a text there could be, the most telling first.
    fn candidates(self, bytes: &[u8]) -> Vec<Codec> {
        let mut candidates = looks_like(bytes);
        match self {
            Place::Anywhere => {}
            Place::Told(codec) => candidates.insert(0, codec),
            Place::Header => candidates.extend([Codec::HeaderList, Codec::HeaderListTight]),
        }
        candidates
    }
}

/// Opens `node`, a text or bytes, and what is in it, `layers` deep.
fn opened(node: Node, place: Place, layers: usize) -> Node {
    if layers == 0 {
        return node;
    }
    let bytes = match &node {
        Node::Text(text) => text.as_bytes(),
        Node::Bytes(bytes) => bytes,
        _ => return node,
    };
    for codec in place.candidates(bytes) {
        let Some(content) = codec.decode(bytes) else { continue };
        // What is written differently again would change by being read.
        if !matches!(codec, Codec::Json | Codec::Gzip) && codec.encode(&content) != bytes {
            continue;
        }
        let content = within(content, layers - 1);
        // Of an encoding that nearly every text could be, the content decides.
        let proven = !matches!(codec, Codec::Base64 | Codec::Base64Url | Codec::Percent)
            || matches!(content, Node::Opened(..))
            || is_url(&content);
        if proven {
            return content.inside(codec);
        }
    }
    node
}

/// Opens the texts in `content`.
fn within(content: Node, layers: usize) -> Node {
    match content {
        Node::Text(_) | Node::Bytes(_) => opened(content, Place::Anywhere, layers),
        Node::Array(elements) => Node::Array(elements.into_iter().map(|it| within(it, layers)).collect()),
        Node::Object(members) => {
            Node::Object(members.into_iter().map(|(name, it)| (name, within(it, layers))).collect())
        }
        other => other,
    }
}

/// Whether a text begins as an absolute URL does (RFC 3986, 3.1 and 3.2): no text decodes to that by chance.
fn is_url(node: &Node) -> bool {
    let Node::Text(text) = node else { return false };
    let scheme = text.split_once("://").map(|(scheme, _)| scheme.as_bytes()).unwrap_or_default();
    matches!(scheme, [first, rest @ ..] if first.is_ascii_alphabetic()
        && rest.iter().all(|it| it.is_ascii_alphanumeric() || b"+-.".contains(it)))
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

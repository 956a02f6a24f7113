//! Which characters AWS lets through, place by place.

use serde::{Deserialize, Serialize};

use crate::{
    codec::{Codec, mailbox::is_atom_char},
    tree::Node,
};

/// Which characters survive the way into the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// Everything: the text of an HTTP body, a string in JSON.
    Any,
    /// Everything but NUL, whose fate in a URL is not documented. AMQP 0-9-1, 4.2.5.3: short strings hold no NUL either.
    Query,
    /// A whole path: everything but NUL, not empty.
    Path,
    /// The end of a path that fills `{name+}`: as `Path`, but a `/` at its end stays in the path and is not in the
    /// parameter (LocalStack's records of AWS).
    PathEnd,
    /// One path segment: as `Path` without `/`.
    PathSegment,
    /// What a query can hold as it is, not empty: the names of parameters that a load balancer does not decode.
    QueryAsIs,
    /// A header value: visible ASCII, inner blanks. Never CR, LF, NUL.
    HeaderValue,
    /// A header value without which there is no event: not empty.
    HeaderText,
    /// What stands before the parameters of a list's element: as a header value without `,`, `;` and `"`.
    ListElement,
    /// The signature of a JWT: only letters, digits, `-` and `_` are a part of a token (RFC 7515, 3.1).
    Base64Url,
    /// A header name: RFC 9110 token.
    HeaderName,
    /// The value of a cookie: as a header value without `;`.
    CookieValue,
    /// An S3 object key: as `Path`. The user guide lists NUL among what "might require special handling", but a key travels in
    /// a URL, and whether S3 stores such a one is not documented.
    ObjectKey,
    /// An SQS body or string attribute. Amazon SQS API, SendMessage: #x9 | #xA | #xD |
    /// #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.
    SqsText,
    /// The name of an SQS message attribute: `[A-Za-z0-9_.-]`.
    SqsName,
    /// MessageGroupId and MessageDeduplicationId: visible ASCII.
    SqsGroup,
    /// A role session name. AWS STS API, AssumeRole: `[\w+=,.@-]{2,64}`.
    SessionName,
    /// A decimal number as DynamoDB and SQS accept it.
    Number,
    /// The subject of an SNS message: no control characters. Amazon SNS API, Publish.
    Subject,
    /// A DynamoDB key: everything but an empty text.
    NonEmpty,
    /// A path or query that nobody decodes: what RFC 3986 allows there without encoding.
    Uri,
    /// A user name. Amazon Cognito user pools API, SignUp: `[\p{L}\p{M}\p{S}\p{N}\p{P}]+`, so no blanks.
    UserName,
    /// A password. Amazon Cognito user pools API, InitiateAuth and SignUp: `[\S]+`.
    NoBlank,
    /// What is before the `@` of an address: a dot-atom. RFC 5322, 3.2.3.
    LocalPart,
    /// The topic of a message: no NUL, no wildcards. MQTT 3.1.1, 4.7; AWS IoT Core quotas: 7 slashes.
    Topic,
    /// One level of a topic: as `Topic` without slashes.
    TopicLevel,
}

/// For places that take everything.
const ANY: &[&str] = &[
    "\0",
    "\u{1}",
    "\t",
    "\n",
    "\r\n",
    "\u{1b}[31m",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "\u{ad}",
    "\u{2028}",
    "\u{202e}a",
    "\u{d7ff}",
    "\u{e000}",
    "\u{feff}",
    "\u{fffd}",
    "\u{ffff}",
    "\u{10000}",
    "\u{10ffff}",
    "a\u{300}",
    "\u{130}",
    "\u{df}",
    "\u{1f468}\u{200d}\u{1f469}",
    "%",
    "+",
    "\\",
    "..",
];

impl Charset {
    /// The first character of `text` that cannot travel, if any.
    pub fn refused(self, text: &str) -> Option<char> {
        if self == Charset::ObjectKey && climbs(text) {
            return Some('.');
        }
        if self.takes_visible() && is_visible(text) {
            return None;
        }
        if self == Charset::Number {
            return if is_number(text) {
                None
            } else {
                text.chars().find(|it| !it.is_ascii_digit()).or(text.chars().next())
            };
        }
        if self == Charset::PathEnd && text.ends_with('/') {
            return Some('/');
        }
        if matches!(
            self,
            Charset::HeaderValue | Charset::HeaderText | Charset::CookieValue | Charset::ListElement
        ) {
            // Receivers strip blanks at both ends (RFC 9110, 5.5).
            let edges = [text.chars().next(), text.chars().last()];
            if let Some(blank) = edges.into_iter().flatten().find(|it| matches!(it, ' ' | '\t')) {
                return Some(blank);
            }
        }
        // Every charset that is left takes the characters of words.
        let is_of_word = |it: u8| it.is_ascii_alphanumeric() || it == b'-';
        if text.bytes().fold(true, |all, byte| all & is_of_word(byte)) {
            return None;
        }
        let is_header = matches!(self, Charset::HeaderValue | Charset::HeaderText);
        if is_header && is_visible(text) {
            return None;
        }
        if self == Charset::LocalPart && (text.starts_with('.') || text.ends_with('.') || text.contains(".."))
        {
            return Some('.');
        }
        if self == Charset::Topic && text.matches('/').count() > 7 {
            return Some('/');
        }
        if self == Charset::SqsName && !is_attribute_name(text) {
            return text.chars().find(|&it| !self.allows(it)).or(Some('.'));
        }
        text.chars().find(|&it| !self.allows(it))
    }

    /// Whether the text of `node` can be sent, if it is not empty. As [`Charset::refused`] says, but what is JSON is not
    /// written for it.
    pub(crate) fn takes(self, node: &Node) -> bool {
        match node {
            Node::Opened(Codec::Json, content) if self.takes_visible() && self != Charset::ObjectKey => {
                self.takes_json(content)
            }
            other => self.refused(&other.sent()).is_none(),
        }
    }

    /// Whether the JSON of `content` can be sent where visible ASCII can: of its texts, control characters are escaped.
    fn takes_json(self, content: &Node) -> bool {
        let text = |it: &str| is_visible(it) || it.chars().all(|it| it < ' ' || self.allows(it));
        match content {
            Node::Opened(Codec::Json, content) => self.takes_json(content),
            Node::Text(it) => text(it),
            Node::Opened(..) | Node::Bytes(_) => text(&content.sent()),
            Node::Null | Node::Bool(_) => true,
            // Written as they are.
            Node::Number(it) | Node::Raw(it) => self.refused(it).is_none(),
            Node::Array(elements) => elements.iter().all(|it| self.takes_json(it)),
            Node::Object(members) => members.iter().all(|(name, it)| text(name) && self.takes_json(it)),
        }
    }

    /// Whether an empty text cannot be sent.
    pub fn needs_text(self) -> bool {
        !matches!(
            self,
            Charset::Any
                | Charset::Uri
                | Charset::Query
                | Charset::HeaderValue
                | Charset::CookieValue
                | Charset::ListElement
                | Charset::Base64Url
        )
    }

    /// Texts of the oddest characters that survive: the ends of ranges, what looks like syntax, what readers change. Each of
    /// them can be sent.
    pub(crate) fn odd(self) -> &'static [&'static str] {
        match self {
            Charset::Any | Charset::NonEmpty => ANY,
            // As those, without NUL.
            Charset::Query | Charset::Path | Charset::PathEnd => &ANY[1..],
            // Nor does a key climb.
            Charset::ObjectKey => &ANY[1..ANY.len() - 1],
            Charset::PathSegment => &[
                "..",
                ".",
                "%",
                "%2f",
                "%00",
                "a+b",
                " ",
                "\u{1}",
                "\u{7f}",
                "\u{feff}",
                "\u{10ffff}",
                "a;b=c",
                "?",
            ],
            Charset::HeaderValue | Charset::HeaderText => {
                &["a\tb", "a  b", "\"", "\\", "~", "!", ",", ";", "a,b", "=?utf-8?q?=00?=", "a;b=\"c\""]
            }
            Charset::CookieValue => &["a b", "\"", "\\", "~", "!", ",", "=", "a=b", "\"a\"", "%3B"],
            Charset::ListElement => &["a\tb", "a  b", "\\", "~", "!", "=", "a=b", "=?utf-8?q?=00?=", "*/*"],
            Charset::QueryAsIs => &["~", "!", "$", "'", "()", "*", "..", "/", "?", "a:b@c", "a,b"],
            Charset::Base64Url => &["-", "_", "--", "__", "A", "0", "AA-_"],
            Charset::Uri => &["..", "/", "//", "~", "$", "&", "'", "()", "*", "+", ",", ";", "=", ":", "@"],
            Charset::UserName => {
                &["!", "~", "\"", "'", "\\", "<", "%", "\u{df}", "\u{130}", "\u{660}", "a+b@c.example"]
            }
            Charset::NoBlank => {
                &["\0", "\u{1}", "\u{7f}", "\u{ad}", "\u{202e}a", "\u{10ffff}", "\"", "'", "\\", "%"]
            }
            Charset::LocalPart => &["!", "#", "'", "*", "/", "=", "?", "`", "{", "|", "}", "~", "a.b"],
            Charset::Topic => {
                &["$", "/", "//", " ", "\u{1}", "\u{feff}", "\u{10ffff}", "a/b/c", "\\", "..", "%"]
            }
            Charset::TopicLevel => &["$", " ", "\u{1}", "\u{feff}", "\u{10ffff}", "\\", "..", "%"],
            Charset::HeaderName => &["!", "#$%&'*+-.^_`|~", "-", "_", "0", "A-b_C"],
            Charset::SqsText => &[
                "\t",
                "\n",
                "\r",
                " ",
                "\u{7f}",
                "\u{85}",
                "\u{d7ff}",
                "\u{e000}",
                "\u{feff}",
                "\u{fffd}",
                "\u{10000}",
                "\u{10ffff}",
                "\u{202e}a",
                "a\u{300}",
                "\r\n",
            ],
            Charset::SqsName => &["_", "-", "a.b", "0", "A", "-.-", "constructor", "__proto__"],
            Charset::SqsGroup => &["!", "~", "\"", "\\", "/", "<", "%"],
            Charset::SessionName => &["__", "+=,.@-", "..", "a@b", "=,"],
            Charset::Subject => {
                &["\u{a0}", "\u{ad}", "\u{feff}", "\u{202e}a", "\u{10ffff}", " ", "a  ", "=?utf-8?q?=0A?="]
            }
            // How DynamoDB writes exponents in a stream is not documented, so there are none.
            Charset::Number => &[
                "0",
                "-0",
                "+1",
                "00",
                "0.0",
                "-1",
                "0.1",
                "-99999999999999999999999999999999999999",
                "99999999999999999999999999999999999999",
                "9007199254740993",
                "18446744073709551616",
                "0.0000000000000000000001",
            ],
        }
    }

    /// Whether any text of visible ASCII and blanks can be sent, wherever in it they are.
    fn takes_visible(self) -> bool {
        matches!(
            self,
            Charset::Any
                | Charset::ObjectKey
                | Charset::NonEmpty
                | Charset::Query
                | Charset::Path
                | Charset::SqsText
                | Charset::Subject
        )
    }

    fn allows(self, it: char) -> bool {
        match self {
            Charset::Any | Charset::NonEmpty => true,
            Charset::Query | Charset::Path | Charset::PathEnd | Charset::ObjectKey => it != '\0',
            Charset::PathSegment => !matches!(it, '\0' | '/'),
            Charset::QueryAsIs => it.is_ascii_alphanumeric() || "-._~!$'()*,:@/?".contains(it),
            Charset::HeaderValue | Charset::HeaderText => matches!(it, ' '..='~' | '\t'),
            Charset::CookieValue => matches!(it, ' '..='~') && it != ';',
            Charset::ListElement => matches!(it, ' '..='~' | '\t') && !matches!(it, ',' | ';' | '"'),
            Charset::Base64Url => it.is_ascii_alphanumeric() || "-_".contains(it),
            Charset::HeaderName => it.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(it),
            Charset::SqsText => matches!(
                it,
                '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..
            ),
            Charset::SqsName => it.is_ascii_alphanumeric() || "_.-".contains(it),
            Charset::SqsGroup => it.is_ascii_graphic(),
            Charset::SessionName => it.is_ascii_alphanumeric() || "_+=,.@-".contains(it),
            Charset::Subject => !it.is_control(),
            Charset::Uri => it.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(it),
            // Alphabetic and numeric characters are of these categories, and so are all visible ones of ASCII.
            Charset::UserName => it.is_ascii_graphic() || it.is_alphanumeric(),
            Charset::NoBlank => !it.is_whitespace(),
            Charset::LocalPart => it == '.' || is_atom_char(it),
            Charset::Topic => !matches!(it, '\0' | '+' | '#'),
            Charset::TopicLevel => !matches!(it, '\0' | '+' | '#' | '/'),
            Charset::Number => it.is_ascii_digit() || "+-.eE".contains(it),
        }
    }
}

/// Whether a key of an object leads above where it begins, as a path.
///
/// Amazon S3 user guide, "Naming Amazon S3 objects", prefix limitations: keys with `../` are valid if, from left to right, there
/// are never more relative segments than others; holds for every way to make an object. `a/b/../../c` is one, `../c` and
/// `a/../../c` are none. What the guide leaves open, segments that are empty or `.`, count for nothing here.
fn climbs(key: &str) -> bool {
    let mut depth = 0_i64;
    key.contains("..")
        && key.split('/').any(|segment| {
            depth += match segment {
                ".." => -1,
                "" | "." => 0,
                _ => 1,
            };
            depth < 0
        })
}

/// Whether all of `text` is between ` ` and `~`. Most texts are, and this is many bytes at a time.
fn is_visible(text: &str) -> bool {
    text.bytes().fold(true, |all, byte| all & (byte.wrapping_sub(b' ') <= b'~' - b' '))
}

/// Amazon SQS developer guide, message metadata: no `AWS.` or `Amazon.` prefix in any case, no
/// period at either end, no two in a row.
pub(crate) fn is_attribute_name(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    text.chars().all(|it| Charset::SqsName.allows(it))
        && !lower.starts_with("aws.")
        && !lower.starts_with("amazon.")
        && !text.starts_with('.')
        && !text.ends_with('.')
        && !text.contains("..")
}

/// Amazon DynamoDB developer guide, data types: 38 digits, 1E-130 to 9.99…E+125. Amazon SQS
/// developer guide, message metadata: 38 digits, 10^-128 to 10^+126. What both accept.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent),
        None => (digits, "0"),
    };
    let plain = |it: &str| it.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let significant = mantissa.bytes().filter(u8::is_ascii_digit).count();
    // The power of ten of the first digit that is not zero, before the exponent moves it.
    let first = match whole.trim_start_matches('0').len() {
        0 => -1 - (fraction.len() - fraction.trim_start_matches('0').len()) as i64,
        digits => digits as i64 - 1,
    };
    let in_range = exponent.parse::<i32>().is_ok_and(|it| (-128..=125).contains(&(first + i64::from(it))));
    !whole.is_empty() && plain(whole) && plain(fraction) && significant <= 38 && in_range
}

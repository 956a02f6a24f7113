//! Mail that a receipt rule gives to a function. Amazon SES developer guide, "Contents of notifications for email receiving" and
//! "Invoke Lambda function action": the body is not in the event.
//!
//! Several texts show twice, as a header and elsewhere: the headers are the copies. Texts are printable ASCII, as in the mail:
//! what happens to encoded words (RFC 2047) is not documented.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::{Content, Rule, Sender, Vocabulary, as_text};
use crate::{
    point::{Charset, Path, Step},
    tree::Node,
    wire::{doc::Doc, facts},
};

/// RFC 5322, 2.1.1: 998 characters in a line. Longer texts are folded.
const MAX_LINE_BYTES: usize = 900;
/// RFC 5321, 4.5.3.1.1.
const MAX_LOCAL_BYTES: usize = 64;

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let at = |place: &str| format!("/Records/*/ses/mail/{place}");
    let header = |place: &str| Rule::new(&at(place), Charset::HeaderValue, MAX_LINE_BYTES).texts();
    let local = |place: &str| Rule::new(&at(place), Charset::LocalPart, MAX_LOCAL_BYTES).texts();
    vec![
        header("commonHeaders/subject"),
        header("commonHeaders/from/*»mailbox»/name"),
        local("commonHeaders/from/*»mailbox»/local"),
        header("commonHeaders/to/*»mailbox»/name"),
        header("commonHeaders/messageId"),
        // The envelope: where it comes from, and for whom it is. A rule for a domain takes every local part.
        local("source»mailbox»/local"),
        local("destination/*»mailbox»/local").conditional(),
        header("headers/*/value"),
    ]
});

/// Headers that are copies, that the receiving server writes, or whose form it relies on.
fn is_set_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    COPIES.iter().any(|(header, _)| *header == name)
        || matches!(
            &*name,
            "return-path"
                | "to"
                | "date"
                | "received"
                | "received-spf"
                | "authentication-results"
                | "mime-version"
                | "content-type"
                | "dkim-signature"
        )
        || name.starts_with("x-ses-")
}

/// Headers, and what of `mail` each is a copy of.
const COPIES: [(&str, &str); 4] = [
    ("subject", "/commonHeaders/subject"),
    ("from", "/commonHeaders/from/0"),
    ("to", "/commonHeaders/to/0"),
    ("message-id", "/commonHeaders/messageId"),
];

/// The source.
pub(super) struct Ses;

impl Sender for Ses {
    fn rules(&self, _event: &Node) -> &'static [Rule] {
        &RULES
    }

    fn sets(&self, event: &Node, path: &Path) -> bool {
        let is_header = matches!(path.0.get(4), Some(Step::Member { name, .. }) if name == "headers");
        if !is_header || path.0.len() < 6 {
            return false;
        }
        let name = event.leaf_text(&Path(path.0[..6].to_vec()).member("name"));
        name.is_none_or(|name| is_set_header(&name))
    }

    fn delivered<'n>(&self, _said: &'n Node, event: &mut Doc<'n>) {
        let records = event.get_mut("Records").map(Doc::parts_mut);
        for record in records.into_iter().flatten() {
            let text = |pointer: &str| record.pointer(pointer).filter(|it| it.as_str().is_some()).cloned();
            let sender = text("/ses/mail/source");
            let copied = COPIES.map(|(name, from)| (name, text(&format!("/ses/mail{from}"))));
            let headers = record.pointer_mut("/ses/mail/headers").map(Doc::parts_mut);
            for header in headers.into_iter().flatten() {
                let name = header.get("name").and_then(Doc::as_str).unwrap_or_default().to_ascii_lowercase();
                let copied = match &*name {
                    "return-path" => sender.as_ref().and_then(Doc::as_str).map(|it| format!("<{it}>").into()),
                    _ => copied.iter().find(|(it, _)| *it == name).and_then(|(_, copied)| copied.clone()),
                };
                if let (Some(copied), Some(value)) = (copied, header.get_mut("value")) {
                    *value = copied;
                }
            }
            let copies = [
                ("/ses/mail/commonHeaders/returnPath", "/ses/mail/source"),
                ("/ses/receipt/recipients", "/ses/mail/destination"),
            ];
            for (to, from) in copies {
                let of = record.pointer(from).cloned();
                if let (Some(of), Some(copy)) = (of, record.pointer_mut(to)) {
                    *copy = of;
                }
            }
        }
    }

    fn content(&self) -> Content {
        Content::Texts
    }

    fn saying(&self, content: &Value) -> Value {
        mail(&Letter { subject: as_text(content), ..Letter::default() })
    }

    fn others(&self, words: &dyn Vocabulary) -> Vec<(&'static str, Value)> {
        let letter = Letter {
            subject: words.word(0),
            name: Some(words.word(1)),
            local: words.word(2),
            to: words.word(3),
            headers: vec![("X-Priority".to_owned(), words.word(4)), ("Reply-To".to_owned(), words.word(5))],
        };
        let plain = Letter { headers: Vec::new(), name: None, ..letter.clone() };
        vec![("mail", mail(&letter)), ("plain", mail(&plain))]
    }
}

/// What a sender writes.
#[derive(Clone)]
pub(super) struct Letter {
    pub(super) subject: String,
    /// How the sender is called.
    pub(super) name: Option<String>,
    /// The address of the sender, before the `@`.
    pub(super) local: String,
    /// The address that it is for, before the `@`.
    pub(super) to: String,
    pub(super) headers: Vec<(String, String)>,
}

impl Default for Letter {
    fn default() -> Letter {
        let text = str::to_owned;
        Letter {
            subject: text("Order"),
            name: None,
            local: text("ann"),
            to: text("orders"),
            headers: Vec::new(),
        }
    }
}

/// The event.
pub(super) fn mail(letter: &Letter) -> Value {
    let source = format!("{}@example.com", letter.local);
    let destination = format!("{}@example.org", letter.to);
    let from = match &letter.name {
        Some(name) => format!("{name} <{source}>"),
        None => source.clone(),
    };
    let message = format!("<{}@mail.example.com>", facts::token("mail", 0, 32));
    // RFC 5322, 3.3, for the time of all events.
    let date = "Wed, 4 Mar 2026 05:06:07 +0000";
    let received = format!(
        "from mail.example.com (mail.example.com [{}]) by inbound-smtp.{}.amazonaws.com with SMTP id {} for {destination}; \
         {date}",
        facts::SOURCE_IP,
        facts::REGION,
        facts::token("ses smtp", 0, 40).to_lowercase()
    );
    let mut headers = vec![
        ("Return-Path", format!("<{source}>")),
        ("Received", received),
        ("From", from.clone()),
        ("To", destination.clone()),
        ("Subject", letter.subject.clone()),
        ("Message-ID", message.clone()),
        ("Date", date.to_owned()),
        ("MIME-Version", "1.0".to_owned()),
        ("Content-Type", "text/plain; charset=\"UTF-8\"".to_owned()),
    ];
    headers.extend(letter.headers.iter().map(|(name, value)| (name.as_str(), value.clone())));
    let headers: Vec<Value> =
        headers.into_iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let passed = json!({ "status": "PASS" });
    json!({ "Records": [{
        "eventSource": "aws:ses",
        "eventVersion": "1.0",
        "ses": {
            "mail": {
                "timestamp": facts::ISO_TIME,
                "source": source,
                "messageId": facts::token("ses message", 0, 40).to_lowercase(),
                "destination": [destination],
                "headersTruncated": false,
                "headers": headers,
                "commonHeaders": {
                    "returnPath": source,
                    "from": [from],
                    "date": date,
                    "to": [destination],
                    "messageId": message,
                    "subject": letter.subject,
                },
            },
            "receipt": {
                "timestamp": facts::ISO_TIME,
                "processingTimeMillis": 574,
                "recipients": [destination],
                "spamVerdict": passed,
                "virusVerdict": passed,
                "spfVerdict": passed,
                "dkimVerdict": passed,
                "dmarcVerdict": passed,
                "action": {
                    "type": "Lambda",
                    "functionArn": format!("arn:aws:lambda:{}:{}:function:app", facts::REGION, facts::ACCOUNT),
                    "invocationType": "Event",
                },
            },
        },
    }] })
}

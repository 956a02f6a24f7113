//! The forms in which a secret is looked for, and the one place where a session token belongs.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// How a secret was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Plain,
    /// As in a JSON text, or in one inside another.
    Escaped,
    /// As in a URL or a form.
    Percent,
    Base64,
    Hexadecimal,
    Reversed,
}

impl Form {
    /// How it is written, in words.
    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Form::Plain => "as it is",
            Form::Escaped => "escaped as in JSON",
            Form::Percent => "percent-encoded",
            Form::Base64 => "in base64",
            Form::Hexadecimal => "in hexadecimal",
            Form::Reversed => "reversed",
        }
    }
}

/// A text to look for.
#[derive(Debug)]
pub(super) struct Pattern {
    /// Which secret it stands for.
    pub(super) secret: usize,
    pub(super) form: Form,
    pub(super) text: Vec<u8>,
}

/// Lines of a value with several lines that are looked for have at least so many bytes.
const LEAST_LINE: usize = 20;

/// What `encodeURIComponent` leaves as it is: ECMAScript 2025, section 19.2.6.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// What Python's `urllib.parse.quote_plus` leaves as it is: RFC 3986, section 2.3, unreserved characters.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// All forms of `value`, the plainest first.
pub(super) fn forms(secret: usize, value: &str) -> Vec<Pattern> {
    let mut all = Vec::new();
    if value.trim().contains('\n') {
        // A key in PEM form, above all: a log or a template may join or indent its lines.
        let lines = value.lines().map(str::trim);
        let lines = lines.filter(|line| line.len() >= LEAST_LINE && !line.starts_with("-----"));
        lines.for_each(|line| forms_of_line(secret, line, &mut all));
    } else {
        forms_of_line(secret, value.trim(), &mut all);
    }
    all
}

fn forms_of_line(secret: usize, value: &str, all: &mut Vec<Pattern>) {
    let mut add = |form: Form, text: Vec<u8>| {
        if !text.is_empty() && all.iter().all(|known| known.text != text) {
            all.push(Pattern { secret, form, text });
        }
    };
    add(Form::Plain, value.as_bytes().to_vec());
    for escape in [escaped, escaped_to_ascii] {
        let once = escape(value);
        add(Form::Escaped, escape(&once).into_bytes());
        // PHP's json_encode escapes slashes, too.
        add(Form::Escaped, once.replace('/', "\\/").into_bytes());
        add(Form::Escaped, once.into_bytes());
    }
    for set in [COMPONENT, UNRESERVED] {
        let percent = percent_encode(value.as_bytes(), set).to_string();
        add(Form::Percent, percent.replace("%20", "+").into_bytes());
        add(Form::Percent, percent.into_bytes());
    }
    for phase in 0..3 {
        let mut bytes = vec![0; phase];
        bytes.extend_from_slice(value.as_bytes());
        // Characters that depend on what stands before and after are left out.
        let whole = first_own(phase)..bytes.len() * 8 / 6;
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            add(Form::Base64, engine.encode(&bytes).as_bytes()[whole.clone()].to_vec());
        }
    }
    let hexadecimal: String = value.bytes().map(|byte| format!("{byte:02x}")).collect();
    add(Form::Hexadecimal, hexadecimal.to_ascii_uppercase().into_bytes());
    add(Form::Hexadecimal, hexadecimal.into_bytes());
    add(Form::Reversed, value.chars().rev().collect::<String>().into_bytes());
}

/// The first base64 character that only a value which begins at byte `phase` of its group of three decides.
fn first_own(phase: usize) -> usize {
    (phase * 8).div_ceil(6)
}

fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As Python's `json.dumps` and others write it: nothing but ASCII.
fn escaped_to_ascii(text: &str) -> String {
    let mut ascii = String::new();
    for it in escaped(text).chars() {
        if it.is_ascii() {
            ascii.push(it);
        } else {
            let mut units = [0; 2];
            it.encode_utf16(&mut units).iter().for_each(|unit| ascii.push_str(&format!("\\u{unit:04x}")));
        }
    }
    ascii
}

/// Whether a match of `pattern` at `at` is the session token of a signed request.
///
/// A presigned URL of temporary credentials carries the token itself, as do the fields of a presigned POST and the policy
/// (base64) that they contain: AWS "Signature Version 4", `X-Amz-Security-Token`. That is how a function lets its caller up-
/// or download one object, and no leak: without the secret key the token signs nothing.
pub(super) fn is_signed_with(pattern: &Pattern, text: &[u8], at: usize) -> bool {
    let named = |before: &[u8]| {
        const NAME: &[u8] = b"x-amz-security-token";
        // Between the name and the value: `=`, `": "`, `\":\"`, `%22%3A%22`, `","`.
        const MOST_BETWEEN: usize = 24;
        let from = before.len().saturating_sub(NAME.len() + MOST_BETWEEN);
        let tail = before[from..].to_ascii_lowercase();
        let Some(name) = tail.windows(NAME.len()).rposition(|part| part == NAME) else { return false };
        let between = &tail[name + NAME.len()..];
        // Nothing but marks, plain or percent-encoded.
        let mut rest = between.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'%' => {
                    rest.nth(1);
                }
                byte if byte.is_ascii_alphanumeric() => return false,
                _ => {}
            }
        }
        true
    };
    if pattern.form != Form::Base64 {
        return named(&text[..at]);
    }
    is_named_in_base64(text, at, named)
}

/// As above, of what stands in base64 before the match.
fn is_named_in_base64(text: &[u8], at: usize, named: impl Fn(&[u8]) -> bool) -> bool {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    let standard = |byte: &u8| match byte {
        b'-' => Some(b'+'),
        b'_' => Some(b'/'),
        byte if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') => Some(*byte),
        _ => None,
    };
    // 64 characters are 48 bytes: the name, and what stands between it and the value.
    let before: Vec<u8> = text[..at].iter().rev().take(64).map_while(standard).collect();
    let before: Vec<u8> = before.into_iter().rev().collect();
    // Where the groups of four begin, the pattern does not say: one of them shows the name, if it is there.
    (0..4.min(before.len())).any(|skip| engine.decode(&before[skip..]).is_ok_and(|decoded| named(&decoded)))
}

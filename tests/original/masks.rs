//! What differs from walk to walk (ids, times) under names that do not, in requests and in what is written down.

use crate::walk::Invoked;

/// Longest body that is written down in full.
const LONGEST: usize = 700;

/// What has been seen of one emulator.
#[derive(Default)]
pub(crate) struct Masks {
    ids: Vec<String>,
    extensions: Vec<String>,
}

impl Masks {
    /// Another event has this id.
    pub(crate) fn id(&mut self, id: Option<&str>) {
        if let Some(id) = id
            && !self.ids.iter().any(|it| it == id)
        {
            self.ids.push(id.to_owned());
        }
    }

    /// Fills in what stands in braces in the head of a request. Bodies can be large and are not text.
    pub(crate) fn fill(&self, bytes: &[u8], token: impl FnOnce() -> String) -> Vec<u8> {
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n").map_or(bytes.len(), |at| at + 4);
        let Ok(head) = std::str::from_utf8(&bytes[..end]) else { return bytes.to_vec() };
        if !head.contains('{') {
            return bytes.to_vec();
        }
        let id = self.ids.last().map_or("no-event-yet", String::as_str);
        let first = id.bytes().next().unwrap_or_default();
        let mut head = head
            .replace("{id}", id)
            .replace("{id in percent}", &format!("%{first:02x}{}", &id[1..]))
            .replace("{extension}", self.extensions.last().map_or("no-extension-yet", String::as_str));
        if head.contains("{token}") {
            head = head.replace("{token}", &token());
        }
        [head.as_bytes(), &bytes[end..]].concat()
    }

    /// An answer as one line.
    pub(crate) fn answer(&mut self, status: &str, headers: &[(String, String)], body: &[u8]) -> String {
        for (name, value) in headers {
            if name.eq_ignore_ascii_case("lambda-runtime-aws-request-id") {
                self.id(Some(value));
            }
            if name.eq_ignore_ascii_case("lambda-extension-identifier") && !self.extensions.contains(value) {
                self.extensions.push(value.clone());
            }
        }
        let headers: Vec<String> = headers
            .iter()
            .map(|(name, value)| {
                let shown = match name.to_ascii_lowercase().as_str() {
                    "date" | "lambda-runtime-deadline-ms" => "TIME",
                    "lambda-extension-event-identifier" | "lambda-runtime-invocation-id" => "NEW",
                    _ => value,
                };
                format!("{name}: {shown}")
            })
            .collect();
        self.masked(&format!("{status} [{}] {}", headers.join("; "), shown(body)))
    }

    /// What a caller got as one line.
    pub(crate) fn invoked(&self, invoked: &Invoked) -> String {
        let noted = invoked.noted.as_ref().map(|it| format!(" ({it})")).unwrap_or_default();
        self.masked(&format!("invoker: {}{noted} {}", invoked.status, shown(&invoked.body)))
    }

    fn masked(&self, text: &str) -> String {
        let mut text = text.trim_end().to_owned();
        for (names, word) in [(&self.ids, "ID"), (&self.extensions, "EXTENSION")] {
            for (number, name) in names.iter().enumerate() {
                text = text.replace(name, &format!("{word}{}", number + 1));
            }
        }
        // The deadline is somewhere in events of extensions too.
        match text.split_once("\"deadlineMs\":") {
            Some((before, after)) => {
                let rest = after.trim_start_matches(|it: char| it.is_ascii_digit());
                format!("{before}\"deadlineMs\":TIME{rest}")
            }
            None => text,
        }
    }
}

/// Bytes on one line; long ones by their length, ends and checksum.
pub(crate) fn shown(bytes: &[u8]) -> String {
    if bytes.len() > LONGEST {
        let checksum = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            // FNV-1a.
            (sum ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        let end = &bytes[bytes.len() - 12..];
        return format!("{}…{} ({} bytes, {checksum:016x})", plain(&bytes[..12]), plain(end), bytes.len());
    }
    plain(bytes)
}

fn plain(bytes: &[u8]) -> String {
    let mut text = String::new();
    for char in String::from_utf8_lossy(bytes).chars() {
        match char {
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\\' => text.push_str("\\\\"),
            control if control.is_control() => text.push_str(&format!("\\x{:02x}", u32::from(control))),
            other => text.push(other),
        }
    }
    text
}

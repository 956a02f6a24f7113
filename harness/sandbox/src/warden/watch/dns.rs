//! The question in a message to a name server (RFC 1035, sections 4.1 and 5.1). Pure.

/// Longest message that is read: queries have been sent in one such datagram since RFC 1035, section 4.2.1.
pub(super) const MAX_MESSAGE: usize = 512;
const HEADER: usize = 12;
/// RFC 1035, section 2.3.4.
const MAX_LABEL: usize = 63;
/// RFC 1035, section 2.3.4: with the length of each label and the empty one at the end.
const MAX_NAME: usize = 255;

/// A name and its QTYPE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: String,
    pub(super) record_type: u16,
}

/// The first question of a query; `None` if `message` is none.
///
/// Nobody sends more than one, and name servers answer no more. A question is the first name of its message,
/// so it cannot be compressed.
pub(super) fn question(message: &[u8]) -> Option<Question> {
    let header = message.get(..HEADER)?;
    let is_query = header[2] & 0b1111_1000 == 0;
    let questions = u16::from_be_bytes([header[4], header[5]]);
    let answers = u16::from_be_bytes([header[6], header[7]]);
    if !is_query || questions == 0 || answers != 0 {
        return None;
    }
    let mut rest = &message[HEADER..];
    let mut name = String::new();
    let mut total = 1;
    loop {
        let (&len, behind) = rest.split_first()?;
        let len = usize::from(len);
        if len == 0 {
            rest = behind;
            break;
        }
        total += len + 1;
        if len > MAX_LABEL || total > MAX_NAME {
            return None;
        }
        let (label, behind) = behind.split_at_checked(len)?;
        if !name.is_empty() {
            name.push('.');
        }
        label.iter().for_each(|it| push(&mut name, *it));
        rest = behind;
    }
    let &[high, low, _, _] = rest.get(..4)? else {
        return None;
    };
    Some(Question { name, record_type: u16::from_be_bytes([high, low]) })
}

fn push(name: &mut String, byte: u8) {
    match byte {
        b'.' | b'\\' => name.extend(['\\', char::from(byte)]),
        b'!'..=b'~' => name.push(char::from(byte)),
        _ => name.push_str(&format!("\\{byte:03}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(flags: u8, counts: [u8; 2], question: &[u8]) -> Vec<u8> {
        let mut message = vec![0xab, 0xcd, flags, 0, 0, counts[0], 0, counts[1], 0, 0, 0, 1];
        message.extend(question);
        message
    }

    #[track_caller]
    fn check(question: &[u8], expected: Option<(&str, u16)>) {
        let expected = expected.map(|(name, record_type)| Question { name: name.to_owned(), record_type });
        assert_eq!(super::question(&message(1, [1, 0], question)), expected);
    }

    #[test]
    fn names_are_read_and_written_as_in_a_zone_file() {
        check(b"\x03www\x07example\x03com\0\0\x1c\0\x01", Some(("www.example.com", 28)));
        check(b"\0\0\x02\0\x01", Some(("", 2)));
        check(b"\x05a.b\\\xff\0\0\x01\0\x01more", Some(("a\\.b\\\\\\255", 1)));
    }

    #[test]
    fn what_is_no_question_is_refused() {
        check(b"\x03www", None);
        check(b"\x03www\0\0\x01\0", None);
        // A pointer, and the reserved kinds of labels.
        check(b"\xc0\x0c\0\x01\0\x01", None);
        check(&[&[64], [b'x'; 64].as_slice(), b"\0\0\x01\0\x01"].concat(), None);
        let long = [[&[63], [b'x'; 63].as_slice()].concat().repeat(4), b"\0\0\x01\0\x01".to_vec()].concat();
        check(&long, None);
        let fine = b"\x01a\0\0\x01\0\x01";
        for (flags, counts) in [(0x81, [1, 0]), (0x28, [1, 0]), (1, [0, 0]), (1, [1, 1])] {
            assert_eq!(question(&message(flags, counts, fine)), None);
        }
        assert_eq!(question(&[0; 11]), None);
    }
}

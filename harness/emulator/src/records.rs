//! Log records: frames that runtimes write to the descriptor named by `_LAMBDA_TELEMETRY_LOG_FD`. Pure.
//!
//! Unlike lines of stdout they keep their boundaries: a message of many lines is one record, with its level and time.
//! A frame is a type, a length and a time (µs since 1970), big-endian, 4, 4 and 8 bytes, then the text: official Python client
//! 4.2.2, `lambda_runtime_log_utils.py`; official Node client 4, `LogPatch`.

use crate::outcome::LogText;

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// How serious the runtime says it is.
    pub level: Option<LogLevel>,
    /// What the text is.
    pub format: LogFormat,
    /// When it was written, in µs since 1970.
    pub time_us: i64,
    /// The text, at most [`MAX_RECORD`] bytes of it.
    pub bytes: Vec<u8>,
    /// How much of [`LogText::bytes`](crate::LogText::bytes) had been read before it.
    pub after: usize,
}

impl LogRecord {
    /// The text, with what is not UTF-8 replaced.
    pub fn text(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }
}

/// Levels of AWS "Advanced logging controls".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "names of levels")]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

impl LogLevel {
    /// As AWS spells it.
    pub fn name(self) -> &'static str {
        match self {
            LogLevel::Trace => "TRACE",
            LogLevel::Debug => "DEBUG",
            LogLevel::Info => "INFO",
            LogLevel::Warn => "WARN",
            LogLevel::Error => "ERROR",
            LogLevel::Fatal => "FATAL",
        }
    }
}

/// What the text of a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Any text.
    Text,
    /// A JSON object.
    Json,
}

const TEXT: u32 = 0xA55A_0003;
const JSON: u32 = 0xA55A_0002;
/// Bits of the type that hold the level.
const LEVELS: u32 = 0b1_1100;

const HEAD: usize = 16;

/// Bytes kept of one record.
pub const MAX_RECORD: usize = 64 * 1024;

/// Records kept between two looks, and bytes of all of them.
const MOST_RECORDS: usize = LogText::MOST_RECORDS;
const MOST_BYTES: usize = 1 << 20;

/// Puts frames together from what arrives of them.
#[derive(Debug, Default)]
pub(crate) struct FrameReader {
    head: Vec<u8>,
    current: Option<(LogRecord, usize)>,
    /// Bytes that were given up: texts beyond what is kept, and what belongs to no frame because the function itself
    /// wrote to the descriptor.
    lost: u64,
    done: Vec<LogRecord>,
    /// Bytes kept in `done` and `current`.
    kept: usize,
}

impl FrameReader {
    /// Takes what was read.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if let Some((record, missing)) = &mut self.current {
                let part = bytes.len().min(*missing);
                let room =
                    MAX_RECORD.saturating_sub(record.bytes.len()).min(MOST_BYTES.saturating_sub(self.kept));
                let room = room.min(part);
                record.bytes.extend_from_slice(&bytes[..room]);
                self.kept += room;
                self.lost += (part - room) as u64;
                *missing -= part;
                bytes = &bytes[part..];
                if *missing == 0 {
                    self.finish();
                }
                continue;
            }
            self.head.push(bytes[0]);
            bytes = &bytes[1..];
            if self.head.len() == 4 && frame_type(&self.head).is_none() {
                // Somebody else writes here: the next four bytes may be a frame again.
                self.head.remove(0);
                self.lost += 1;
            }
            if self.head.len() == HEAD {
                let (level, format) = frame_type(&self.head).expect("looked at when there were four bytes");
                let number = |range: std::ops::Range<usize>| {
                    self.head[range].iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte))
                };
                let length = usize::try_from(number(4..8)).unwrap_or(usize::MAX);
                let time_us = i64::try_from(number(8..16)).unwrap_or(0);
                self.current =
                    Some((LogRecord { level, format, time_us, bytes: Vec::new(), after: 0 }, length));
                self.head.clear();
                if length == 0 {
                    self.finish();
                }
            }
        }
    }

    fn finish(&mut self) {
        let Some((record, _)) = self.current.take() else { return };
        if self.done.len() < MOST_RECORDS {
            self.done.push(record);
        } else {
            self.kept -= record.bytes.len();
            self.lost += record.bytes.len() as u64;
        }
    }

    /// The records that are complete, and how many bytes beside them were given up.
    pub(crate) fn take(&mut self) -> (Vec<LogRecord>, u64) {
        let lost = std::mem::take(&mut self.lost);
        self.kept = self.current.as_ref().map_or(0, |(record, _)| record.bytes.len());
        (std::mem::take(&mut self.done), lost)
    }

    /// What a process wrote that ended in the middle of a record.
    pub(crate) fn close(&mut self) {
        self.finish();
    }
}

fn frame_type(head: &[u8]) -> Option<(Option<LogLevel>, LogFormat)> {
    let value = u32::from_be_bytes(head.get(..4)?.try_into().ok()?);
    let format = match value & !LEVELS {
        TEXT => LogFormat::Text,
        JSON => LogFormat::Json,
        _ => return None,
    };
    let level = match value & LEVELS {
        4 => Some(LogLevel::Trace),
        8 => Some(LogLevel::Debug),
        12 => Some(LogLevel::Info),
        16 => Some(LogLevel::Warn),
        20 => Some(LogLevel::Error),
        24 => Some(LogLevel::Fatal),
        _ => None,
    };
    Some((level, format))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u32, text: &[u8]) -> Vec<u8> {
        let mut frame = kind.to_be_bytes().to_vec();
        frame.extend(u32::try_from(text.len()).unwrap().to_be_bytes());
        frame.extend(1_700_000_000_000_000_i64.to_be_bytes());
        frame.extend(text);
        frame
    }

    #[test]
    fn frames_survive_being_cut_anywhere() {
        let mut all = frame(TEXT | 20, b"two\nlines");
        all.extend(frame(JSON | 12, b"{}"));
        all.extend(frame(TEXT, b""));
        for cut in 0..all.len() {
            let mut reader = FrameReader::default();
            reader.push(&all[..cut]);
            reader.push(&all[cut..]);
            let (records, lost) = reader.take();
            let seen: Vec<_> =
                records.iter().map(|it| (it.level, it.format, it.text().into_owned())).collect();
            assert_eq!(
                seen,
                [
                    (Some(LogLevel::Error), LogFormat::Text, "two\nlines".to_owned()),
                    (Some(LogLevel::Info), LogFormat::Json, "{}".to_owned()),
                    (None, LogFormat::Text, String::new()),
                ]
            );
            assert_eq!((lost, records[0].time_us), (0, 1_700_000_000_000_000));
        }
    }

    #[test]
    fn strangers_on_the_descriptor_do_not_hide_records() {
        let mut reader = FrameReader::default();
        reader.push(b"some text\xa5");
        reader.push(&frame(TEXT | 4, b"record"));
        let (records, lost) = reader.take();
        assert_eq!((records.len(), records[0].text().into_owned(), lost), (1, "record".to_owned(), 10));
    }

    #[test]
    fn lengths_that_lie_cost_no_memory() {
        let mut reader = FrameReader::default();
        let mut head = frame(TEXT, b"");
        head[4..8].copy_from_slice(&u32::MAX.to_be_bytes());
        reader.push(&head);
        reader.push(&vec![b'x'; 3 * MAX_RECORD]);
        reader.close();
        let (records, _) = reader.take();
        assert_eq!(records[0].bytes.len(), MAX_RECORD);
    }

    #[test]
    fn every_byte_of_a_flood_is_kept_or_counted() {
        let written = |texts: &[usize]| {
            let mut reader = FrameReader::default();
            for length in texts {
                reader.push(&frame(TEXT, &vec![b'x'; *length]));
            }
            let (records, lost) = reader.take();
            let kept: usize = records.iter().map(|it| it.bytes.len()).sum();
            assert_eq!(kept as u64 + lost, texts.iter().sum::<usize>() as u64);
            (records.len(), lost)
        };
        assert_eq!(written(&[100; MOST_RECORDS + 5]), (MOST_RECORDS, 500));
        assert_eq!(written(&[MAX_RECORD + 7, 3]), (2, 7));
        assert_eq!(written(&[MAX_RECORD; 20]), (20, 4 * MAX_RECORD as u64), "beyond {MOST_BYTES} bytes");
    }
}

//! Bytes as a JSON array of signed numbers, as Java writes them: `[104, -61, -92]`.

use serde_json::Value;

pub(super) fn write(bytes: &[u8]) -> Vec<u8> {
    text(bytes).into_bytes()
}

/// The JSON of the array.
pub(crate) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 5 * bytes.len());
    text.push('[');
    for (index, byte) in bytes.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        let number = byte.cast_signed();
        if number < 0 {
            text.push('-');
        }
        let size = number.unsigned_abs();
        let digits = [(size / 100, size >= 100), (size / 10 % 10, size >= 10), (size % 10, true)];
        text.extend(digits.into_iter().filter(|(_, shows)| *shows).map(|(it, _)| char::from(b'0' + it)));
    }
    text.push(']');
    text
}

/// The array itself.
pub(crate) fn value(bytes: &[u8]) -> Value {
    bytes.iter().map(|byte| Value::from(byte.cast_signed())).collect()
}

/// `None` if it is no array, or a number in it is no signed byte.
pub(super) fn read(text: &str) -> Option<Vec<u8>> {
    let numbers: Vec<i8> = serde_json::from_str(text).ok()?;
    Some(numbers.into_iter().map(i8::cast_unsigned).collect())
}

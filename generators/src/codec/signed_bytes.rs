//! Bytes as a JSON array of signed numbers, as Java writes them: `[104, -61, -92]`.

use serde_json::Value;

pub(super) fn write(bytes: &[u8]) -> Vec<u8> {
    value(bytes).to_string().into_bytes()
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

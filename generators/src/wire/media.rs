//! Media types, as far as they decide how a body is read.

/// Media type of an HTML form.
pub const FORM: &str = "application/x-www-form-urlencoded";

/// Media type of a form in several parts.
pub(crate) const MULTIPART: &str = "multipart/form-data";

/// The media type without parameters, in lower case.
pub(crate) fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

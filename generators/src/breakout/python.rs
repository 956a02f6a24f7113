//! stub
use super::{Certainty, Sighting, Survey, Trial};
pub(super) fn survey(_s: &Sighting<'_>) -> Option<Survey> { None }
pub(super) fn judge(_t: &Trial<'_>) -> Option<Certainty> { None }
pub(super) const COMMANDS: &[&str] = &["{C}"];

//! stub
use super::{Certainty, Sighting, Survey, Trial};
pub(super) fn survey(_s: &Sighting<'_>) -> Option<Survey> { None }
pub(super) fn judge(_t: &Trial<'_>) -> Option<Certainty> { None }
pub(super) fn survey_template(_e: super::Engine, _s: &Sighting<'_>) -> Option<Survey> { None }
pub(super) fn judge_template(_e: super::Engine, _t: &Trial<'_>) -> Option<Certainty> { None }

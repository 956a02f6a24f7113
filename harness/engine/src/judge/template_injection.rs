//! Event data was rendered as a template.
//!
//! Proof: the payload asks an engine for the product of two numbers, and the product stands behind the nonce in the answer, the error
//! or the log; the payload holds the factors only. Or it calls the canary through the objects that an engine offers, in a text that
//! neither a shell nor a language can run (the payload tests hold this).

use evfuzz_generators::case::{Planted, TestCase};
use evfuzz_generators::payload::{Canaries, Effect, PayloadClass};

use super::{Sighting, canaries_that_ran, place_of, planted_of, said, sighting_at};
use crate::finding::{Evidence, OracleId};
use crate::observe::Observation;

pub(super) const EXPLANATION: &str = "\
template-injection: text from the event was rendered as a template (CWE-1336).

Engines let a template reach the program around it, so whoever writes the template can mostly run
commands.

How it is proven: the payload asks for a product of two numbers in the notation of an engine,
behind a random word made for this test case and this field. The answer, the error or the log
has the product behind that word, which the payload has nowhere; or the canary command ran that
a template of that engine starts. Again in a fresh process with a fresh word, and not with a benign
text in its place.

What is not reported: a template that gets the text as a value, and prints it as it is.

Example: Template('Hello ' + event['name']).render() instead of Template('Hello {{ name }}')
.render(name=event['name']).

How to fix it: keep templates in files, and give event data to them as values only.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let is_template = |class| class == PayloadClass::Template;
    let planted = planted_of(case, is_template);
    if planted.is_empty() {
        return Vec::new();
    }
    let mut found = canaries_that_ran(
        case,
        observation,
        OracleId::TemplateInjection,
        "is rendered as a template",
        is_template,
    );
    let said = said(observation);
    let sighting = |planted: &Planted| {
        let Effect::Output(_) = planted.payload.effect else { return None };
        let rendered = planted.payload.expected(&planted.nonce, &Canaries::default())?;
        let (place, text) = said.iter().find(|(_, text)| text.contains(&rendered))?;
        let at = text.find(&rendered).unwrap_or_default();
        let shown: String = text[at..].chars().take(rendered.len() + 40).collect();
        let evidence = vec![Evidence::new("payload", planted.text.clone()), Evidence::new(place, shown)];
        let sighting =
            sighting_at(planted, OracleId::TemplateInjection, "is rendered as a template", evidence);
        // Engines compile what they render.
        Some(Sighting { place: place_of(observation, &planted.nonce), ..sighting })
    };
    found.extend(planted.iter().filter_map(sighting));
    found.dedup_by_key(|it| it.point.clone());
    found
}

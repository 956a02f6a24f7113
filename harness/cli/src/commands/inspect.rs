//! `evfuzz inspect`: who sends an event, and what a sender controls in it.

use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::point::{Control, InjectionPoint, Role};
use evfuzz_generators::seeds::seed_from_event;
use evfuzz_generators::shown::Place;
use serde_json::json;

use super::given;
use crate::args::{Format, InspectArgs};
use crate::exit::{Exit, Failure};
use crate::report::escape::{clipped, printable};
use crate::report::output::to_stdout;

/// Longest text that is shown of a point, in characters.
const MOST_SHOWN: usize = 60;

/// Prints the source of each event and its injection points, one a line.
pub(super) fn inspect(args: &InspectArgs) -> Result<Exit, Failure> {
    for shown in given::events(&args.event)? {
        let seed = seed_from_event("inspected", &shown.event);
        let points = TestCase::new(seed.clone()).points();
        match args.format {
            Format::Text => {
                let place = match &shown.place {
                    Place::Whole => String::new(),
                    place => format!("{}: ", printable(&place.to_string())),
                };
                to_stdout(&format!("{place}{}", in_words(&seed, &points)));
            }
            Format::Json => {
                let line = json!({
                    "type": "event",
                    "source": seed.source.id(),
                    "place": shown.place.to_string(),
                    "points": described(&seed, &points),
                    "event": shown.event,
                });
                to_stdout(&format!("{line}\n"));
            }
        }
    }
    Ok(Exit::Clean)
}

fn in_words(seed: &Seed, points: &[InjectionPoint]) -> String {
    let mut text = format!("{}, {} injection points\n", seed.source.title(), points.len());
    for point in points {
        let now = seed.wire.text(&point.locator).unwrap_or_default();
        let control = match point.control {
            Control::Attacker => "any sender",
            Control::Conditional => "with an account",
            // Neither is ever a point.
            Control::Derived | Control::Aws => "nobody",
        };
        let role = if point.role == Role::Routing { ", may change who reads the event" } else { "" };
        text.push_str(&format!(
            "  {}  {}\n      {control}, up to {} bytes{role}\n",
            printable(point.path()),
            // Clipped afterwards, it could end within an escape.
            printable(&clipped(&now, MOST_SHOWN)),
            point.max_bytes,
        ));
    }
    text
}

fn described(seed: &Seed, points: &[InjectionPoint]) -> serde_json::Value {
    let described = points.iter().map(|point| {
        json!({
            "path": point.path(),
            "control": point.control,
            "charset": point.charset,
            "max_bytes": point.max_bytes,
            "role": point.role,
            "text": seed.wire.text(&point.locator),
        })
    });
    described.collect()
}

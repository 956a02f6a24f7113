//! `evfuzz inspect`: who sends an event, and what a sender controls in it.

use evfuzz_generators::point::{Control, Role};
use serde_json::json;

use super::run;
use crate::args::{Format, InspectArgs};
use crate::exit::{Exit, Failure};
use crate::report::escape::{clipped, printable};
use crate::report::output::to_stdout;

/// Longest text that is shown of a point, in characters.
const MOST_SHOWN: usize = 60;

/// Prints the source of the event and its injection points, one a line.
pub(super) fn inspect(args: &InspectArgs) -> Result<Exit, Failure> {
    let seed = run::event(&args.event)?;
    let points = evfuzz_generators::case::TestCase::new(seed.clone()).points();
    match args.format {
        Format::Text => {
            let mut text = format!("{}, {} injection points\n", seed.source.title(), points.len());
            for point in &points {
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
                    clipped(&now, MOST_SHOWN),
                    point.max_bytes,
                ));
            }
            to_stdout(&text);
        }
        Format::Json => {
            let points: Vec<_> = points
                .iter()
                .map(|point| {
                    json!({
                        "path": point.path(),
                        "control": point.control,
                        "charset": point.charset,
                        "max_bytes": point.max_bytes,
                        "role": point.role,
                        "text": seed.wire.text(&point.locator),
                    })
                })
                .collect();
            let line = json!({ "type": "event", "source": seed.source.id(), "points": points });
            to_stdout(&format!("{line}\n"));
        }
    }
    Ok(Exit::Clean)
}

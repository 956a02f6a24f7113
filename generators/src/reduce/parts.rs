//! The parts of an event that can be left out: whole members, elements, headers.

use crate::{
    case::TestCase,
    edit::Edit,
    point::{JsonPath, Locator, Step},
};

/// Parts of a request that hold nothing needed.
pub(super) fn empty_parts(needed: &[Locator]) -> Vec<Edit> {
    let body = |at: &Locator| {
        matches!(
            at,
            Locator::Body
                | Locator::BodyJson { .. }
                | Locator::BodyJsonName { .. }
                | Locator::BodyForm { .. }
                | Locator::BodyFormName
        )
    };
    let query = |at: &Locator| matches!(at, Locator::Query { .. } | Locator::QueryName);
    let mut parts = Vec::new();
    if !needed.iter().any(body) {
        parts.push(Edit::DropBody);
        parts.push(Edit::Remove { at: Locator::Header { name: "content-type".to_owned(), nth: 0 } });
    }
    if !needed.iter().any(query) {
        parts.push(Edit::DropQuery);
    }
    parts
}

/// What can be removed as a whole: the largest parts that hold nothing needed.
pub(super) fn units(case: &TestCase, needed: &[Locator]) -> Vec<Locator> {
    let mut units: Vec<Locator> = Vec::new();
    for leaf in case.seed.wire.leaves().locators(case.seed.source) {
        if leaf.is_name() || is_content_type(&leaf) && !empty_parts(needed).contains(&Edit::DropBody) {
            continue;
        }
        if let Some(unit) = largest(&leaf, needed).filter(|unit| !units.contains(unit)) {
            units.push(unit);
        }
    }
    units
}

/// Without its type a body is read differently: that is no simplification.
fn is_content_type(at: &Locator) -> bool {
    matches!(at, Locator::Header { name, .. } if name.eq_ignore_ascii_case("content-type"))
}

/// The largest part around `leaf` that holds nothing needed. `None` if there is none, or if
/// removing it would renumber something needed.
fn largest(leaf: &Locator, needed: &[Locator]) -> Option<Locator> {
    let Some(path) = path_of(leaf) else {
        let later = |at: &&Locator| nth(at).zip(nth(leaf)).is_some_and(|(a, b)| a.0 == b.0 && a.1 > b.1);
        let blocked = needed.contains(leaf) || needed.iter().any(|at| later(&at));
        return (!blocked).then(|| leaf.clone());
    };
    for length in 1..=path.0.len() {
        // What a string holds is removed with the string or inside it, not in between.
        if path.0[length - 1] == Step::Decode {
            continue;
        }
        let part = with_path(leaf, JsonPath(path.0[..length].to_vec()));
        if needed.iter().any(|at| covers(&part, at)) {
            continue;
        }
        if let Some((Step::Element(index), parents)) = path.0[..length].split_last() {
            let parents = with_path(leaf, JsonPath(parents.to_vec()));
            let renumbers = needed.iter().any(|at| {
                covers(&parents, at)
                    && path_of(at).is_some_and(
                        |it| matches!(it.0.get(length - 1), Some(Step::Element(it)) if it > index),
                    )
            });
            if renumbers {
                continue;
            }
        }
        return Some(part);
    }
    None
}

fn nth(at: &Locator) -> Option<(Locator, usize)> {
    let mut first = at.clone();
    match &mut first {
        Locator::Query { nth, .. } | Locator::Header { nth, .. } | Locator::BodyForm { nth, .. } => {
            let number = std::mem::take(nth);
            Some((first, number))
        }
        _ => None,
    }
}

fn path_of(at: &Locator) -> Option<&JsonPath> {
    match at {
        Locator::BodyJson { path }
        | Locator::BodyJsonName { path }
        | Locator::MessageJson { path, .. }
        | Locator::MessageJsonName { path, .. }
        | Locator::Attribute { path, .. }
        | Locator::Json { path }
        | Locator::JsonName { path } => Some(path),
        _ => None,
    }
}

fn with_path(at: &Locator, new: JsonPath) -> Locator {
    let mut at = at.clone();
    if let Locator::BodyJson { path }
    | Locator::MessageJson { path, .. }
    | Locator::Attribute { path, .. }
    | Locator::Json { path } = &mut at
    {
        *path = new;
    }
    at
}

/// Whether `part` is `at` or holds it.
pub(super) fn covers(part: &Locator, at: &Locator) -> bool {
    match (path_of(part), path_of(at)) {
        (Some(outer), Some(inner)) => {
            let same_document = match (part, at) {
                (Locator::Attribute { image: a, .. }, Locator::Attribute { image: b, .. }) => a == b,
                _ => true,
            };
            same_document && part.record() == at.record() && inner.starts_with(outer)
        }
        _ => part == at,
    }
}

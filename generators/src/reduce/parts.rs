//! The parts of an event that can be left out: whole members, elements, headers.

use crate::{
    case::TestCase,
    edit::Edit,
    point::{Locator, Path, Step},
};

/// Parts of a request that hold nothing needed.
pub(super) fn empty_parts(needed: &[Locator]) -> Vec<Edit> {
    let body = |at: &Locator| matches!(at, Locator::Body { .. } | Locator::BodyName { .. });
    let query = |at: &Locator| matches!(at.value(), Locator::Query { .. } | Locator::QueryName);
    let mut parts = Vec::new();
    if !needed.iter().any(body) {
        parts.push(Edit::DropBody);
        parts.push(Edit::Remove { at: Locator::header("content-type", 0) });
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
    let whole = leaf.with_inside(Path::root());
    let path = match leaf.inside() {
        Some(path) if !path.is_root() => path,
        // All of a text is a leaf like others.
        _ => return removable(&whole, needed).then_some(whole),
    };
    // A value with a name of its own goes with all that it holds.
    if is_value(leaf) && removable(&whole, needed) {
        return Some(whole);
    }
    for length in 1..=path.0.len() {
        // What a text holds is removed with the text or inside it, not in between.
        if matches!(path.0[length - 1], Step::Open(_)) {
            continue;
        }
        let part = leaf.with_inside(Path(path.0[..length].to_vec()));
        if needed.iter().any(|at| part.covers(at)) {
            continue;
        }
        let (last, parents) = (&path.0[length - 1], Path(path.0[..length - 1].to_vec()));
        let parents = leaf.with_inside(parents);
        let renumbers = needed.iter().any(|at| {
            let step = at.inside().filter(|_| parents.covers(at)).and_then(|it| it.0.get(length - 1));
            step.is_some_and(|step| is_numbered_after(step, last))
        });
        if renumbers {
            continue;
        }
        return Some(part);
    }
    None
}

/// Whether nothing needed is in `whole`, or would be renumbered without it.
fn removable(whole: &Locator, needed: &[Locator]) -> bool {
    let later = |at: &Locator| nth(at).zip(nth(whole)).is_some_and(|(a, b)| a.0 == b.0 && a.1 > b.1);
    !needed.iter().any(|at| whole.covers(at) || later(at))
}

/// Whether it is in one of several named values, each a tree.
fn is_value(at: &Locator) -> bool {
    matches!(
        at,
        Locator::Query { .. }
            | Locator::Header { .. }
            | Locator::Cookie { .. }
            | Locator::MessageAttribute { .. }
    )
}

fn nth(at: &Locator) -> Option<(Locator, usize)> {
    let mut first = at.with_inside(Path::root());
    match &mut first {
        Locator::Query { nth, .. } | Locator::Header { nth, .. } => {
            let number = std::mem::take(nth);
            Some((first, number))
        }
        _ => None,
    }
}

/// Whether `step` gets another number when `removed` beside it goes.
fn is_numbered_after(step: &Step, removed: &Step) -> bool {
    match (step, removed) {
        (Step::Element(index), Step::Element(removed)) => index > removed,
        (Step::Member { name, nth }, Step::Member { name: other, nth: removed }) => {
            name == other && nth > removed
        }
        _ => false,
    }
}

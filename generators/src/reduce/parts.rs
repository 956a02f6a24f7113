//! The parts of an event that can be left out: whole members, elements, headers.

use crate::{
    case::TestCase,
    edit::Edit,
    point::{Locator, Path, Step},
};

/// Parts of a request that hold nothing needed.
pub(super) fn empty_parts(needed: &[Locator]) -> Vec<Edit> {
    let body = |at: &Locator| matches!(at, Locator::Body { .. } | Locator::BodyName { .. });
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
    // All of a text is a leaf like others.
    let Some(path) = leaf.inside().filter(|path| !path.0.is_empty()) else {
        let later = |at: &&Locator| nth(at).zip(nth(leaf)).is_some_and(|(a, b)| a.0 == b.0 && a.1 > b.1);
        let blocked = needed.contains(leaf) || needed.iter().any(|at| later(&at));
        return (!blocked).then(|| leaf.clone());
    };
    for length in 1..=path.0.len() {
        // What a text holds is removed with the text or inside it, not in between.
        if matches!(path.0[length - 1], Step::Open(_)) {
            continue;
        }
        let part = leaf.with_inside(Path(path.0[..length].to_vec()));
        if needed.iter().any(|at| covers(&part, at)) {
            continue;
        }
        let (last, parents) = (&path.0[length - 1], Path(path.0[..length - 1].to_vec()));
        let parents = leaf.with_inside(parents);
        let renumbers = needed.iter().any(|at| {
            let step = at.inside().filter(|_| covers(&parents, at)).and_then(|it| it.0.get(length - 1));
            step.is_some_and(|step| is_numbered_after(step, last))
        });
        if renumbers {
            continue;
        }
        return Some(part);
    }
    None
}

fn nth(at: &Locator) -> Option<(Locator, usize)> {
    let mut first = at.clone();
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

/// Whether `part` is `at` or holds it.
pub(super) fn covers(part: &Locator, at: &Locator) -> bool {
    match (part.inside(), at.inside()) {
        (Some(outer), Some(inner)) => {
            let tree = |it: &Locator| it.with_inside(Path::root());
            tree(part) == tree(at) && inner.starts_with(outer)
        }
        _ => part == at,
    }
}

//! Simpler test cases.
//!
//! This module proposes; the engine runs each proposal and keeps those with the same
//! fingerprint. Removal follows the wire model through its codecs, so nothing is ever left that
//! AWS would not send, and derived fields agree after every step.

mod parts;

use std::sync::Arc;

use serde_json::Value;

use crate::{
    case::{TestCase, apply},
    edit::{Edit, Frame, PayloadId},
    payload::Payload,
    point::Locator,
    wire::Wire,
};
use parts::{empty_parts, units};

/// Single removals are proposed for this many places at most.
const MAX_SINGLES: usize = 48;

/// Simpler candidates, boldest first. In each of them every point of `points_needed` still
/// holds its payload. None is equal to `case`.
pub fn reductions(case: &TestCase, points_needed: &[Locator]) -> Vec<TestCase> {
    let mut candidates = Vec::new();
    fewer_edits(case, points_needed, &mut candidates);
    plainer_edits(case, &mut candidates);
    fewer_records(case, points_needed, &mut candidates);
    fewer_leaves(case, points_needed, &mut candidates);
    let mut kept: Vec<TestCase> = Vec::new();
    for candidate in candidates {
        if candidate != *case && holds(&candidate, points_needed) && !kept.contains(&candidate) {
            kept.push(candidate);
        }
    }
    kept
}

/// The smallest event that still holds everything that was edited, and nothing else that a
/// sender may leave out. Not yet executed: see [`pruned`].
pub fn core(case: &TestCase) -> Value {
    pruned(case).render().event
}

/// The test case of [`core()`], to be executed before it is believed.
pub fn pruned(case: &TestCase) -> TestCase {
    let (baked, needed) = baked(case);
    let mut reduced = alone(&baked, &needed).unwrap_or(baked);
    let needed: Vec<Locator> = touched(&reduced).chain(renumbered(&needed)).collect();
    let units = units(&reduced, &needed);
    remove(&mut reduced, &units);
    apply_all(&mut reduced, &empty_parts(&needed));
    reduced
}

/// Whether every needed point still holds a payload.
fn holds(case: &TestCase, needed: &[Locator]) -> bool {
    let planted = case.render().planted;
    needed.iter().all(|at| {
        // Records are renumbered when others go.
        planted.iter().any(|it| it.point.locator.clone().with_record(0) == at.clone().with_record(0))
    })
}

fn fewer_edits(case: &TestCase, needed: &[Locator], candidates: &mut Vec<TestCase>) {
    let needed = |edit: &Edit| matches!(edit, Edit::Plant { at, .. } if needed.contains(at));
    let droppable: Vec<usize> = (0..case.edits.len()).filter(|index| !needed(&case.edits[*index])).collect();
    let mut size = droppable.len();
    while size > 0 {
        for part in droppable.chunks(size) {
            let mut fewer = case.clone();
            let mut index = 0;
            fewer.edits.retain(|_| {
                index += 1;
                !part.contains(&(index - 1))
            });
            candidates.push(fewer);
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
}

fn plainer_edits(case: &TestCase, candidates: &mut Vec<TestCase>) {
    let plainer: Vec<Option<Edit>> = case.edits.iter().map(canonical).collect();
    let mut all = case.clone();
    for (edit, plain) in all.edits.iter_mut().zip(&plainer) {
        if let Some(plain) = plain {
            *edit = plain.clone();
        }
    }
    candidates.push(all);
    for (index, edit) in case.edits.iter().enumerate() {
        for plain in plainer[index].clone().into_iter().chain(shorter(edit)) {
            let mut case = case.clone();
            case.edits[index] = plain;
            candidates.push(case);
        }
    }
}

/// The same plant with the payload that a person understands best.
fn canonical(edit: &Edit) -> Option<Edit> {
    let Edit::Plant { at, payload, frame, nonce } = edit else {
        return None;
    };
    let best = Payload::canonical(payload.resolve()?.class);
    (best.id != payload.0).then(|| Edit::Plant {
        at: at.clone(),
        payload: PayloadId::from(best),
        frame: frame.clone(),
        nonce: nonce.clone(),
    })
}

/// The same edit with less text.
fn shorter(edit: &Edit) -> Vec<Edit> {
    match edit {
        Edit::Plant { at, payload, frame, nonce } => {
            let with = |before: &str, after: &str| Edit::Plant {
                at: at.clone(),
                payload: payload.clone(),
                frame: Frame { before: before.to_owned(), after: after.to_owned() },
                nonce: nonce.clone(),
            };
            vec![with("", ""), with("", &frame.after), with(&frame.before, "")]
        }
        Edit::SetText { at, text } => {
            let with = |text| Edit::SetText { at: at.clone(), text };
            halves(text).into_iter().map(with).collect()
        }
        Edit::Add { at, text } => {
            let with = |text| Edit::Add { at: at.clone(), text };
            halves(text).into_iter().map(with).collect()
        }
        _ => Vec::new(),
    }
}

fn halves(text: &str) -> Vec<String> {
    let count = text.chars().count();
    match count {
        0 | 1 => Vec::new(),
        _ => {
            let first = text.chars().take(count / 2).collect();
            let last = text.chars().skip(count / 2).collect();
            vec![first, last]
        }
    }
}

/// One record alone, then one record less.
fn fewer_records(case: &TestCase, needed: &[Locator], candidates: &mut Vec<TestCase>) {
    let (baked, _) = baked(case);
    candidates.extend(alone(&baked, needed));
    for record in (0..records(&baked.seed.wire)).rev() {
        if needed.iter().all(|at| at.record() != Some(record)) {
            candidates.extend(without(&baked, record));
        }
    }
}

/// Only the one record that is needed.
fn alone(case: &TestCase, needed: &[Locator]) -> Option<TestCase> {
    let mut wanted: Vec<usize> = needed.iter().filter_map(Locator::record).collect();
    wanted.dedup();
    let count = records(&case.seed.wire);
    let [wanted] = wanted.as_slice() else {
        return None;
    };
    if count < 2 || *wanted >= count {
        return None;
    }
    let others = (0..count).rev().filter(|record| record != wanted);
    others.into_iter().try_fold(case.clone(), |case, record| without(&case, record))
}

/// The locators of records that are the only ones now.
fn renumbered(needed: &[Locator]) -> impl Iterator<Item = Locator> {
    needed.iter().map(|at| at.clone().with_record(0))
}

fn records(wire: &Wire) -> usize {
    match wire {
        Wire::Sqs(batch) => batch.messages.len(),
        Wire::DynamoDb(batch) => batch.writes.len(),
        Wire::Http(_) | Wire::S3(_) | Wire::Event(_) => 0,
    }
}

/// A test case without one record; locators behind it move up.
fn without(case: &TestCase, record: usize) -> Option<TestCase> {
    let mut fewer = case.clone();
    let edit = Edit::RemoveRecord { record };
    if !apply(&mut Arc::make_mut(&mut fewer.seed).wire, case.seed.source, &edit) {
        return None;
    }
    let moved = |at: &Locator| match at.record() {
        Some(here) if here > record => at.clone().with_record(here - 1),
        _ => at.clone(),
    };
    let gates = case.seed.gates.iter().filter(|at| at.record() != Some(record));
    Arc::make_mut(&mut fewer.seed).gates = gates.map(moved).collect();
    fewer.edits.retain(|edit| !matches!(edit, Edit::Plant { at, .. } if at.record() == Some(record)));
    fewer.edits = fewer
        .edits
        .into_iter()
        .filter_map(|edit| match edit {
            Edit::Plant { at, payload, frame, nonce } => {
                Some(Edit::Plant { at: moved(&at), payload, frame, nonce })
            }
            Edit::Raw(edit) => edit.without_record(record).map(Edit::Raw),
            other => Some(other),
        })
        .collect();
    Some(fewer)
}

fn fewer_leaves(case: &TestCase, needed: &[Locator], candidates: &mut Vec<TestCase>) {
    let (baked, edited) = baked(case);
    let mut kept: Vec<Locator> = needed.to_vec();
    kept.extend(touched(&baked));
    let removed = |units: &[Locator]| {
        let mut fewer = baked.clone();
        remove(&mut fewer, units);
        fewer
    };
    let all = units(&baked, &kept);
    // First what no edit touched and no gate guards, then bolder, then in parts.
    let gated = |at: &&Locator| baked.seed.gates.iter().any(|gate| at.covers(gate));
    let dull = |at: &&Locator| !edited.iter().any(|it| at.covers(it)) && !gated(at);
    let plain: Vec<Locator> = all.iter().filter(dull).cloned().collect();
    let mut bare = removed(&all);
    apply_all(&mut bare, &empty_parts(&kept));
    candidates.extend([bare, removed(&all), removed(&plain)]);
    let mut size = all.len().div_ceil(2);
    while size > 1 {
        candidates.extend(all.chunks(size).map(removed));
        size /= 2;
    }
    candidates.extend(all.iter().take(MAX_SINGLES).map(|unit| removed(std::slice::from_ref(unit))));
    for edit in empty_parts(&kept) {
        let mut fewer = baked.clone();
        apply_all(&mut fewer, &[edit]);
        candidates.push(fewer);
    }
}

/// The same test case with all edits made in the seed, and where they were made: all but the plants and the raw ones, which a
/// seed cannot hold.
fn baked(case: &TestCase) -> (TestCase, Vec<Locator>) {
    let mut baked = case.clone();
    Arc::make_mut(&mut baked.seed).wire = case.edited();
    baked.edits.retain(|edit| matches!(edit, Edit::Plant { .. } | Edit::Raw(_)));
    let at = case.edits.iter().filter_map(|edit| match edit {
        Edit::Plant { at, .. }
        | Edit::SetText { at, .. }
        | Edit::SetNode { at, .. }
        | Edit::Add { at, .. } => Some(at.clone()),
        _ => None,
    });
    (baked, at.collect())
}

/// Where payloads are planted.
fn touched(case: &TestCase) -> impl Iterator<Item = Locator> {
    case.edits.iter().filter_map(|edit| match edit {
        Edit::Plant { at, .. } => Some(at.clone()),
        _ => None,
    })
}

fn apply_all(case: &mut TestCase, edits: &[Edit]) {
    let seed = Arc::make_mut(&mut case.seed);
    for edit in edits {
        apply(&mut seed.wire, seed.source, edit);
    }
}

/// Removes units, last first: so that indices of those before stay right.
fn remove(case: &mut TestCase, units: &[Locator]) {
    let mut all = case.seed.wire.clone();
    for at in units.iter().rev() {
        if all.leaves().may_change(case.seed.source, at) {
            all.leaves_mut().remove(at);
        }
    }
    if all.leaves().sendable(case.seed.source) {
        Arc::make_mut(&mut case.seed).wire = all;
        return;
    }
    // Some of them has to stay.
    let seed = Arc::make_mut(&mut case.seed);
    for at in units.iter().rev() {
        apply(&mut seed.wire, seed.source, &Edit::Remove { at: at.clone() });
    }
}

#[cfg(test)]
mod tests;

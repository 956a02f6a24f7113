//! Break-outs for paths of Unix: the payload that leads from the marker's folder to a file.
//!
//! Names are resolved as the kernel does it with real folders: what stands before the marker
//! exists, but for an incomplete last name. What follows the marker stays part of the path, so the
//! file that is reached has that ending; a NUL, which ends a path in C, is a matter of the codec.

use super::{Certainty, Context, Sighting, Sketch, Survey, Trial};

pub(super) fn survey(sighting: &Sighting<'_>) -> Option<Survey> {
    let before = &sighting.text[..sighting.marker.start];
    if sighting.text.contains('\0') {
        return None;
    }
    let (folder, name) = before.rsplit_once('/').map_or(("", before), |(folder, name)| (folder, name));
    let depth = folder.split('/').fold(0_usize, |depth, part| match part {
        "" | "." => depth,
        ".." => depth.saturating_sub(1),
        _ => depth + 1,
    });
    let mut sketches = Vec::new();
    // A name that has begun must be a folder to be left again: `a/../`, which is not known here.
    let begun = if name.is_empty() { "" } else { "/../" };
    for levels in 0..=depth {
        let up = "../".repeat(levels);
        sketches.push(Sketch::new(format!("{begun}{up}"), ""));
        // Where `../` is removed once, what is left of this is `../`.
        sketches.push(Sketch::new(format!("{begun}{}", "....//".repeat(levels)), ""));
        sketches.push(Sketch::new(format!("{begun}{}", up.replace('/', "//")), ""));
    }
    let place = match (before.is_empty(), name.is_empty()) {
        (true, _) => "a whole path",
        (false, true) => "a name in a folder",
        (false, false) => "a name that has begun",
    };
    Some(Survey { context: Context(vec![place]), sketches })
}

pub(super) fn judge(trial: &Trial<'_>) -> Option<Certainty> {
    let start = trial.text[trial.placed.clone()].find(trial.canary)? + trial.placed.start;
    let whole = &trial.text[..start + trial.canary.len()];
    let folder = trial.text[..trial.placed.start].rsplit_once('/').map_or("", |(folder, _)| folder);
    let absolute = trial.text.starts_with('/');
    let wanted = resolve("", trial.canary)?;
    let reached = resolve("", whole)?;
    let name_begun = !trial.text[..trial.placed.start].ends_with('/') && trial.placed.start > 0;
    // An absolute canary names the file; a bare name must only lie outside the marker's folder.
    let hit = if trial.canary.starts_with('/') {
        (absolute && reached == wanted).then_some(Certainty::Always)
    } else {
        let inside = resolve("", folder)?;
        (!reached.starts_with(inside.as_slice()) || folder.is_empty() && whole.starts_with("../"))
            .then_some(Certainty::Always)
    }?;
    Some(if name_begun { Certainty::IfReached } else { hit })
}

/// The names on the way from the root, or from where a relative path begins. Going up from there
/// is a name of its own, so that what is outside is told from what is inside.
fn resolve(base: &str, path: &str) -> Option<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    let absolute = base.starts_with('/') || path.starts_with('/');
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                if names.last().is_some_and(|it| it != "..") {
                    names.pop();
                } else if !absolute {
                    names.push("..".to_owned());
                }
            }
            part => names.push(part.to_owned()),
        }
    }
    Some(names)
}

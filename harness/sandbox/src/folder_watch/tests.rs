//! Each act as the kernel tells it, in order.

use std::{fs, os::unix::fs::PermissionsExt};

use super::{FolderAct::*, *};

/// Everything told by now. inotify queues an event within the call that causes it, so there is nothing to wait for.
fn told(watch: &mut FolderWatch) -> Vec<(FolderAct, String)> {
    let mut all = Vec::new();
    while let Some(event) = watch.next_event() {
        let path = event.folder.join(&event.name);
        all.push((event.act, path.display().to_string()));
    }
    all
}

fn list(acts: &[(FolderAct, &str)]) -> Vec<(FolderAct, String)> {
    acts.iter().map(|(act, path)| (*act, (*path).to_owned())).collect()
}

#[test]
fn each_act_is_told_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir_in(dir.path().parent().unwrap()).unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::write(at("secret-n1"), "canary").unwrap();
    let mut watch = FolderWatch::new(dir.path()).unwrap();
    assert_eq!(told(&mut watch), []);

    fs::read(at("secret-n1")).unwrap();
    assert_eq!(told(&mut watch), list(&[(Opened, "secret-n1")]));
    fs::write(at("new-n2"), "x").unwrap();
    assert_eq!(
        told(&mut watch),
        list(&[(Created, "new-n2"), (Opened, "new-n2"), (Written, "new-n2"), (ClosedAfterWrite, "new-n2")])
    );
    fs::set_permissions(at("new-n2"), fs::Permissions::from_mode(0o600)).unwrap();
    fs::rename(at("new-n2"), at("n3")).unwrap();
    fs::rename(at("n3"), elsewhere.path().join("n3")).unwrap();
    fs::rename(elsewhere.path().join("n3"), at("n4")).unwrap();
    fs::remove_file(at("n4")).unwrap();
    assert_eq!(
        told(&mut watch),
        list(&[
            (AttributesChanged, "new-n2"),
            (MovedOut, "new-n2"),
            (MovedIn, "n3"),
            (MovedOut, "n3"),
            (MovedIn, "n4"),
            (Deleted, "n4")
        ])
    );
    fs::read_dir(dir.path()).unwrap().for_each(drop);
    assert_eq!(told(&mut watch), list(&[(Opened, "")]));
    std::os::unix::fs::symlink("/nowhere", at("link")).unwrap();
    assert_eq!(told(&mut watch), list(&[(Created, "link")]));
    assert_eq!((watch.overflows(), watch.unwatched()), (0, 0));
}

#[test]
fn what_opens_nothing_is_not_seen() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("secret");
    fs::write(&file, "canary").unwrap();
    let mut watch = FolderWatch::new(dir.path()).unwrap();
    assert!(file.metadata().is_ok() && file.exists() && fs::read_link(&file).is_err());
    assert!(fs::read(dir.path().join("absent")).is_err());
    assert_eq!(told(&mut watch), []);
}

#[test]
fn folders_below_are_watched_old_and_new() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    fs::create_dir_all(at("old/deep")).unwrap();
    fs::write(at("old/deep/secret"), "canary").unwrap();
    let mut watch = FolderWatch::new(dir.path()).unwrap();
    fs::read(at("old/deep/secret")).unwrap();
    assert_eq!(told(&mut watch), list(&[(Opened, "old/deep/secret")]));

    // What was made in it before anybody could know of it is told as found.
    fs::create_dir_all(at("new/deep")).unwrap();
    fs::write(at("new/deep/early"), "").unwrap();
    assert_eq!(
        told(&mut watch),
        list(&[(Created, "new"), (Created, "new/deep"), (Created, "new/deep/early")])
    );
    let _ = told(&mut watch);
    fs::write(at("new/deep/late"), "").unwrap();
    let all = told(&mut watch);
    assert!(all.contains(&(Created, "new/deep/late".to_owned())), "{all:?}");

    // A folder that is renamed is told by its new name.
    fs::rename(at("new"), at("renamed")).unwrap();
    let all = told(&mut watch);
    assert!(all.starts_with(&list(&[(MovedOut, "new"), (MovedIn, "renamed")])), "{all:?}");
    let _ = told(&mut watch);
    fs::remove_file(at("renamed/deep/late")).unwrap();
    assert_eq!(told(&mut watch), list(&[(Deleted, "renamed/deep/late")]));
    fs::remove_dir_all(at("renamed")).unwrap();
    let all = told(&mut watch);
    assert!(all.ends_with(&list(&[(Deleted, "renamed")])), "{all:?}");
    assert_eq!(watch.folders.len(), 3);
}

#[test]
fn links_lead_nowhere_and_numbers_are_limited() {
    let dir = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir_in(dir.path().parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), dir.path().join("link")).unwrap();
    let mut watch = FolderWatch::new(dir.path()).unwrap();
    fs::write(elsewhere.path().join("foreign"), "").unwrap();
    assert_eq!(told(&mut watch), []);
    for number in 0..MOST_FOLDERS + 10 {
        fs::create_dir(dir.path().join(number.to_string())).unwrap();
    }
    assert!(told(&mut watch).len() >= MOST_FOLDERS + 10);
    assert_eq!((watch.folders.len(), watch.unwatched()), (MOST_FOLDERS + 1, 10));
}

#[test]
fn the_end_of_the_folder_itself_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut watch = FolderWatch::new(dir.path()).unwrap();
    fs::remove_dir(dir.path()).unwrap();
    let all = told(&mut watch);
    assert!(all.contains(&(Deleted, String::new())), "{all:?}");
    assert_eq!(told(&mut watch), []);
}

#[test]
fn lost_events_are_counted() {
    let dir = tempfile::tempdir().unwrap();
    let most: usize =
        fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap().trim().parse().unwrap();
    let mut watch = FolderWatch::new(dir.path()).unwrap();
    let names = [dir.path().join("a"), dir.path().join("b")];
    for name in &names {
        fs::write(name, "").unwrap();
    }
    // The kernel merges an event with the one before it, so two names take turns.
    for _ in 0..most / 2 + 1 {
        for name in &names {
            drop(fs::File::open(name).unwrap());
        }
    }
    let told = told(&mut watch);
    assert!(told.len() <= most + 1 && watch.overflows() == 1, "{} {}", told.len(), watch.overflows());
}

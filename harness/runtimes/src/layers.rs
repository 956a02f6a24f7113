//! Layers: what a function finds at `/opt`.
//!
//! AWS "Managing Lambda dependencies with layers": at most five, extracted one after the other, so a later layer wins.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::RuntimeError;

/// AWS "Lambda quotas": layers per function.
const MOST: usize = 5;

/// One folder with the content of all `layers`. Several are merged into `folder`, which is made.
///
/// # Errors
///
/// Returns an error if there are too many, if one is no folder, or if they cannot be copied.
pub fn merge_layers(layers: &[PathBuf], folder: &Path) -> Result<Option<PathBuf>, RuntimeError> {
    if layers.len() > MOST {
        return Err(RuntimeError::TooManyLayers { count: layers.len(), most: MOST });
    }
    for layer in layers {
        if !layer.is_dir() {
            return Err(RuntimeError::NoLayer { path: layer.clone() });
        }
    }
    let unreadable = |path: &Path, source| RuntimeError::Unreadable { path: path.to_owned(), source };
    match layers {
        [] => Ok(None),
        [one] => fs::canonicalize(one).map(Some).map_err(|source| unreadable(one, source)),
        several => {
            for layer in several {
                copy(layer, folder).map_err(|source| RuntimeError::NotMerged {
                    layer: layer.clone(),
                    to: folder.to_owned(),
                    source,
                })?;
            }
            Ok(Some(folder.to_owned()))
        }
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        let there = target.symlink_metadata().ok();
        if there.as_ref().is_some_and(|it| it.is_dir() != kind.is_dir())
            || kind.is_symlink() && there.is_some()
        {
            let remove =
                if there.is_some_and(|it| it.is_dir()) { fs::remove_dir_all } else { fs::remove_file };
            remove(&target)?;
        }
        if kind.is_dir() {
            copy(&source, &target)?;
        } else if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
        } else {
            // The function's user is another one if the caller is root.
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_layers_win_and_folders_are_merged() {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("a/nodejs/node_modules/x/index.js", "1");
        write("a/bin", "a file here, a folder there");
        write("b/nodejs/node_modules/x/index.js", "2");
        write("b/bin/tool", "");
        std::os::unix::fs::symlink("tool", dir.path().join("b/bin/link")).unwrap();
        let (a, b, merged) = (dir.path().join("a"), dir.path().join("b"), dir.path().join("opt"));
        let opt = merge_layers(&[a.clone(), b.clone()], &merged).unwrap().unwrap();
        assert_eq!(fs::read_to_string(opt.join("nodejs/node_modules/x/index.js")).unwrap(), "2");
        assert_eq!(fs::read_link(opt.join("bin/link")).unwrap(), Path::new("tool"));
        // Once more over itself: links and files that are there already are replaced.
        assert!(merge_layers(&[b.clone(), b], &merged).is_ok());
        assert_eq!(merge_layers(&[a], &merged).unwrap().unwrap().file_name().unwrap(), "a");
        let none = dir.path().join("none");
        assert!(matches!(merge_layers(&[none], &merged), Err(RuntimeError::NoLayer { .. })));
        // Nothing is wrong with the layers if there is no place for them.
        write("file", "");
        let (c, file) = (dir.path().join("b/bin"), dir.path().join("file"));
        let error = merge_layers(&[c.clone(), c], &file).unwrap_err();
        assert!(matches!(&error, RuntimeError::NotMerged { to, .. } if *to == file), "{error}");
    }
}

//! Small functions with a weakness and how to repair it, one file each.
//!
//! A line with a weakness ends in `fixed:` and the line that repairs it. The head says what is found, where, in the events of which
//! source, and after how many events at the latest.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::Copied;

/// A weak function.
pub(crate) struct Weak {
    pub(crate) name: String,
    text: String,
}

impl Weak {
    pub(crate) fn read(folder: &Path, name: &str) -> Weak {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        Weak { name: name.to_owned(), text }
    }

    /// What the head says of `what`.
    pub(crate) fn head(&self, what: &str) -> &str {
        let wanted = format!(" {what}: ");
        let found = self.text.lines().find_map(|line| Some(line.split_once(&wanted)?.1));
        found.unwrap_or_else(|| panic!("{}: no {what}", self.name))
    }

    /// The function, as it is or repaired, without our remarks.
    fn code(&self, repaired: bool) -> String {
        let mut code = String::new();
        for line in self.text.lines() {
            let is_remark = ["// ", "# "].iter().any(|it| {
                line.strip_prefix(it).is_some_and(|it| {
                    ["oracle: ", "source: ", "point: ", "events: "].iter().any(|of| it.starts_with(of))
                })
            });
            if is_remark {
                continue;
            }
            let remark = [" // fixed: ", "  # fixed: "].iter().find_map(|it| line.split_once(it));
            match remark {
                Some((weak, fixed)) if repaired => {
                    let indent = &weak[..weak.len() - weak.trim_start().len()];
                    code.push_str(indent);
                    code.push_str(fixed);
                }
                Some((weak, _)) => code.push_str(weak),
                None => code.push_str(line),
            }
            code.push('\n');
        }
        code
    }

    pub(crate) fn copied(&self, repaired: bool) -> Copied {
        let (_, extension) = self.name.rsplit_once('.').unwrap();
        let stem = if extension == "py" { "app" } else { "index" };
        Copied::file(&format!("{stem}.{extension}"), &self.code(repaired))
    }
}

/// Whether `point` is `wanted`, or in the text there.
pub(crate) fn is_at(point: &str, wanted: &str) -> bool {
    point.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('»'))
}

/// The names of the files in a folder.
pub(crate) fn files_of(folder: &Path) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder).unwrap();
    files.map(|it| it.unwrap().file_name().into_string().unwrap()).collect()
}

/// A test for every file, which calls `check`, and the list of all.
macro_rules! functions {
    ($($test:ident: $file:literal,)*) => {
        const FILES: &[&str] = &[$($file),*];
        $(
            #[test]
            fn $test() {
                check($file);
            }
        )*
    };
}
pub(crate) use functions;

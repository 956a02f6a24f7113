//! Which limit is exceeded: the decision that whoever polls takes where no control group does it.
//!
//! Pure: measuring is in `usage`, acting is the caller's.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize};

use crate::usage::Disk;

/// The limit that ended a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Exceeded {
    /// It used more memory than allowed, together with its descendants.
    Memory,
    /// It had more processes and threads than allowed.
    Tasks,
    /// It used more CPU time than allowed.
    Cpu,
    /// It left more in its scratch space than allowed.
    Scratch,
    /// It lived longer than allowed.
    Lifetime,
}

impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Exceeded::Memory => "out of memory",
            Exceeded::Tasks => "too many processes and threads",
            Exceeded::Cpu => "too much CPU time",
            Exceeded::Scratch => "too much in the scratch space",
            Exceeded::Lifetime => "lived too long",
        })
    }
}

/// The most that a function and its descendants may use. `None`: as much as they like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Ceiling {
    /// Bytes.
    pub(crate) memory: Option<u64>,
    /// Processes and threads.
    pub(crate) tasks: Option<u64>,
    pub(crate) cpu: Option<Duration>,
    /// Bytes on disk.
    pub(crate) scratch: Option<u64>,
    pub(crate) lifetime: Option<Duration>,
}

/// What was measured at one moment. `None`: not measured this time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Measured {
    /// Bytes.
    pub(crate) memory: Option<u64>,
    /// Processes and threads.
    pub(crate) tasks: Option<u64>,
    pub(crate) cpu: Option<Duration>,
    pub(crate) scratch: Option<Disk>,
    pub(crate) lifetime: Option<Duration>,
}

impl Ceiling {
    /// The limit that `measured` is above. Equal is allowed.
    ///
    /// Of several it is the one that says most about the cause:
    /// a fork bomb also uses memory, and whatever does not end also uses CPU time.
    pub(crate) fn exceeded(&self, measured: &Measured) -> Option<Exceeded> {
        let scratch = measured.scratch.as_ref().map(|it| match it.truncated {
            false => it.bytes,
            // More entries than anybody counts, or hidden ones: no honest sum is known, so none is within the limit.
            true => u64::MAX,
        });
        let checks = [
            (Exceeded::Tasks, above(measured.tasks, self.tasks)),
            (Exceeded::Memory, above(measured.memory, self.memory)),
            (Exceeded::Scratch, above(scratch, self.scratch)),
            (Exceeded::Cpu, above(measured.cpu, self.cpu)),
            (Exceeded::Lifetime, above(measured.lifetime, self.lifetime)),
        ];
        checks.into_iter().find_map(|(limit, is_above)| is_above.then_some(limit))
    }
}

fn above<T: PartialOrd>(measured: Option<T>, most: Option<T>) -> bool {
    measured.zip(most).is_some_and(|(measured, most)| measured > most)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn ceiling() -> Ceiling {
        Ceiling {
            memory: Some(100),
            tasks: Some(10),
            cpu: Some(SECOND),
            scratch: Some(1000),
            lifetime: Some(60 * SECOND),
        }
    }

    fn at_the_limits() -> Measured {
        Measured {
            memory: Some(100),
            tasks: Some(10),
            cpu: Some(SECOND),
            scratch: Some(Disk { bytes: 1000, entries: 1, truncated: false }),
            lifetime: Some(60 * SECOND),
        }
    }

    #[track_caller]
    fn check(change: impl FnOnce(&mut Measured), expected: Option<Exceeded>) {
        let mut measured = at_the_limits();
        change(&mut measured);
        assert_eq!(ceiling().exceeded(&measured), expected);
        assert_eq!(Ceiling::default().exceeded(&measured), None, "nothing is forbidden without limits");
    }

    #[test]
    fn each_limit_is_exceeded_by_more_than_it_allows() {
        check(|_| {}, None);
        check(|it| it.memory = Some(101), Some(Exceeded::Memory));
        check(|it| it.tasks = Some(11), Some(Exceeded::Tasks));
        check(|it| it.cpu = Some(SECOND + Duration::from_nanos(1)), Some(Exceeded::Cpu));
        check(|it| it.scratch.as_mut().unwrap().bytes = 1001, Some(Exceeded::Scratch));
        check(|it| it.lifetime = Some(61 * SECOND), Some(Exceeded::Lifetime));
    }

    #[test]
    fn what_was_not_measured_exceeds_nothing() {
        assert_eq!(ceiling().exceeded(&Measured::default()), None);
    }

    #[test]
    fn a_sum_that_is_not_known_is_too_much() {
        check(
            |it| it.scratch = Some(Disk { bytes: 0, entries: 5, truncated: true }),
            Some(Exceeded::Scratch),
        );
    }

    #[test]
    fn a_fork_bomb_is_named_before_its_memory_and_time() {
        check(
            |it| {
                it.memory = Some(u64::MAX);
                it.tasks = Some(u64::MAX);
                it.cpu = Some(Duration::MAX);
            },
            Some(Exceeded::Tasks),
        );
        check(
            |it| {
                it.memory = Some(u64::MAX);
                it.lifetime = Some(Duration::MAX);
            },
            Some(Exceeded::Memory),
        );
    }

    #[test]
    fn travels_as_text() {
        let all = [Exceeded::Memory, Exceeded::Tasks, Exceeded::Cpu, Exceeded::Scratch, Exceeded::Lifetime];
        let text = serde_json::to_string(&all).unwrap();
        assert_eq!(text, r#"["Memory","Tasks","Cpu","Scratch","Lifetime"]"#);
        assert_eq!(serde_json::from_str::<Vec<Exceeded>>(&text).unwrap(), all);
    }
}

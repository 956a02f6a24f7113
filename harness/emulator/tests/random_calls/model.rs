//! What the Runtime API must answer, in a second, independent form: AWS "Lambda Runtime API", and the states of the emulator
//! of AWS as its source and its answers show them.

/// Where the runtime stands, and what there is for it.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) stage: Stage,
    /// An event was handed over and not taken.
    pub(crate) pending: Option<String>,
    /// The event that was taken last, until the next one is asked for: id and nonce.
    pub(crate) taken: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Fresh,
    Broken,
    Restored,
    RestoreBroken,
    Waiting,
    Working,
    /// An answer in an unknown mode: nothing is taken any more.
    Stuck,
    Done,
}

/// What an answer names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Right,
    OtherNonce,
    OtherId,
}

impl Model {
    pub(crate) fn new() -> Model {
        Model { stage: Stage::Fresh, pending: None, taken: None }
    }

    /// Status of `/next`; `None`: it waits, or gets what is pending.
    pub(crate) fn next(&self) -> Option<u16> {
        match self.stage {
            Stage::Fresh | Stage::Restored | Stage::Waiting | Stage::Done => None,
            Stage::Working => Some(200),
            Stage::Broken | Stage::RestoreBroken | Stage::Stuck => Some(403),
        }
    }

    /// Status of a post to `/response` or `/error`.
    pub(crate) fn answer(&self, names: Names) -> u16 {
        match (names, &self.taken) {
            (Names::OtherId, _) | (_, None) => 400,
            (Names::OtherNonce, Some(_)) => 410,
            (Names::Right, Some(_)) if self.stage == Stage::Working => 202,
            (Names::Right, Some(_)) => 403,
        }
    }

    /// Status of `/init/error`.
    pub(crate) fn init_error(&mut self) -> u16 {
        match self.stage {
            Stage::Fresh => self.stage = Stage::Broken,
            Stage::Restored => self.stage = Stage::RestoreBroken,
            _ => return 403,
        }
        202
    }

    /// Whether an event may be handed over.
    pub(crate) fn ready(&self) -> bool {
        matches!(self.stage, Stage::Waiting | Stage::Done)
    }
}

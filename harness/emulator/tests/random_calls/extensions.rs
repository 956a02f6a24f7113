//! What the Extensions API promises to extensions that register from within the function, written a second time.

use crate::call::{Failure, Registration};
use crate::model::Expected;

/// Most extensions of a function.
const MOST: usize = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Registered,
    Waiting,
    Working,
    InitFailed,
    Exited,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Phase::Registered => "Registered",
            Phase::Waiting => "Ready",
            Phase::Working => "Running",
            Phase::InitFailed => "InitError",
            Phase::Exited => "ExitError",
        }
    }
}

struct Extension {
    name: String,
    /// Known from the answer to its registration.
    id: Option<String>,
    wants_invoke: bool,
    phase: Phase,
}

#[derive(Default)]
pub(crate) struct Extensions {
    all: Vec<Extension>,
    closed: bool,
}

fn refused(error_type: &'static str, message: impl Into<String>) -> Expected {
    Expected::Error(403, error_type, Some(message.into()))
}

impl Extensions {
    pub(crate) fn register(&mut self, name: &str, account: bool, events: Registration) -> Expected {
        let wants_invoke = match events {
            _ if name.is_empty() => return refused("Extension.InvalidExtensionName", "Empty extension name"),
            Registration::NoJson | Registration::Keys => {
                return Expected::Error(403, "InvalidRequestFormat", None);
            }
            Registration::Shutdown => {
                return refused(
                    "Extension.InvalidEventType",
                    "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension",
                );
            }
            Registration::Other => {
                return refused("Extension.InvalidEventType", "FOO: ErrorInvalidEventType");
            }
            Registration::Invoke => true,
            Registration::Nothing => false,
        };
        if self.closed {
            return Expected::Error(403, "Extension.RegistrationClosed", None);
        }
        if self.all.len() == MOST {
            return refused("Extension.TooManyExtensions", "Extension limit (10) reached");
        }
        if self.all.iter().any(|it| it.name == name) {
            return Expected::Error(403, "Extension.InvalidExtensionState", None);
        }
        self.all.push(Extension { name: name.to_owned(), id: None, wants_invoke, phase: Phase::Registered });
        Expected::Registered(self.all.len() - 1, account)
    }

    pub(crate) fn is_named(&mut self, index: usize, id: &str) {
        assert!(self.ids().all(|it| it != id), "the identifier {id} was given out twice");
        self.all[index].id = Some(id.to_owned());
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.all.iter().filter_map(|it| it.id.as_deref())
    }

    pub(crate) fn close_registration(&mut self) {
        self.closed = true;
    }

    pub(crate) fn are_ready(&self) -> bool {
        self.all.iter().all(|it| matches!(it.phase, Phase::Waiting | Phase::InitFailed | Phase::Exited))
    }

    /// Whether an event goes to whoever waits on behalf of this one.
    pub(crate) fn gets_events(&self, index: usize) -> bool {
        let extension = &self.all[index];
        extension.wants_invoke && extension.phase == Phase::Waiting
    }

    /// The event has reached it.
    pub(crate) fn works(&mut self, index: usize) {
        self.all[index].phase = Phase::Working;
    }

    pub(crate) fn ask(&mut self, id: Option<&str>) -> Expected {
        let index = match self.find(id, |id| format!("Unknown extension {id}")) {
            Ok(index) => index,
            Err(refused) => return refused,
        };
        let extension = &mut self.all[index];
        if !matches!(extension.phase, Phase::Registered | Phase::Working) {
            return wrong_state(extension, "Ready");
        }
        extension.phase = Phase::Waiting;
        Expected::BlocksExtension(index)
    }

    /// What a report of failure is answered if it is refused.
    pub(crate) fn fail(
        &mut self,
        failure: Failure,
        id: Option<&str>,
        error_type: Option<&str>,
    ) -> Option<Expected> {
        if let Err(refused) = well_formed(id) {
            return Some(refused);
        }
        if error_type.is_none_or(str::is_empty) {
            let message = "Lambda-Extension-Function-Error-Type not found";
            return Some(refused("Extension.MissingHeader", message));
        }
        let index = match self.find(id, |_| "Unknown Lambda-Extension-Identifier".to_owned()) {
            Ok(index) => index,
            Err(refused) => return Some(refused),
        };
        let extension = &mut self.all[index];
        match failure {
            Failure::Init if matches!(extension.phase, Phase::Registered | Phase::InitFailed) => {
                extension.phase = Phase::InitFailed;
            }
            Failure::Init => return Some(wrong_state(extension, "InitError")),
            Failure::Exit if extension.phase != Phase::InitFailed => extension.phase = Phase::Exited,
            Failure::Exit => return Some(wrong_state(extension, "Exited")),
        }
        None
    }

    fn find(&self, id: Option<&str>, unknown: impl FnOnce(&str) -> String) -> Result<usize, Expected> {
        let id = well_formed(id)?;
        let lower = id.to_lowercase();
        self.all
            .iter()
            .position(|it| it.id.as_ref() == Some(&lower))
            .ok_or_else(|| refused("Extension.UnknownExtensionIdentifier", unknown(id)))
    }
}

fn wrong_state(extension: &Extension, to: &str) -> Expected {
    refused(
        "Extension.InvalidExtensionState",
        format!(
            "State transition from {} to {to} failed for extension {}. Error: State transition is not allowed",
            extension.phase.name(),
            extension.id.as_deref().unwrap_or_default()
        ),
    )
}

/// An identifier is a UUID.
fn well_formed(id: Option<&str>) -> Result<&str, Expected> {
    let id = id.unwrap_or_default();
    if id.is_empty() {
        let message = "Missing Lambda-Extension-Identifier header";
        return Err(refused("Extension.MissingExtensionIdentifier", message));
    }
    let shape: String = id.chars().map(|it| if it.is_ascii_hexdigit() { 'x' } else { it }).collect();
    if shape == "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx" {
        Ok(id)
    } else {
        Err(refused("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"))
    }
}

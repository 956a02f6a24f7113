//! Extensions that register themselves from within the function's process, and their state machine. Pure.
//!
//! AWS "Lambda Extensions API". Names of states, errors and limits: runtime interface emulator, `core/internalagent_states.go`,
//! `core/registrations.go`, `rapi/handler/agent*.go`. External extensions (programs of `/opt/extensions`) are not started here,
//! so whoever registers is an internal one.

use bytes::Bytes;
use serde::Deserialize;

/// Most extensions of a function (`MaxAgentsAllowed`).
const MOST: usize = 10;

/// The extensions of one function.
#[derive(Debug, Default)]
pub(crate) struct Extensions {
    all: Vec<Extension>,
    registration: Registration,
    /// The event of the current invocation, and how many there were.
    event: Bytes,
    invocations: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Registration {
    #[default]
    Open,
    /// The runtime has asked for its first event.
    Closed,
}

#[derive(Debug)]
struct Extension {
    id: String,
    name: String,
    wants_invoke: bool,
    state: State,
    /// The last invocation that it was told of.
    told: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Registered,
    Ready,
    Running,
    InitError,
    ExitError,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Registered => "Registered",
            State::Ready => "Ready",
            State::Running => "Running",
            State::InitError => "InitError",
            State::ExitError => "ExitError",
        }
    }
}

/// Why a call is answered with 403.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) error_type: &'static str,
    pub(crate) message: String,
}

impl Refusal {
    fn new(error_type: &'static str, message: impl Into<String>) -> Refusal {
        Refusal { error_type, message: message.into() }
    }

    fn state(extension: &Extension, to: &str) -> Refusal {
        Refusal::new(
            "Extension.InvalidExtensionState",
            format!(
                "State transition from {} to {to} failed for extension {}. Error: State transition is not allowed",
                extension.state.name(),
                extension.id
            ),
        )
    }
}

/// Which failure an extension reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// `/init/error`
    Init,
    /// `/exit/error`
    Exit,
}

impl Extensions {
    /// Registers one. `fresh_id` becomes its identifier.
    pub(crate) fn register(&mut self, name: &str, body: &[u8], fresh_id: String) -> Result<String, Refusal> {
        #[derive(Default, Deserialize)]
        struct Request {
            #[serde(default)]
            events: Option<Vec<String>>,
            #[serde(rename = "configurationKeys", default)]
            configuration_keys: Option<Vec<String>>,
        }
        if name.is_empty() {
            return Err(Refusal::new("Extension.InvalidExtensionName", "Empty extension name"));
        }
        let invalid = |message: String| Refusal::new("InvalidRequestFormat", message);
        if body.trim_ascii_start().first() == Some(&b'[') {
            // It would pass as the members in their order.
            return Err(invalid("a list is no registration".to_owned()));
        }
        // The original takes null for a registration that wants nothing.
        let request: Option<Request> =
            serde_json::from_slice(body).map_err(|error| invalid(error.to_string()))?;
        let request = request.unwrap_or_default();
        if request.configuration_keys.is_some_and(|it| !it.is_empty()) {
            let message = "configurationKeys are deprecated; use environment variables instead";
            return Err(invalid(message.to_owned()));
        }
        let events = request.events.unwrap_or_default();
        for event in &events {
            let why = match event.as_str() {
                "INVOKE" => continue,
                "SHUTDOWN" => "ShutdownEventNotSupportedForInternalExtension",
                _ => "ErrorInvalidEventType",
            };
            return Err(Refusal::new("Extension.InvalidEventType", format!("{event}: {why}")));
        }
        if self.registration == Registration::Closed {
            return Err(Refusal::new(
                "Extension.RegistrationClosed",
                "Extension registration closed already",
            ));
        }
        if self.all.len() >= MOST {
            return Err(Refusal::new(
                "Extension.TooManyExtensions",
                format!("Extension limit ({MOST}) reached"),
            ));
        }
        if self.all.iter().any(|it| it.name == name) {
            return Err(Refusal::new(
                "Extension.InvalidExtensionState",
                "Extension with this name already registered",
            ));
        }
        self.all.push(Extension {
            id: fresh_id.clone(),
            name: name.to_owned(),
            wants_invoke: !events.is_empty(),
            state: State::Registered,
            told: 0,
        });
        Ok(fresh_id)
    }

    /// The runtime has asked for its first event: nobody can register any more.
    pub(crate) fn close_registration(&mut self) {
        self.registration = Registration::Closed;
    }

    /// Whether anybody has registered, or still can.
    pub(crate) fn may_want_events(&self) -> bool {
        !self.all.is_empty() || self.registration == Registration::Open
    }

    /// Whether all of them wait for the next event, as the service demands before it sends one.
    pub(crate) fn are_ready(&self) -> bool {
        self.all.iter().all(|it| !matches!(it.state, State::Registered | State::Running))
    }

    /// One asks for an event. The value names it in later calls of [`Extensions::take_event`].
    pub(crate) fn ask(&mut self, id: Option<&str>) -> Result<usize, Refusal> {
        let index = self.find(id, |id| format!("Unknown extension {id}"))?;
        let extension = &mut self.all[index];
        match extension.state {
            State::Registered | State::Running => {
                extension.state = State::Ready;
                Ok(index)
            }
            State::Ready | State::InitError | State::ExitError => Err(Refusal::state(extension, "Ready")),
        }
    }

    /// The event of an invocation, for all that want it.
    pub(crate) fn deliver(&mut self, event: Bytes) {
        self.event = event;
        self.invocations += 1;
    }

    /// The event that extension `index` waits for, once it is there.
    pub(crate) fn take_event(&mut self, index: usize) -> Option<Bytes> {
        // One that has failed meanwhile stays failed.
        let extension = self.all.get_mut(index).filter(|it| it.state == State::Ready)?;
        if !extension.wants_invoke || extension.told == self.invocations {
            return None;
        }
        extension.told = self.invocations;
        extension.state = State::Running;
        Some(self.event.clone())
    }

    /// One reports that it failed.
    pub(crate) fn fail(
        &mut self,
        id: Option<&str>,
        failure: Failure,
        error_type: Option<&str>,
    ) -> Result<(), Refusal> {
        identifier(id)?;
        if error_type.is_none_or(str::is_empty) {
            return Err(Refusal::new(
                "Extension.MissingHeader",
                "Lambda-Extension-Function-Error-Type not found",
            ));
        }
        // Unlike the next event, these do not name it (`agentiniterror.go`, `agentexiterror.go`).
        let index = self.find(id, |_| "Unknown Lambda-Extension-Identifier".to_owned())?;
        let extension = &mut self.all[index];
        extension.state = match (failure, extension.state) {
            (Failure::Init, State::Registered | State::InitError) => State::InitError,
            (Failure::Exit, State::Registered | State::Ready | State::Running | State::ExitError) => {
                State::ExitError
            }
            (Failure::Init, _) => return Err(Refusal::state(extension, "InitError")),
            (Failure::Exit, _) => return Err(Refusal::state(extension, "Exited")),
        };
        Ok(())
    }

    fn find(&self, id: Option<&str>, unknown: impl FnOnce(&str) -> String) -> Result<usize, Refusal> {
        let id = identifier(id)?;
        self.all
            .iter()
            .position(|it| it.id.eq_ignore_ascii_case(id))
            .ok_or_else(|| Refusal::new("Extension.UnknownExtensionIdentifier", unknown(id)))
    }
}

/// A UUID, the only form that an identifier has.
fn identifier(id: Option<&str>) -> Result<&str, Refusal> {
    let Some(id) = id.filter(|it| !it.is_empty()) else {
        return Err(Refusal::new(
            "Extension.MissingExtensionIdentifier",
            "Missing Lambda-Extension-Identifier header",
        ));
    };
    let parts: Vec<usize> = id.split('-').map(str::len).collect();
    let digits = id.bytes().all(|it| it.is_ascii_hexdigit() || it == b'-');
    if digits && parts == [8, 4, 4, 4, 12] {
        Ok(id)
    } else {
        Err(Refusal::new("Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

    fn refused<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
        let refusal = result.expect_err("refused");
        format!("{}: {}", refusal.error_type, refusal.message)
    }

    #[test]
    fn an_extension_gets_each_event_once() {
        let mut extensions = Extensions::default();
        extensions.register("e", b"{\"events\":[\"INVOKE\"]}", ID.to_owned()).unwrap();
        assert!(!extensions.are_ready());
        let index = extensions.ask(Some(ID)).unwrap();
        assert!(extensions.are_ready());
        assert_eq!(extensions.take_event(index), None);
        extensions.deliver(Bytes::from_static(b"1"));
        assert_eq!(extensions.take_event(index).as_deref(), Some(&b"1"[..]));
        assert!(!extensions.are_ready(), "it works on the event");
        assert_eq!(extensions.take_event(index), None);
        assert_eq!(extensions.ask(Some(ID)), Ok(index));
        assert!(refused(extensions.ask(Some(ID))).contains("from Ready to Ready"));
    }

    #[test]
    fn registrations_that_are_refused() {
        let mut extensions = Extensions::default();
        let mut register = |name: &str, body: &str| extensions.register(name, body.as_bytes(), ID.to_owned());
        assert_eq!(refused(register("", "{}")), "Extension.InvalidExtensionName: Empty extension name");
        assert!(refused(register("e", "")).starts_with("InvalidRequestFormat: "));
        assert_eq!(
            refused(register("e", "{\"events\":[\"FOO\"]}")),
            "Extension.InvalidEventType: FOO: ErrorInvalidEventType"
        );
        assert_eq!(
            refused(register("e", "{\"events\":[\"INVOKE\",\"SHUTDOWN\"]}")),
            "Extension.InvalidEventType: SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"
        );
        assert!(register("e", "{}").is_ok());
        assert!(refused(register("e", "{}")).contains("already registered"));
        for number in 1..MOST {
            assert!(register(&number.to_string(), "{}").is_ok());
        }
        assert_eq!(refused(register("x", "{}")), "Extension.TooManyExtensions: Extension limit (10) reached");
        extensions.close_registration();
        assert!(refused(extensions.register("y", b"{}", ID.to_owned())).contains("closed already"));
    }

    #[test]
    fn failures_are_reported_in_their_time() {
        let mut extensions = Extensions::default();
        assert!(
            refused(extensions.fail(None, Failure::Exit, None))
                .starts_with("Extension.MissingExtensionIdentifier")
        );
        assert!(
            refused(extensions.fail(Some("x"), Failure::Exit, None))
                .starts_with("Extension.InvalidExtensionIdentifier")
        );
        assert!(
            refused(extensions.fail(Some(ID), Failure::Exit, None)).starts_with("Extension.MissingHeader")
        );
        assert!(
            refused(extensions.fail(Some(ID), Failure::Exit, Some("E")))
                .starts_with("Extension.UnknownExtensionIdentifier")
        );
        extensions.register("e", b"{}", ID.to_owned()).unwrap();
        extensions.ask(Some(ID)).unwrap();
        assert!(
            refused(extensions.fail(Some(ID), Failure::Init, Some("E"))).contains("from Ready to InitError")
        );
        assert_eq!(extensions.fail(Some(ID), Failure::Exit, Some("E")), Ok(()));
        assert_eq!(extensions.fail(Some(ID), Failure::Exit, Some("E")), Ok(()));
        assert!(extensions.are_ready(), "one that has failed keeps nobody waiting");
    }

    #[test]
    fn an_extension_that_fails_before_it_gets_its_event_stays_failed() {
        let mut extensions = Extensions::default();
        extensions.register("e", b"{\"events\":[\"INVOKE\"]}", ID.to_owned()).unwrap();
        let index = extensions.ask(Some(ID)).unwrap();
        extensions.deliver(Bytes::from_static(b"1"));
        assert_eq!(extensions.fail(Some(ID), Failure::Exit, Some("E")), Ok(()));
        assert_eq!(extensions.take_event(index), None);
        assert!(extensions.are_ready(), "it does not work on the event");
    }
}

//! Processes that end, by themselves or at their timeout, in every state.

use super::Add;
use crate::requests::{event, fail, init_error, next, respond, respond_in_odd_mode, running, to_another};
use crate::walk::End::{Exit, Signal, Timeout};
use crate::walk::Step::{Call, End, Invoked};

pub(super) fn add(add: Add<'_>) {
    let ends = [
        ("exit 0", Exit(0)),
        ("exit 3", Exit(3)),
        ("exit 255", Exit(255)),
        ("SIGSEGV", Signal(11, "SEGV")),
        ("SIGABRT", Signal(6, "ABRT")),
        ("SIGKILL", Signal(9, "KILL")),
        ("SIGTERM", Signal(15, "TERM")),
        ("timeout", Timeout),
    ];
    for (name, how) in ends {
        add(&format!("{name} before next"), vec![event("{}"), End(how), Invoked]);
        add(&format!("{name} while it runs"), running(vec![End(how), Invoked]));
    }
    for (name, how) in
        [("exit 0", Exit(0)), ("exit 3", Exit(3)), ("SIGSEGV", Signal(11, "SEGV")), ("timeout", Timeout)]
    {
        add(&format!("{name} after an answer"), running(vec![Call(0, respond(b"1")), End(how), Invoked]));
        add(&format!("{name} after an error"), running(vec![Call(0, fail(&[], b"{}")), End(how), Invoked]));
        add(
            &format!("{name} after an init error"),
            vec![event("{}"), Call(0, init_error(b"{\"errorType\":\"E\"}")), End(how), Invoked],
        );
        add(
            &format!("{name} after an odd mode"),
            running(vec![Call(0, respond_in_odd_mode()), End(how), Invoked]),
        );
        add(
            &format!("{name} after a refused answer"),
            running(vec![Call(0, to_another("response", b"1")), Call(1, next()), End(how), Invoked]),
        );
    }
}

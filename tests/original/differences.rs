//! Where ours differs from the original on purpose, and why.

/// One kind of difference.
pub(crate) struct Difference {
    /// What differs, and why.
    pub(crate) what: &'static str,
    applies: fn(scenario: &str, theirs: &str, ours: &str) -> bool,
}

/// The list. The first entry that explains a difference counts.
pub(crate) const ALL: &[Difference] = &[
    Difference {
        what: "Lambda-Runtime-Invocation-Id is sent with every event: the service does so since 2026, the original does not yet",
        applies: |_, theirs, ours| theirs == without_own_headers(ours),
    },
    Difference {
        what: "Lambda-Runtime-Trace-Id of the caller is passed on: the service does so, the original drops it",
        applies: |scenario, theirs, ours| {
            scenario == "trace"
                && ours
                    .contains("lambda-runtime-trace-id: Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
                && theirs.contains("200 OK")
        },
    },
    Difference {
        what: "extensions are told of a trace, since there always is one",
        applies: |_, theirs, ours| {
            let tracing = "\\\"tracing\\\":{";
            ours.contains(tracing)
                && !theirs.contains(tracing)
                && ours.starts_with(theirs.trim_end_matches('}'))
        },
    },
    Difference {
        what: "an answer with the nonce of another delivery is refused with 410, as the service does; the original does not know it",
        applies: |scenario, theirs, ours| {
            scenario == "nonce of another delivery"
                && (theirs.contains(" 202 ") && ours.contains(" 410 ")
                    || theirs.contains(" 403 ") && ours.contains(" 202 "))
        },
    },
    Difference {
        what: "an error of the function is told as X-Amz-Function-Error: the service does so, the original says 200 alone",
        applies: |_, theirs, ours| ours.replacen("200 Unhandled ", "200 ", 1) == theirs,
    },
    Difference {
        what: "events that are no JSON, empty or too large never reach the function: the service refuses them, the original cuts or passes them on",
        applies: |scenario, _, ours| {
            ["an event beyond it", "events that are no JSON", "an event of no bytes"].contains(&scenario)
                && (ours == "no answer"
                    || ours.contains("InvalidRequestContentException")
                    || ours.contains("RequestTooLargeException"))
        },
    },
    Difference {
        what: "an error document beyond the limit is refused like an answer beyond it; the original panics and hangs",
        applies: |scenario, theirs, _| {
            scenario == "an error document of 7 MiB" && (theirs == "closed" || theirs == "invoker: no answer")
        },
    },
    Difference {
        what: "a head beyond the limit is refused with 431 by both, in words of their own",
        applies: |_, theirs, ours| theirs.contains(" 431 ") && ours.contains(" 431 "),
    },
    Difference {
        what: "while an answer is being read another one is refused at once; the original lets it wait",
        applies: |scenario, theirs, ours| {
            scenario == "while an answer is being read" && theirs == "no answer" && ours.contains(" 403 ")
        },
    },
    Difference {
        what: "an answer that breaks off ends its invocation; the original waits for the timeout",
        applies: |scenario, theirs, ours| {
            scenario.ends_with(" that breaks off")
                && theirs == "invoker: no answer"
                && ours.contains("Runtime.TruncatedResponse")
        },
    },
    Difference {
        what: "the parser's own words about a document that is none",
        applies: |_, theirs, ours| {
            theirs.contains("InvalidRequestFormat") && ours.contains("InvalidRequestFormat")
        },
    },
    Difference {
        what: "an allowed method is named once",
        applies: |_, theirs, ours| theirs.replace("allow: POST; allow: POST", "allow: POST") == ours,
    },
    Difference {
        what: "a request without a Host is served: nobody is harmed, and simple clients get along",
        applies: |scenario, _, _| scenario == "no host",
    },
    Difference {
        what: "what is no request is refused with 400 whatever is wrong with it, and the connection is closed",
        applies: |scenario, theirs, ours| {
            scenario.starts_with("malformed: ")
                && ours.contains(" 400 ")
                && ["400", "501", "505"].iter().any(|it| theirs.contains(it))
        },
    },
    Difference {
        what: "a post whose body cannot be read loses its connection; the original takes the part that it has read",
        applies: |scenario, _, ours| scenario == "malformed: a bad chunk" && ours == "closed",
    },
];

/// The entry that explains why `ours` is not `theirs`.
pub(crate) fn reason(scenario: &str, theirs: &str, ours: &str) -> Option<&'static str> {
    ALL.iter().find(|it| (it.applies)(scenario, theirs, ours)).map(|it| it.what)
}

/// An answer to `/next` without the headers that the original does not send.
fn without_own_headers(line: &str) -> String {
    let Some((before, rest)) = line.split_once(" [") else { return line.to_owned() };
    let Some((headers, after)) = rest.split_once("] ") else { return line.to_owned() };
    let kept: Vec<&str> = headers
        .split("; ")
        .filter(|it| !it.starts_with("lambda-runtime-invocation-id: ") && !it.ends_with("Sampled=0"))
        .collect();
    format!("{before} [{}] {after}", kept.join("; "))
}

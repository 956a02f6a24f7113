//! The oracles by name: what each finds in one line, how bad it is, and what to do about it.
//!
//! One row of [`FACTS`] per oracle. How it decides is in `judge`, one file each.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The judge that made a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OracleId {
    /// Event data was run as a command.
    CommandExecution,
    /// Event data was evaluated as source code.
    CodeEvaluation,
    /// Event data put a property on every object.
    PrototypePollution,
    /// Event data was rendered as a template.
    TemplateInjection,
    /// Event data was read as objects that act.
    Deserialization,
    /// Event data became an option of a program.
    ArgumentInjection,
    /// Event data became part of an SQL statement.
    SqlInjection,
    /// Event data became an operator of a MongoDB filter.
    NosqlInjection,
    /// Event data became part of an expression or statement of DynamoDB.
    DynamodbExpression,
    /// Event data led to a file elsewhere.
    PathTraversal,
    /// Event data chose whom the function asks.
    Ssrf,
    /// Event data made an XML parser open files or ask addresses.
    Xxe,
    /// Event data made a header of its own in an answer.
    HeaderInjection,
    /// Event data made a line of its own in the log.
    LogInjection,
    /// A secret of the function stands in what it says.
    SecretLeak,
    /// A token is accepted that nobody signed who may.
    TokenForgery,
    /// The process ended before it answered.
    ProcessExit,
    /// An error of the runtime reached the top of the handler.
    UnhandledError,
    /// A promise that nobody awaited was rejected.
    UnhandledRejection,
    /// No answer within the configured timeout.
    Timeout,
    /// The handler's promise was never settled.
    NeverSettled,
    /// The function went on with an event after its answer.
    WorkAfterAnswer,
    /// Text of one event came out with another one.
    StateLeak,
    /// CPU time grows faster than a text in the event.
    CpuGrowth,
    /// The answer cannot become an HTTP response.
    MalformedResponse,
    /// Failed records are reported in a way that Lambda does not understand.
    BatchFailures,
    /// The answer is larger than Lambda passes on.
    ResponseTooLarge,
    /// The function uses more memory than it has.
    OutOfMemory,
    /// The function keeps memory for every event.
    MemoryGrowth,
}

/// A risk of "OWASP Top 10: Interpretation for Serverless" (2018; OWASP/Serverless-Top-10-Project, `2018/en`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owasp {
    /// S1.
    Injection,
    /// S2.
    Authentication,
    /// S5, where OWASP has CWE-22 and, since its Top 10 of 2025, CWE-918.
    Access,
    /// S4.
    Entities,
    /// S8.
    Deserialization,
    /// S3.
    Exposure,
    /// "Other risks": denial of service, denial of wallet.
    Denial,
    /// S10, where unhandled errors belong: nobody is told.
    Logging,
}

impl Owasp {
    fn name(self) -> &'static str {
        match self {
            Owasp::Injection => "S1 Injection",
            Owasp::Authentication => "S2 Broken Authentication",
            Owasp::Access => "S5 Broken Access Control",
            Owasp::Entities => "S4 XML External Entities (XXE)",
            Owasp::Deserialization => "S8 Insecure Deserialization",
            Owasp::Exposure => "S3 Sensitive Data Exposure",
            Owasp::Denial => "other risks: Denial of Service",
            Owasp::Logging => "S10 Insufficient Logging and Monitoring",
        }
    }
}

/// What is known of an oracle.
struct Facts {
    oracle: OracleId,
    id: &'static str,
    severity: Severity,
    /// The weakness in the Common Weakness Enumeration.
    cwe: u32,
    owasp: Owasp,
    /// What to do, in one line.
    fix: &'static str,
}

const FACTS: [Facts; OracleId::ALL.len()] = [
    Facts {
        oracle: OracleId::CommandExecution,
        id: "command-execution",
        severity: Severity::Critical,
        cwe: 78,
        owasp: Owasp::Injection,
        fix: "start programs with an argument array and no shell, put -- before event data",
    },
    Facts {
        oracle: OracleId::CodeEvaluation,
        id: "code-evaluation",
        severity: Severity::Critical,
        cwe: 95,
        owasp: Owasp::Injection,
        fix: "parse the value, never evaluate it",
    },
    Facts {
        oracle: OracleId::PrototypePollution,
        id: "prototype-pollution",
        severity: Severity::High,
        cwe: 1321,
        owasp: Owasp::Injection,
        fix: "skip __proto__, constructor and prototype when members are copied",
    },
    Facts {
        oracle: OracleId::TemplateInjection,
        id: "template-injection",
        severity: Severity::Critical,
        cwe: 1336,
        owasp: Owasp::Injection,
        fix: "keep templates in files, give event data to them as values only",
    },
    Facts {
        oracle: OracleId::Deserialization,
        id: "deserialization",
        severity: Severity::Critical,
        cwe: 502,
        owasp: Owasp::Deserialization,
        fix: "read plain data: JSON, yaml.safe_load",
    },
    Facts {
        oracle: OracleId::ArgumentInjection,
        id: "argument-injection",
        severity: Severity::High,
        cwe: 88,
        owasp: Owasp::Injection,
        fix: "put -- before arguments that come from the event",
    },
    Facts {
        oracle: OracleId::SqlInjection,
        id: "sql-injection",
        severity: Severity::Critical,
        cwe: 89,
        owasp: Owasp::Injection,
        fix: "bind every value; choose names of columns from a list of your own",
    },
    Facts {
        oracle: OracleId::NosqlInjection,
        id: "nosql-injection",
        severity: Severity::High,
        cwe: 943,
        owasp: Owasp::Injection,
        fix: "check the type of every value, or compare with { $eq: value }",
    },
    Facts {
        oracle: OracleId::DynamodbExpression,
        id: "dynamodb-expression",
        severity: Severity::High,
        cwe: 943,
        owasp: Owasp::Injection,
        fix: "keep expressions constant: values as :v, names as #n from a list of your own",
    },
    Facts {
        oracle: OracleId::PathTraversal,
        id: "path-traversal",
        severity: Severity::High,
        cwe: 22,
        owasp: Owasp::Access,
        fix: "take the base name, or resolve the path and compare it with the folder before opening",
    },
    Facts {
        oracle: OracleId::Ssrf,
        id: "ssrf",
        severity: Severity::High,
        cwe: 918,
        owasp: Owasp::Access,
        fix: "choose the host yourself; compare it with an allow-list after parsing the URL",
    },
    Facts {
        oracle: OracleId::Xxe,
        id: "xxe",
        severity: Severity::High,
        cwe: 611,
        owasp: Owasp::Entities,
        fix: "turn off external entities and document types in the parser",
    },
    Facts {
        oracle: OracleId::HeaderInjection,
        id: "header-injection",
        severity: Severity::Medium,
        cwe: 113,
        owasp: Owasp::Injection,
        fix: "encode what goes into a header, or refuse control characters",
    },
    Facts {
        oracle: OracleId::LogInjection,
        id: "log-injection",
        severity: Severity::Low,
        cwe: 117,
        owasp: Owasp::Logging,
        fix: "log JSON, or repr() of what came from outside",
    },
    Facts {
        oracle: OracleId::SecretLeak,
        id: "secret-leak",
        severity: Severity::High,
        cwe: 200,
        owasp: Owasp::Exposure,
        fix: "answer and log chosen fields only; redact secrets; change those that were logged",
    },
    Facts {
        oracle: OracleId::TokenForgery,
        id: "token-forgery",
        severity: Severity::Critical,
        cwe: 347,
        owasp: Owasp::Authentication,
        fix: "name the algorithms that are accepted, and refuse to start without a key",
    },
    Facts {
        oracle: OracleId::ProcessExit,
        id: "process-exit",
        severity: Severity::Medium,
        cwe: 755,
        owasp: Owasp::Denial,
        fix: "catch what ends the process; answer with an error instead",
    },
    Facts {
        oracle: OracleId::UnhandledError,
        id: "unhandled-error",
        severity: Severity::Low,
        cwe: 755,
        owasp: Owasp::Logging,
        fix: "check the event before using it; answer 400 or report the record as failed",
    },
    Facts {
        oracle: OracleId::UnhandledRejection,
        id: "unhandled-rejection",
        severity: Severity::Medium,
        cwe: 755,
        owasp: Owasp::Denial,
        fix: "await every promise, or attach a catch handler",
    },
    Facts {
        oracle: OracleId::Timeout,
        id: "timeout",
        severity: Severity::Medium,
        cwe: 400,
        owasp: Owasp::Denial,
        fix: "bound the work that an event can ask for",
    },
    Facts {
        oracle: OracleId::NeverSettled,
        id: "never-settled",
        severity: Severity::Medium,
        cwe: 755,
        owasp: Owasp::Logging,
        fix: "settle every promise on every path: reject in error handlers, resolve before returning",
    },
    Facts {
        oracle: OracleId::WorkAfterAnswer,
        id: "work-after-answer",
        severity: Severity::Low,
        cwe: 662,
        owasp: Owasp::Logging,
        fix: "await everything before the handler returns",
    },
    Facts {
        oracle: OracleId::StateLeak,
        id: "state-leak",
        severity: Severity::High,
        cwe: 488,
        owasp: Owasp::Exposure,
        fix: "make what belongs to one event inside the handler",
    },
    Facts {
        oracle: OracleId::CpuGrowth,
        id: "cpu-growth",
        severity: Severity::Medium,
        cwe: 407,
        owasp: Owasp::Denial,
        fix: "refuse long texts first; no repetition inside a repetition",
    },
    Facts {
        oracle: OracleId::MalformedResponse,
        id: "malformed-response",
        severity: Severity::Low,
        cwe: 573,
        owasp: Owasp::Logging,
        fix: "make every answer in one place: a statusCode, and the body as text",
    },
    Facts {
        oracle: OracleId::BatchFailures,
        id: "batch-failures",
        severity: Severity::Medium,
        cwe: 573,
        owasp: Owasp::Logging,
        fix: "answer { batchItemFailures: [{ itemIdentifier }] } with the identifiers of the event",
    },
    Facts {
        oracle: OracleId::ResponseTooLarge,
        id: "response-too-large",
        severity: Severity::Low,
        cwe: 770,
        owasp: Owasp::Denial,
        fix: "bound what an event can ask for; hand out large results through a bucket",
    },
    Facts {
        oracle: OracleId::OutOfMemory,
        id: "out-of-memory",
        severity: Severity::Medium,
        cwe: 770,
        owasp: Owasp::Denial,
        fix: "bound sizes and counts from the event before anything is made of them",
    },
    Facts {
        oracle: OracleId::MemoryGrowth,
        id: "memory-growth",
        severity: Severity::Medium,
        cwe: 401,
        owasp: Owasp::Denial,
        fix: "bound what is kept outside of the handler",
    },
];

impl OracleId {
    /// Every oracle.
    pub const ALL: [OracleId; 29] = [
        OracleId::CommandExecution,
        OracleId::CodeEvaluation,
        OracleId::PrototypePollution,
        OracleId::TemplateInjection,
        OracleId::Deserialization,
        OracleId::ArgumentInjection,
        OracleId::SqlInjection,
        OracleId::NosqlInjection,
        OracleId::DynamodbExpression,
        OracleId::PathTraversal,
        OracleId::Ssrf,
        OracleId::Xxe,
        OracleId::HeaderInjection,
        OracleId::LogInjection,
        OracleId::SecretLeak,
        OracleId::TokenForgery,
        OracleId::ProcessExit,
        OracleId::UnhandledError,
        OracleId::UnhandledRejection,
        OracleId::Timeout,
        OracleId::NeverSettled,
        OracleId::WorkAfterAnswer,
        OracleId::StateLeak,
        OracleId::CpuGrowth,
        OracleId::MalformedResponse,
        OracleId::BatchFailures,
        OracleId::ResponseTooLarge,
        OracleId::OutOfMemory,
        OracleId::MemoryGrowth,
    ];

    fn facts(self) -> &'static Facts {
        // A test holds that there is a row for each.
        FACTS.iter().find(|facts| facts.oracle == self).unwrap_or(&FACTS[0])
    }

    /// Kebab-case name.
    pub fn id(self) -> &'static str {
        self.facts().id
    }

    /// The oracle of that name.
    pub fn from_id(id: &str) -> Option<OracleId> {
        OracleId::ALL.into_iter().find(|oracle| oracle.id() == id)
    }

    /// Whether an observer inside the process may be all that sees it.
    pub(crate) fn needs_observer(self) -> bool {
        matches!(
            self,
            OracleId::CodeEvaluation
                | OracleId::Deserialization
                | OracleId::PrototypePollution
                | OracleId::NeverSettled
                | OracleId::SqlInjection
                | OracleId::NosqlInjection
                | OracleId::DynamodbExpression
        )
    }

    /// Whether one sighting with a nonce is proof by itself: who else could have said that word where it was heard? What is
    /// logged late can have been kept by a later event.
    pub(crate) fn is_proven_once(self) -> bool {
        !matches!(self, OracleId::WorkAfterAnswer | OracleId::StateLeak)
    }

    /// Whether what it sees may come after the answer, while a later event is being handled.
    pub(crate) fn comes_late(self) -> bool {
        matches!(self, OracleId::ProcessExit | OracleId::UnhandledRejection | OracleId::OutOfMemory)
    }

    /// Whether what it sees is a flaw of the function whatever the event: if valid events show it as well, one of them is
    /// the finding, instead of nothing.
    pub(crate) fn holds_for_any_event(self) -> bool {
        matches!(self, OracleId::SecretLeak | OracleId::BatchFailures)
    }

    /// Whether what it sees counts only where the function answers valid events of the same source in the form that their
    /// sender is waiting for.
    pub(crate) fn needs_answers_in_form(self) -> bool {
        matches!(self, OracleId::MalformedResponse)
    }

    /// How bad a finding of this oracle is.
    pub fn severity(self) -> Severity {
        self.facts().severity
    }

    /// The weakness in the Common Weakness Enumeration.
    pub fn cwe(self) -> u32 {
        self.facts().cwe
    }

    /// Its place in OWASP's list for serverless applications: `S1 Injection`.
    pub fn owasp(self) -> &'static str {
        self.facts().owasp.name()
    }

    /// What to do about a finding, in one line.
    pub fn fix(self) -> &'static str {
        self.facts().fix
    }
}

impl fmt::Display for OracleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An error for the sender, or a retry.
    Low,
    /// Costs other invocations: the process dies, time is burnt. Or a sender misleads somebody.
    Medium,
    /// A sender reads or changes what is not his.
    High,
    /// The sender takes over the function.
    Critical,
}

impl Severity {
    /// Lower-case name.
    pub fn id(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_oracle_has_a_row_of_its_own() {
        for (oracle, facts) in OracleId::ALL.into_iter().zip(&FACTS) {
            assert_eq!(oracle, facts.oracle);
            assert_eq!(OracleId::from_id(facts.id), Some(oracle));
            // The name in stored findings is the one that people see.
            assert_eq!(serde_json::to_value(oracle).unwrap(), facts.id);
        }
    }
}

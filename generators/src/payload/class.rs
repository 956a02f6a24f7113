//! Weakness classes: what a payload tries to be interpreted as, and under which CWE that is known.

use serde::{Deserialize, Serialize};

use super::{
    Payload, argument, deserialization, dynamodb, extreme, header, java_expression, javascript, jwt, ldap,
    log, log4shell, mongo, path, prototype, python, redos, shell, sql, ssrf, template, xpath, xxe,
};

/// What a payload tries to be interpreted as.
///
/// The ids are stored in corpora and reports: an id that changes is still read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PayloadClass {
    /// Part of a shell command line, or the name of a program. CWE-78.
    ShellCommand,
    /// Python source text. CWE-95.
    PythonCode,
    /// JavaScript source text. CWE-95.
    #[serde(rename = "javascript-code", alias = "java-script-code")]
    JavaScriptCode,
    /// An option of a program that should have got a plain argument. CWE-88.
    Argument,
    /// An expression of a language that runs on the JVM: SpEL, OGNL, MVEL, EL, FreeMarker, Velocity.
    /// CWE-917.
    JavaExpression,
    /// Part of an SQL statement. CWE-89.
    Sql,
    /// Part of a PartiQL statement for DynamoDB. CWE-943.
    #[serde(rename = "partiql", alias = "parti-ql")]
    PartiQl,
    /// Part of a filter, condition or projection expression of DynamoDB. CWE-943.
    #[serde(rename = "dynamodb-expression")]
    DynamoDbExpression,
    /// A query operator where MongoDB expects a value. CWE-943.
    MongoOperator,
    /// A path that leaves its folder. CWE-22.
    PathTraversal,
    /// An address that the function should not ask. CWE-918.
    Ssrf,
    /// Source text of a template. CWE-1336.
    Template,
    /// A member that ends up in the prototype of every object. CWE-1321.
    PrototypePollution,
    /// An XML document with entities. CWE-611.
    Xxe,
    /// Serialized objects that act while they are read. CWE-502.
    Deserialization,
    /// A line of its own in a log. CWE-117.
    LogInjection,
    /// A header of its own in an HTTP message or e-mail. CWE-113.
    HeaderInjection,
    /// A token that nobody signed. CWE-347.
    Jwt,
    /// Text on which a regular expression takes exponential or quadratic time. CWE-1333.
    #[serde(rename = "redos", alias = "re-dos")]
    ReDos,
    /// A number, a text or a depth that nobody reckoned with. CWE-400.
    ExtremeValue,
    /// Part of an LDAP search filter. CWE-90.
    Ldap,
    /// Part of an XPath expression. CWE-643.
    #[serde(rename = "xpath", alias = "x-path")]
    XPath,
    /// A lookup that old releases of Log4j do in whatever they log. CWE-917 (CVE-2021-44228).
    #[serde(rename = "log4shell")]
    Log4Shell,
}

impl PayloadClass {
    /// Every class. New ones are added at the end.
    pub const ALL: [PayloadClass; 23] = [
        PayloadClass::ShellCommand,
        PayloadClass::PythonCode,
        PayloadClass::JavaScriptCode,
        PayloadClass::Argument,
        PayloadClass::JavaExpression,
        PayloadClass::Sql,
        PayloadClass::PartiQl,
        PayloadClass::DynamoDbExpression,
        PayloadClass::MongoOperator,
        PayloadClass::PathTraversal,
        PayloadClass::Ssrf,
        PayloadClass::Template,
        PayloadClass::PrototypePollution,
        PayloadClass::Xxe,
        PayloadClass::Deserialization,
        PayloadClass::LogInjection,
        PayloadClass::HeaderInjection,
        PayloadClass::Jwt,
        PayloadClass::ReDos,
        PayloadClass::ExtremeValue,
        PayloadClass::Ldap,
        PayloadClass::XPath,
        PayloadClass::Log4Shell,
    ];

    /// Kebab-case name, as in reports and stored findings.
    pub fn id(self) -> &'static str {
        match self {
            PayloadClass::ShellCommand => "shell-command",
            PayloadClass::PythonCode => "python-code",
            PayloadClass::JavaScriptCode => "javascript-code",
            PayloadClass::Argument => "argument",
            PayloadClass::JavaExpression => "java-expression",
            PayloadClass::Sql => "sql",
            PayloadClass::PartiQl => "partiql",
            PayloadClass::DynamoDbExpression => "dynamodb-expression",
            PayloadClass::MongoOperator => "mongo-operator",
            PayloadClass::PathTraversal => "path-traversal",
            PayloadClass::Ssrf => "ssrf",
            PayloadClass::Template => "template",
            PayloadClass::PrototypePollution => "prototype-pollution",
            PayloadClass::Xxe => "xxe",
            PayloadClass::Deserialization => "deserialization",
            PayloadClass::LogInjection => "log-injection",
            PayloadClass::HeaderInjection => "header-injection",
            PayloadClass::Jwt => "jwt",
            PayloadClass::ReDos => "redos",
            PayloadClass::ExtremeValue => "extreme-value",
            PayloadClass::Ldap => "ldap",
            PayloadClass::XPath => "xpath",
            PayloadClass::Log4Shell => "log4shell",
        }
    }

    /// Other names under which people look for this class.
    pub fn aliases(self) -> &'static [&'static str] {
        match self {
            PayloadClass::ShellCommand => &["os-command", "command", "shell", "cmdi"],
            PayloadClass::PythonCode => &["python"],
            PayloadClass::JavaScriptCode => &["javascript", "js", "java-script-code"],
            PayloadClass::Argument => &["argument-injection"],
            PayloadClass::JavaExpression => &["el", "spel", "ognl", "mvel"],
            PayloadClass::Sql => &["sqli", "sql-injection"],
            PayloadClass::PartiQl => &["parti-ql"],
            PayloadClass::DynamoDbExpression => &["dynamodb"],
            PayloadClass::MongoOperator => &["mongo", "mongodb", "nosql"],
            PayloadClass::PathTraversal => &["traversal", "path"],
            PayloadClass::Ssrf => &["server-side-request-forgery"],
            PayloadClass::Template => &["ssti", "template-injection"],
            PayloadClass::PrototypePollution => &["prototype"],
            PayloadClass::Xxe => &["xml", "xml-entity"],
            PayloadClass::Deserialization => &["pickle", "yaml"],
            PayloadClass::LogInjection => &["log"],
            PayloadClass::HeaderInjection => &["header", "crlf"],
            PayloadClass::Jwt => &["token"],
            PayloadClass::ReDos => &["regex", "re-dos"],
            PayloadClass::ExtremeValue => &["size"],
            PayloadClass::Ldap => &["ldap-filter"],
            PayloadClass::XPath => &["x-path"],
            PayloadClass::Log4Shell => &["log4j", "jndi"],
        }
    }

    /// The class with this id or alias: `shell-command`, `os-command`.
    pub fn from_id(id: &str) -> Option<PayloadClass> {
        PayloadClass::ALL.into_iter().find(|class| class.id() == id || class.aliases().contains(&id))
    }

    /// Number in the Common Weakness Enumeration: 78 for CWE-78.
    pub fn cwe(self) -> u16 {
        match self {
            PayloadClass::ShellCommand => 78,
            PayloadClass::PythonCode | PayloadClass::JavaScriptCode => 95,
            PayloadClass::Argument => 88,
            PayloadClass::JavaExpression | PayloadClass::Log4Shell => 917,
            PayloadClass::Sql => 89,
            PayloadClass::PartiQl | PayloadClass::DynamoDbExpression | PayloadClass::MongoOperator => 943,
            PayloadClass::PathTraversal => 22,
            PayloadClass::Ssrf => 918,
            PayloadClass::Template => 1336,
            PayloadClass::PrototypePollution => 1321,
            PayloadClass::Xxe => 611,
            PayloadClass::Deserialization => 502,
            PayloadClass::LogInjection => 117,
            PayloadClass::HeaderInjection => 113,
            PayloadClass::Jwt => 347,
            PayloadClass::ReDos => 1333,
            PayloadClass::ExtremeValue => 400,
            PayloadClass::Ldap => 90,
            PayloadClass::XPath => 643,
        }
    }

    /// One line for people: what goes wrong when a payload of this class works.
    pub fn title(self) -> &'static str {
        match self {
            PayloadClass::ShellCommand => "text is run as a command",
            PayloadClass::PythonCode => "text is evaluated as Python",
            PayloadClass::JavaScriptCode => "text is evaluated as JavaScript",
            PayloadClass::Argument => "text becomes an option of a program",
            PayloadClass::JavaExpression => "text is evaluated by an expression language of the JVM",
            PayloadClass::Sql => "text becomes part of an SQL statement",
            PayloadClass::PartiQl => "text becomes part of a PartiQL statement",
            PayloadClass::DynamoDbExpression => "text becomes part of a DynamoDB expression",
            PayloadClass::MongoOperator => "a value becomes an operator of a MongoDB query",
            PayloadClass::PathTraversal => "a path leaves its folder",
            PayloadClass::Ssrf => "the function asks an address of the sender's choice",
            PayloadClass::Template => "text is rendered as a template",
            PayloadClass::PrototypePollution => "a member changes the prototype of every object",
            PayloadClass::Xxe => "entities of an XML document are resolved",
            PayloadClass::Deserialization => "serialized objects act while they are read",
            PayloadClass::LogInjection => "text forges a line of the log",
            PayloadClass::HeaderInjection => "text forges a header",
            PayloadClass::Jwt => "a token that nobody signed is accepted",
            PayloadClass::ReDos => "a regular expression takes too long",
            PayloadClass::ExtremeValue => "an extreme value ends the invocation",
            PayloadClass::Ldap => "text becomes part of an LDAP filter",
            PayloadClass::XPath => "text becomes part of an XPath expression",
            PayloadClass::Log4Shell => "a logged text makes Log4j look something up",
        }
    }

    /// Best first.
    pub(super) fn payloads(self) -> &'static [Payload] {
        match self {
            PayloadClass::ShellCommand => shell::PAYLOADS,
            PayloadClass::PythonCode => python::PAYLOADS,
            PayloadClass::JavaScriptCode => javascript::PAYLOADS,
            PayloadClass::Argument => argument::PAYLOADS,
            PayloadClass::JavaExpression => java_expression::PAYLOADS,
            PayloadClass::Sql => sql::PAYLOADS,
            PayloadClass::PartiQl => dynamodb::STATEMENTS,
            PayloadClass::DynamoDbExpression => dynamodb::EXPRESSIONS,
            PayloadClass::MongoOperator => mongo::PAYLOADS,
            PayloadClass::PathTraversal => path::PAYLOADS,
            PayloadClass::Ssrf => ssrf::PAYLOADS,
            PayloadClass::Template => template::PAYLOADS,
            PayloadClass::PrototypePollution => prototype::PAYLOADS,
            PayloadClass::Xxe => xxe::PAYLOADS,
            PayloadClass::Deserialization => deserialization::PAYLOADS,
            PayloadClass::LogInjection => log::PAYLOADS,
            PayloadClass::HeaderInjection => header::PAYLOADS,
            PayloadClass::Jwt => jwt::PAYLOADS,
            PayloadClass::ReDos => redos::PAYLOADS,
            PayloadClass::ExtremeValue => extreme::PAYLOADS,
            PayloadClass::Ldap => ldap::PAYLOADS,
            PayloadClass::XPath => xpath::PAYLOADS,
            PayloadClass::Log4Shell => log4shell::PAYLOADS,
        }
    }

    /// The form that a person understands best.
    pub(super) fn canonical(self) -> &'static Payload {
        match self {
            PayloadClass::ShellCommand => shell::CANONICAL,
            PayloadClass::PythonCode => python::CANONICAL,
            PayloadClass::JavaScriptCode => javascript::CANONICAL,
            PayloadClass::Sql => sql::CANONICAL,
            // In the others the best is also the plainest.
            _ => &self.payloads()[0],
        }
    }
}

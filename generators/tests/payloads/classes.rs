//! One test per class: which drivers its payloads have to convince.

use evfuzz_generators::payload::PayloadClass;

use crate::fetch::{Driver, Needs};
use crate::matrix::{check, check_cover};

const JAVA: Driver = Driver::new("Sinks.java", Needs::Java);
const DYNAMODB: Driver = Driver::new("DynamoDb.java", Needs::DynamoDb);

#[test]
fn arguments() {
    check(PayloadClass::Argument, &[Driver::new("argument.py", Needs::Nothing)]);
}

#[test]
fn java_expressions() {
    check(PayloadClass::JavaExpression, &[JAVA]);
}

#[test]
fn sql() {
    check(PayloadClass::Sql, &[Driver::new("sql.py", Needs::Nothing)]);
}

#[test]
fn partiql() {
    check(PayloadClass::PartiQl, &[DYNAMODB]);
}

#[test]
fn dynamodb_expressions() {
    check(PayloadClass::DynamoDbExpression, &[DYNAMODB]);
}

#[test]
fn mongo_operators() {
    let drivers = [Driver::new("mongo.js", Needs::Node), Driver::new("mongo.py", Needs::Python)];
    check(PayloadClass::MongoOperator, &drivers);
}

#[test]
fn paths() {
    let drivers = [Driver::new("path.py", Needs::Nothing), Driver::new("path.js", Needs::Nothing)];
    check(PayloadClass::PathTraversal, &drivers);
}

#[test]
fn addresses() {
    let drivers = [Driver::new("ssrf.py", Needs::Nothing), Driver::new("ssrf.js", Needs::Nothing)];
    check(PayloadClass::Ssrf, &drivers);
}

#[test]
fn templates() {
    let drivers = [Driver::new("template.py", Needs::Python), Driver::new("template.js", Needs::Node)];
    let all = check(PayloadClass::Template, &drivers);
    // The four probes see every engine.
    check_cover(PayloadClass::Template, &all, 4);
}

#[test]
fn prototypes() {
    check(PayloadClass::PrototypePollution, &[Driver::new("prototype.js", Needs::Node)]);
}

#[test]
fn xml_entities() {
    check(PayloadClass::Xxe, &[Driver::new("xxe.py", Needs::Python), JAVA]);
}

#[test]
fn serialized_objects() {
    let drivers = [
        Driver::new("deserialization.py", Needs::Python),
        Driver::new("deserialization.js", Needs::Node),
        JAVA,
    ];
    check(PayloadClass::Deserialization, &drivers);
}

#[test]
fn logs() {
    let drivers = [Driver::new("log.py", Needs::Nothing), Driver::new("log.js", Needs::Nothing)];
    check(PayloadClass::LogInjection, &drivers);
}

#[test]
fn headers() {
    let drivers = [Driver::new("header.py", Needs::Nothing), Driver::new("header.js", Needs::Nothing)];
    check(PayloadClass::HeaderInjection, &drivers);
}

#[test]
fn tokens() {
    check(PayloadClass::Jwt, &[Driver::new("jwt.js", Needs::Node)]);
}

#[test]
fn regular_expressions() {
    let drivers = [Driver::new("redos.py", Needs::Nothing), Driver::new("redos.js", Needs::Nothing)];
    check(PayloadClass::ReDos, &drivers);
}

#[test]
fn extreme_values() {
    let drivers = [Driver::new("extreme.py", Needs::Nothing), Driver::new("extreme.js", Needs::Nothing)];
    check(PayloadClass::ExtremeValue, &drivers);
}

#[test]
fn ldap_filters() {
    check(PayloadClass::Ldap, &[Driver::new("ldap.py", Needs::Python)]);
}

#[test]
fn xpath() {
    check(PayloadClass::XPath, &[Driver::new("xpath.py", Needs::Python)]);
}

#[test]
fn log4shell() {
    check(PayloadClass::Log4Shell, &[JAVA]);
}

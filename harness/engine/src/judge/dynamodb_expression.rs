//! Event data became part of an expression or PartiQL statement of DynamoDB.
//!
//! Proof: an observer saw the request before it was sent. An expression has no literals (values are `:v`, and stand apart), so a
//! payload that is more than a name is structure wherever it stands in one. In a PartiQL statement it counts if it covers more than
//! one token, as in SQL. Names that were checked have no characters but those of names: they do not count.

use evfuzz_generators::breakout::{Dialect, sql_tokens_in};
use evfuzz_generators::case::TestCase;

use super::Sighting;
use super::statement::{Parts, in_records};
use crate::finding::{Evidence, OracleId};
use crate::observe::{Act, Engine, Observation, Record};

pub(super) const EXPLANATION: &str = "\
dynamodb-expression: text from the event became part of a DynamoDB expression or PartiQL statement
(CWE-943).

Whoever writes a part of a condition adds 'OR attribute_exists(pk)' and reads or changes items that
are not his, or names attributes that he must not see.

How it is proven: an observer in the function's process saw the request as the function gave it to
the AWS SDK. The payload, with a random word made for this test case and this field, stands in
the text of an expression (FilterExpression, KeyConditionExpression, UpdateExpression,
ProjectionExpression, ConditionExpression), or outside a literal of a PartiQL statement. Again in a
fresh process with a fresh word, and not with a benign text in its place.

What is not reported: values in ExpressionAttributeValues and Parameters, names in
ExpressionAttributeNames, names that are checked against a list or for their characters.

Example: FilterExpression: `status = :s AND ${body.filter}`, Statement: \"SELECT * FROM t WHERE a = '\" + a + \"'\".

How to fix it: write expressions and statements as constants, give values as :v or Parameters, and
names as #n from a list of the function's own.";

pub(super) fn judge(case: &TestCase, observation: &Observation) -> Vec<Sighting> {
    let oracle = (OracleId::DynamodbExpression, "becomes part of a DynamoDB expression");
    let is_one = |it: &Record| {
        matches!(it.act, Act::Expression { .. } | Act::Statement { engine: Engine::PartiQl, .. })
    };
    in_records(case, observation, oracle, is_one, |record, planted| {
        let parts = Parts::of(&planted.text, &planted.nonce);
        match &record.act {
            Act::Expression { member, text } => parts
                .stand_in(text, |_| true)
                .then(|| Evidence::new("expression", format!("{member}: {text}"))),
            Act::Statement { engine: Engine::PartiQl, text } => parts
                .stand_in(text, |it| sql_tokens_in(Dialect::Standard, text, &it) > 1)
                .then(|| Evidence::new("statement", text.clone())),
            _ => None,
        }
    })
}

//! Who can make an event in which something was changed behind its sender's back.
//!
//! The rule: what the wire model can say. An event that was changed is read back as what a sender must have done, and rendered
//! again. If the change is still there, AWS can deliver it, and what AWS delivers is the event as it is rendered then: all that
//! is derived agrees. What the models do not hold although it is documented is in the table `OPTIONAL`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    case::TestCase,
    edit::Edit,
    point::{InjectionPoint, Locator, Path},
    raw::{RawChange, RawEdit, unescape},
    source::EventSource,
    tree::Step,
    wire::{
        MAX_EVENT_BYTES, Wire,
        dynamodb::{AttributeValue, DynamoDbWrite},
    },
};

/// Who can make an event, from everybody to nobody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// A sender can, by what they send.
    #[default]
    Reachable,
    /// Unusual, but AWS itself delivers such events.
    Genuine,
    /// No sender can: only somebody who may invoke the function directly, in a console or with the API.
    Forged,
}

impl Grade {
    /// Kebab-case name.
    pub fn id(self) -> &'static str {
        match self {
            Grade::Reachable => "reachable",
            Grade::Genuine => "genuine",
            Grade::Forged => "forged",
        }
    }

    /// What it means, in half a sentence.
    pub fn explain(self) -> &'static str {
        match self {
            Grade::Reachable => "a sender can make it",
            Grade::Genuine => "unusual, but AWS delivers such events",
            Grade::Forged => "no sender can make it, only a direct invocation",
        }
    }
}

/// Something that events of a source can lack although the wire model has it.
struct Optional {
    source: EventSource,
    /// Where, with `*` for any one name or index.
    place: &'static str,
    change: RawChange,
    before: Before,
}

/// What an optional member must be before it is changed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Anything,
    Null,
}

const fn optional(source: EventSource, place: &'static str, change: RawChange) -> Optional {
    Optional { source, place, change, before: Before::Anything }
}

const OPTIONAL: [Optional; 4] = [
    // SQS keeps both lists for later use (Amazon SQS API, MessageAttributeValue), and `SQSMessageAttribute` of
    // @types/aws-lambda has them as optional.
    optional(EventSource::Sqs, "/Records/*/messageAttributes/*/stringListValues", RawChange::Remove),
    optional(EventSource::Sqs, "/Records/*/messageAttributes/*/binaryListValues", RawChange::Remove),
    // LocalStack recorded `null` for messages without attributes; the examples of the AWS Lambda developer guide, "Using Lambda
    // with Amazon SQS", do not have it at all.
    Optional {
        before: Before::Null,
        ..optional(EventSource::Sqs, "/Records/*/md5OfMessageAttributes", RawChange::Remove)
    },
    // Amazon SNS API, Publish: the subject is optional. LocalStack recorded `null` for it on AWS.
    optional(EventSource::Sns, "/Records/*/Sns/Subject", RawChange::Null),
];

/// Members that say the same: a sender who leaves out one leaves out the other.
const TWINS: [(EventSource, [&str; 2]); 9] = [
    (EventSource::ApiGatewayRest, ["/queryStringParameters", "/multiValueQueryStringParameters"]),
    (EventSource::ApiGatewayRest, ["/headers", "/multiValueHeaders"]),
    (EventSource::ApiGatewayHttp, ["/queryStringParameters", "/rawQueryString"]),
    (EventSource::FunctionUrl, ["/queryStringParameters", "/rawQueryString"]),
    (EventSource::AuthorizerHttp, ["/queryStringParameters", "/rawQueryString"]),
    (EventSource::AuthorizerRequest, ["/queryStringParameters", "/multiValueQueryStringParameters"]),
    (EventSource::AuthorizerRequest, ["/headers", "/multiValueHeaders"]),
    (EventSource::WebSocket, ["/queryStringParameters", "/multiValueQueryStringParameters"]),
    (EventSource::WebSocket, ["/headers", "/multiValueHeaders"]),
];

/// What the configuration of an API or a service network decides: the model takes it as it is. It can be absent as a whole, if
/// the source delivers such events.
const CONFIGURED: [&str; 3] = ["/stageVariables", "/requestContext/authorizer", "/requestContext/identity"];

/// An event behind its sender's back.
pub(crate) struct Changed {
    /// The event. If a sender can make one with these changes, it is that one.
    pub(crate) event: Value,
    pub(crate) grade: Grade,
    /// What a sender does so that AWS delivers it, if the wire model can say that.
    pub(crate) wire: Option<Wire>,
}

impl TestCase {
    /// Who can make the event of this test case.
    pub fn grade(&self) -> Grade {
        let edits = self.raw_edits();
        if edits.is_empty() {
            return Grade::Reachable;
        }
        change(self.seed.source, &self.wire(), &edits).map_or(Grade::Reachable, |changed| changed.grade)
    }

    /// The changes that are made behind the sender's back, in order.
    pub fn raw_edits(&self) -> Vec<&RawEdit> {
        let raw = self.edits.iter().filter_map(|edit| match edit {
            Edit::Raw(edit) => Some(edit),
            _ => None,
        });
        raw.collect()
    }
}

/// The event of `wire` with `edits` made to it. `None` if they change nothing, or nothing that Lambda would take.
pub(crate) fn change(source: EventSource, wire: &Wire, edits: &[&RawEdit]) -> Option<Changed> {
    let plain = wire.render(source);
    let mut event = plain.clone();
    let made: Vec<&RawEdit> = edits.iter().copied().filter(|edit| edit.apply(&mut event)).collect();
    if made.is_empty() || event == plain || event.to_string().len() > MAX_EVENT_BYTES {
        return None;
    }
    let sent = Sent { source, wire, plain: &plain };
    if let Some((wire, event)) = sent.reread(&event, &made) {
        return Some(Changed { event, grade: Grade::Genuine, wire: Some(wire) });
    }
    let alone = |edit: &RawEdit| {
        let mut event = plain.clone();
        is_optional(source, &plain, edit) || edit.apply(&mut event) && sent.reread(&event, &[edit]).is_some()
    };
    let genuine = made.iter().all(|edit| alone(edit));
    Some(Changed { event, grade: if genuine { Grade::Genuine } else { Grade::Forged }, wire: None })
}

/// Which route a request takes.
enum Route {
    /// That of the seed event.
    AsItIs,
    /// One that is the path itself, without variables: so there are no path parameters.
    Plain,
}

/// What a sender did, and the event that it became.
struct Sent<'a> {
    source: EventSource,
    wire: &'a Wire,
    plain: &'a Value,
}

impl Sent<'_> {
    /// What a sender must have done for an event with these changes, and the event that AWS makes of that. `None` if no sender
    /// can.
    fn reread(&self, event: &Value, made: &[&RawEdit]) -> Option<(Wire, Value)> {
        if !made.iter().all(|edit| self.may_be_changed(edit)) {
            return None;
        }
        let read = |event: &Value, route: Route| {
            let mut wire = Wire::parse(self.source, event)?;
            if let (Wire::Http(request), Route::Plain) = (&mut wire, route) {
                request.route.clone_from(&request.path);
            }
            let again = wire.render(self.source);
            let kept = made.iter().all(|edit| self.is_kept(edit, event, &again));
            let possible = wire.leaves().sendable(self.source) && is_complete(&wire, self.wire);
            (kept && possible).then_some((wire, again))
        };
        if let Some(read) = read(event, Route::AsItIs) {
            return Some(read);
        }
        let mut event = event.clone();
        for twin in made.iter().filter_map(|edit| twin(self.source, edit)) {
            twin.apply(&mut event);
        }
        let has_parameters = !made.iter().any(|edit| edit.at == "/pathParameters");
        read(&event, if has_parameters { Route::AsItIs } else { Route::Plain })
    }

    /// Whether a sender has a say in what is there.
    fn may_be_changed(&self, edit: &RawEdit) -> bool {
        if let Wire::Event(_) = self.wire {
            return self
                .wire
                .leaves()
                .may_change(self.source, &Locator::Json { path: path(self.plain, &edit.at) });
        }
        let configured = CONFIGURED.iter().find(|place| is_at_or_below(&edit.at, place));
        match edit.change {
            // The model decides: what every event has comes again.
            RawChange::Remove | RawChange::Null => configured.is_none_or(|place| *place == edit.at),
            // Names that configuration chose are never empty, though a model takes them as they are.
            RawChange::Empty => configured.is_none() && self.may_be_empty(&edit.at),
            RawChange::Retype(_) => false,
        }
    }

    /// Whether a sender decides what is at `at`, and may leave it empty.
    fn may_be_empty(&self, at: &str) -> bool {
        let points = self.wire.points(self.source);
        let outer = |point: &InjectionPoint| point.path().split('»').next().unwrap_or_default().to_owned();
        match self.plain.pointer(at) {
            Some(Value::String(_)) => points.iter().any(|it| outer(it) == at && it.check("").is_ok()),
            _ => points.iter().any(|it| is_at_or_below(&outer(it), at)),
        }
    }

    /// Whether the change is still there in the event as it is rendered again.
    fn is_kept(&self, edit: &RawEdit, event: &Value, again: &Value) -> bool {
        if edit.change != RawChange::Remove {
            return again.pointer(&edit.at) == event.pointer(&edit.at);
        }
        // What is gone with all around it is another change.
        let parent = edit.at.rsplit_once('/').map_or("", |(parent, _)| parent);
        match (self.plain.pointer(parent), again.pointer(parent)) {
            // Those behind it move up.
            (Some(Value::Array(all)), Some(Value::Array(fewer))) => fewer.len() < all.len(),
            (Some(Value::Object(_)), Some(Value::Object(_))) => again.pointer(&edit.at).is_none(),
            _ => false,
        }
    }
}

fn is_at_or_below(pointer: &str, place: &str) -> bool {
    pointer.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether `wire` has what the configuration behind `before` makes every sender give.
fn is_complete(wire: &Wire, before: &Wire) -> bool {
    match (wire, before) {
        // Amazon SQS API, SendMessage: a FIFO queue takes no message without group.
        (Wire::Sqs(batch), Wire::Sqs(before)) => {
            let grouped = before.messages.iter().all(|it| it.group.is_some());
            let fifo = batch.queue_arn.ends_with(".fifo");
            !(fifo && grouped)
                || batch.messages.iter().all(|it| it.group.is_some() && it.deduplication.is_some())
        }
        // A table's keys are in every item.
        (Wire::DynamoDb(batch), Wire::DynamoDb(before)) => {
            let names = |write: &DynamoDbWrite| -> Vec<String> {
                write.keys.iter().map(|(name, _)| name.clone()).collect()
            };
            let known: Vec<Vec<String>> = before.writes.iter().map(names).collect();
            let values = |write: &DynamoDbWrite| {
                write.new.iter().chain(&write.old).all(|(_, value)| !has_empty_set(value))
            };
            batch.writes.iter().all(|write| known.contains(&names(write)) && values(write))
        }
        _ => true,
    }
}

/// Amazon DynamoDB developer guide, data types: a set is never empty.
fn has_empty_set(value: &AttributeValue) -> bool {
    match value {
        AttributeValue::Ss(set) | AttributeValue::Ns(set) | AttributeValue::Bs(set) => set.is_empty(),
        AttributeValue::L(values) => values.iter().any(has_empty_set),
        AttributeValue::M(members) => members.iter().any(|(_, value)| has_empty_set(value)),
        AttributeValue::S(_)
        | AttributeValue::N(_)
        | AttributeValue::B(_)
        | AttributeValue::Bool(_)
        | AttributeValue::Null => false,
    }
}

/// The same change to the member that says the same.
fn twin(source: EventSource, edit: &RawEdit) -> Option<RawEdit> {
    TWINS.iter().filter(|(of, _)| *of == source).find_map(|(_, [one, other])| {
        let moved = |from: &str, to: &str| {
            let rest = edit.at.strip_prefix(from)?;
            let whole = rest.is_empty() || rest.starts_with('/');
            whole.then(|| RawEdit { at: format!("{to}{rest}"), change: edit.change })
        };
        moved(one, other).or_else(|| moved(other, one))
    })
}

fn is_optional(source: EventSource, plain: &Value, edit: &RawEdit) -> bool {
    let fits = |place: &str| {
        let (mut wanted, mut given) = (place.split('/'), edit.at.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == "*" || wanted == given => {}
                _ => return false,
            }
        }
    };
    OPTIONAL.iter().any(|it| {
        it.source == source
            && it.change == edit.change
            && fits(it.place)
            && (it.before == Before::Anything || plain.pointer(&edit.at) == Some(&Value::Null))
    })
}

/// A pointer into an event as a place in its tree.
fn path(event: &Value, pointer: &str) -> Path {
    let mut path = Path::root();
    let mut below = Some(event);
    for token in pointer.split('/').skip(1) {
        let name = unescape(token);
        let (step, next) = match below {
            Some(Value::Array(elements)) if let Ok(index) = token.parse::<usize>() => {
                (Step::Element(index), elements.get(index))
            }
            Some(value) => (Step::Member { name: name.clone(), nth: 0 }, value.get(&name)),
            None => (Step::Member { name, nth: 0 }, None),
        };
        path = path.then(step);
        below = next;
    }
    path
}

#[cfg(test)]
mod tests;

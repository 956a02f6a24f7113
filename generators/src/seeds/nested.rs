//! What services write into texts that a function reads: contents of a message, a record, a topic.
//!
//! A service's event is offered where the code reads what only such an event has, or where nothing is known of what it reads. Then
//! an application's texts are left for the case that the function takes none of the service's: see [`Texts::Service`].

use serde_json::{Map, Value};

use super::{
    records,
    words::{Shape, Words},
};
use crate::{
    source::EventSource,
    wire::{
        event::{log_data, notification, sender},
        nested::{Writer, lambda_destination},
        s3::test_event,
    },
};

/// Kinds of notification that are tried of one bucket.
const MAX_NOTIFICATIONS: usize = 3;
/// Sets of constants that are tried.
const VARIANTS: usize = 3;

/// Who writes the texts at a place, as far as the code tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Texts {
    /// An application, perhaps also a service.
    Anybody,
    /// Only a service: all that the code reads there is in its events.
    Service,
}

/// A text of a service: the name of the seed, who writes it, and what it holds.
pub(super) type Written = (&'static str, Writer, Value);

/// What services could have written into the text at `place`, most plausible first, and whether nobody else writes there.
pub(super) fn written(words: &Words<'_>, place: &[&str]) -> (Vec<Written>, Texts) {
    let reader = Reader { words, place };
    let names = words.known(&words.tails(&[place]));
    let proven: Vec<Written> = reader.proven().into_iter().flat_map(|it| reader.contents(it)).collect();
    if proven.is_empty() && names.is_empty() {
        let mentioned = reader.mentioned().into_iter().flat_map(|it| reader.contents(it));
        return (mentioned.collect(), Texts::Anybody);
    }
    let is_there = |name: &&str| proven.iter().any(|(_, _, content)| content.get(*name).is_some());
    let texts =
        if !proven.is_empty() && names.iter().all(is_there) { Texts::Service } else { Texts::Anybody };
    (proven, texts)
}

/// The code that reads a text.
struct Reader<'w, 'l> {
    words: &'w Words<'l>,
    place: &'w [&'w str],
}

impl Reader<'_, '_> {
    fn below<'n>(&'n self, names: &[&'n str]) -> Vec<&'n str> {
        self.place.iter().chain(names).copied().collect()
    }

    fn reads(&self, names: &[&str]) -> bool {
        let chains = self.words.lexicon.chains().iter();
        let below = self.below(names);
        chains.map(|chain| chain.iter().map(String::as_str)).any(|mut chain| {
            let mut wanted = below.iter();
            wanted.all(|name| chain.next() == Some(name))
        })
    }

    /// Who wrote the text if the function is right.
    fn proven(&self) -> Option<Writer> {
        if self.reads(&["Records", "s3"]) {
            return Some(Writer::S3);
        }
        let opens_message = || self.words.is_decoded(&self.below(&["Message"]));
        if self.reads(&["Message"]) && (self.reads(&["TopicArn"]) || opens_message()) {
            return Some(Writer::Sns);
        }
        if self.reads(&["detail-type"]) && self.reads(&["detail"]) {
            return Some(Writer::EventBridge);
        }
        let of_function = self.reads(&["responsePayload"]) && self.reads(&["requestContext"]);
        if self.reads(&["requestPayload"]) || of_function {
            return Some(Writer::Lambda);
        }
        self.reads(&["logEvents"]).then_some(Writer::CloudWatchLogs)
    }

    /// Who could have written it, if the code does not show what it reads.
    fn mentioned(&self) -> Vec<Writer> {
        let mentions = |word| self.words.lexicon.mentions(word);
        let table = [
            (Writer::Sns, mentions("Message") && (mentions("TopicArn") || mentions("s3"))),
            (Writer::S3, mentions("s3")),
            (Writer::EventBridge, mentions("detail") && mentions("detail-type")),
            (Writer::Lambda, mentions("requestPayload")),
            (Writer::CloudWatchLogs, mentions("logEvents")),
        ];
        table.into_iter().filter(|(_, is_mentioned)| *is_mentioned).map(|(writer, _)| writer).collect()
    }

    fn contents(&self, writer: Writer) -> Vec<Written> {
        match writer {
            Writer::S3 | Writer::S3Test => {
                let mut found: Vec<Written> =
                    self.notifications().into_iter().map(|it| ("s3", Writer::S3, it)).collect();
                // A bucket tests a queue or topic first, with an event that has no records.
                found.push(("s3-test", Writer::S3Test, test_event("bucket")));
                found
            }
            Writer::Sns => {
                let records = self.below(&["Message", "Records", "s3"]);
                let is_of_bucket = self.reads(&records[self.place.len()..])
                    || !self.reads(&["Message"]) && self.words.lexicon.mentions("s3");
                match is_of_bucket {
                    true => self.notifications().iter().map(|it| self.of_topic("s3-sns", it)).collect(),
                    false => {
                        self.each_variant(|reader| Some(reader.of_topic("sns", &reader.said(&["Message"]))))
                    }
                }
            }
            Writer::EventBridge => self.each_variant(|reader| {
                let bus = sender(EventSource::EventBridge)?;
                let objects =
                    reader.reads(&["detail", "object"]).then(|| bus.others(reader.words)).into_iter();
                let event = objects.flatten().map(|(_, event)| event).next();
                let own = || reader.gated(bus.saying(&reader.said(&["detail"])), &["detail"]);
                Some(("eventbridge", Writer::EventBridge, event.unwrap_or_else(own)))
            }),
            Writer::Lambda | Writer::DeadLetter => self.each_variant(|reader| {
                let (request, response) =
                    (reader.said(&["requestPayload"]), reader.said(&["responsePayload"]));
                let record = lambda_destination(request, response);
                let record = reader.gated(record, &["requestPayload", "responsePayload"]);
                Some(("destination", Writer::Lambda, record))
            }),
            Writer::CloudWatchLogs => {
                let line = self.said(&["logEvents", "message"]).to_string();
                vec![("logs", Writer::CloudWatchLogs, self.gated(log_data(&[line]), &["logEvents"]))]
            }
        }
    }

    /// What the code reads there, each with a value that fits it.
    fn said(&self, names: &[&str]) -> Value {
        let below = self.below(names);
        let typed = self.words.typed_object(&below);
        typed.unwrap_or_else(|| self.words.object(&self.words.tails(&[&below]), Shape::Flat))
    }

    /// Notifications of a bucket: the first, and those that the code asks for.
    fn notifications(&self) -> Vec<Value> {
        let seeds = records::s3(self.words).into_iter().enumerate();
        let wanted = seeds.filter(|(index, seed)| *index == 0 || seed.name == "named");
        wanted.map(|(_, seed)| seed.event()).take(MAX_NOTIFICATIONS).collect()
    }

    fn of_topic(&self, name: &'static str, message: &Value) -> Written {
        let subject = self.reads(&["Subject"]).then(|| super::words::word(1));
        let place = self.below(&["MessageAttributes"]);
        let attributes = self.words.pairs(&self.words.known(&self.words.tails(&[&place])));
        let text = match message {
            Value::String(text) => text.clone(),
            message => message.to_string(),
        };
        let mut content = notification(&text, subject.as_deref(), &attributes);
        // The end of an ARN is the name of the topic.
        let named = self.words.lexicon.suffixes().iter().find(|it| it.starts_with(':') && it.len() > 1);
        if let (Some(name), Some(arn)) = (named, content["TopicArn"].as_str())
            && let Some((before, _)) = arn.rsplit_once(':')
        {
            let arn = format!("{before}{name}");
            let unsubscribe = content["UnsubscribeURL"].as_str().unwrap_or_default();
            content["UnsubscribeURL"] =
                unsubscribe.replace(content["TopicArn"].as_str().unwrap_or_default(), &arn).into();
            content["TopicArn"] = arn.into();
        }
        (name, Writer::Sns, content)
    }

    /// The same with what a service says called as the code wants it, but for what is a sender's.
    fn gated(&self, content: Value, senders: &[&str]) -> Value {
        let Value::Object(members) = content else { return content };
        let gated = |(name, value): (String, Value)| {
            let value = match value {
                _ if senders.contains(&name.as_str()) => value,
                Value::String(_) => self.words.gate(&name).map_or(value, Value::String),
                value => self.gated(value, &[]),
            };
            (name, value)
        };
        Value::Object(members.into_iter().map(gated).collect::<Map<String, Value>>())
    }

    /// What `make` makes for each set of constants.
    fn each_variant(&self, make: impl Fn(&Reader<'_, '_>) -> Option<Written>) -> Vec<Written> {
        let others = (1..VARIANTS).filter_map(|variant| self.words.variant(variant));
        let all = std::iter::once(*self.words).chain(others);
        let mut found: Vec<Written> = Vec::new();
        for words in all {
            let made = make(&Reader { words: &words, place: self.place });
            found.extend(made.filter(|made| !found.contains(made)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::{Lexicon, SourceFile};

    #[track_caller]
    fn check(code: &str, wanted: &[&str], texts: Texts) -> Vec<Written> {
        let code = format!(
            "exports.handler = async (event) => {{ for (const record of event.Records) {{ const body = JSON.parse(record.body); {code} }} }};"
        );
        let lexicon = Lexicon::learn(&[SourceFile { name: "index.js", content: code.as_bytes() }]);
        let (found, who) = written(&Words::new(&lexicon), &["Records", "body"]);
        let names: Vec<&str> = found.iter().map(|(name, ..)| *name).collect();
        assert_eq!((names.as_slice(), who), (wanted, texts), "{code}");
        found
    }

    #[test]
    fn services_are_told_by_what_only_they_write() {
        check("for (const r of body.Records) run(r.s3.object.key);", &["s3", "s3-test"], Texts::Service);
        check("run(JSON.parse(body.Message).task);", &["sns"], Texts::Service);
        check(
            "for (const r of JSON.parse(body.Message).Records) run(r.s3.object.key);",
            &["s3-sns"],
            Texts::Service,
        );
        check("run(body['detail-type'], body.detail.id);", &["eventbridge"], Texts::Service);
        check("run(body.requestPayload.id);", &["destination"], Texts::Service);
        check("run(body.Message ? JSON.parse(body.Message).id : body.id);", &["sns"], Texts::Anybody);
    }

    #[test]
    fn what_applications_write_too_is_theirs() {
        for code in [
            "run(body.id); log(error.Message, error.detail);",
            "run(body.id, body.region, body.detail);",
            "const s3 = client(); for (const r of body.Records) run(r.name);",
            "const s3 = client(); run(body.Bucket);",
            "if (body.Type === 'sms') run(body.Message);",
            "run(body.source, body.detail.name);",
        ] {
            check(code, &[], Texts::Anybody);
        }
    }

    #[test]
    fn constants_of_services_are_what_the_code_wants() {
        let kinds = check(
            "for (const r of body.Records) if (r.eventName.startsWith('ObjectRemoved:')) run(r.s3.object.key);",
            &["s3", "s3", "s3", "s3-test"],
            Texts::Service,
        );
        assert_eq!(kinds[1].2["Records"][0]["eventName"], "ObjectRemoved:Delete");
        let bus = check(
            "if (body.source === 'shop.checkout' && body['detail-type'] === 'Paid') run(body.detail.id);",
            &["eventbridge"],
            Texts::Service,
        );
        assert_eq!(bus[0].2["source"], "shop.checkout");
        let record = check(
            "if (body.requestContext.condition === 'RetriesExhausted') run(body.requestPayload.id);",
            &["destination"],
            Texts::Service,
        );
        assert_eq!(record[0].2["requestContext"]["condition"], "RetriesExhausted");
        let topic = check(
            "if (body.TopicArn.endsWith(':orders')) run(JSON.parse(body.Message).id, body.Subject);",
            &["sns"],
            Texts::Service,
        );
        assert!(topic[0].2["TopicArn"].as_str().unwrap().ends_with(":orders"));
        assert!(topic[0].2["Subject"].is_string());
    }
}

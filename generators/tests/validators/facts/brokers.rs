//! Records of Kafka topics and messages of Amazon MQ. AWS Lambda developer guide, "Amazon MSK", "Self-managed Apache Kafka" and
//! "Amazon MQ".

use serde_json::Value;

use super::{Facts, base64, object, text};

const RECORD: &str = "topic:s partition:n offset:n timestamp:n timestampType:s key:s? value:s headers:a";
/// Apache Kafka, broker configurations: `message.max.bytes`.
const MAX_RECORD_BYTES: usize = 1_048_588;

/// The bytes of a list of signed bytes: Kafka's headers, RabbitMQ's long strings.
fn signed(facts: &mut Facts, what: &str, list: &Value) -> usize {
    let bytes = list.as_array().map_or(&[][..], Vec::as_slice);
    let fits =
        list.is_array() && bytes.iter().all(|it| it.as_i64().is_some_and(|it| (-128..128).contains(&it)));
    facts.hold(fits, &format!("{what} is no list of signed bytes: {list:.200}"));
    bytes.len()
}

fn encoded(facts: &mut Facts, what: &str, value: &Value) -> usize {
    let bytes = base64(text(value));
    facts.hold(bytes.is_some(), &format!("{what} is no base64: {value:.200}"));
    bytes.map_or(0, |it| it.len())
}

pub(super) fn kafka(event: &Value, facts: &mut Facts) {
    match text(&event["eventSource"]) {
        "aws:kafka" => {
            facts.members("the event", event, "eventSource:s eventSourceArn:s bootstrapServers:s records:o");
            let arn = text(&event["eventSourceArn"]);
            facts.hold(
                arn.starts_with("arn:aws:kafka:") && arn.contains(":cluster/"),
                "the ARN is of no cluster",
            );
        }
        "SelfManagedKafka" => {
            facts.members("the event", event, "eventSource:s bootstrapServers:s records:o");
        }
        other => facts.hold(false, &format!("no poller is called {other:?}")),
    }
    let servers = text(&event["bootstrapServers"]);
    let is_server = |it: &str| it.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    facts.hold(servers.split(',').all(is_server), "the servers have no ports");
    let partitions = object(&event["records"]);
    facts.hold(!partitions.is_empty(), "there are no records");
    for (name, records) in &partitions {
        let records = records.as_array().map_or(&[][..], Vec::as_slice);
        facts.hold(!records.is_empty(), &format!("{name} has no records"));
        let mut last = -1;
        for record in records {
            facts.members("the record", record, RECORD);
            let of = format!("{}-{}", text(&record["topic"]), record["partition"]);
            facts.equal("the partition", &Value::from(name.as_str()), of);
            let offset = record["offset"].as_i64().unwrap_or(-1);
            facts.hold(offset > last, "offsets do not ascend");
            last = offset;
            let types = ["CREATE_TIME", "LOG_APPEND_TIME"];
            facts.hold(types.contains(&text(&record["timestampType"])), "no such type of time");
            let mut size = encoded(facts, "the value", &record["value"]);
            if record.get("key").is_some() {
                size += encoded(facts, "the key", &record["key"]);
            }
            for header in record["headers"].as_array().into_iter().flatten() {
                let pairs = object(header);
                facts.hold(pairs.len() == 1, "a header has not one name");
                for (name, value) in &pairs {
                    size += name.len() + signed(facts, "the header", value);
                }
            }
            facts.hold(size <= 2 * MAX_RECORD_BYTES, "the record is too large");
        }
    }
}

const MESSAGE: &str = "messageID:s messageType:s timestamp:n deliveryMode:n correlationID:s replyTo:s destination:o \
    redelivered:b type:s expiration:n priority:n data:s brokerInTime:n brokerOutTime:n properties:o";

pub(super) fn activemq(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "eventSource:s eventSourceArn:s messages:a");
    facts.equal("eventSource", &event["eventSource"], "aws:mq");
    broker(event, facts);
    let messages = event["messages"].as_array().map_or(&[][..], Vec::as_slice);
    facts.hold(!messages.is_empty(), "there are no messages");
    for message in messages {
        facts.members("the message", message, MESSAGE);
        facts.members("destination", &message["destination"], "physicalName:s");
        let types = ["jms/text-message", "jms/bytes-message"];
        facts.hold(types.contains(&text(&message["messageType"])), "no such type of message");
        encoded(facts, "the data", &message["data"]);
        let strings = object(&message["properties"]).values().all(Value::is_string);
        facts.hold(strings, "a property is no text");
        facts.hold(text(&message["messageID"]).starts_with("ID:"), "the id is not one of ActiveMQ's");
        let times = ["timestamp", "brokerInTime", "brokerOutTime"].map(|it| message[it].as_u64());
        facts.hold(times.is_sorted(), "it leaves the broker before it comes");
    }
}

const BASIC: &str = "contentType:s0 contentEncoding:s0 headers:o deliveryMode:n priority:n correlationId:s0 replyTo:s0 \
    expiration:s0 messageId:s0 timestamp:s0 type:s0 userId:s0 appId:s0 clusterId:s0 bodySize:n";
const SHORT_STRINGS: [&str; 7] =
    ["contentType", "contentEncoding", "correlationId", "replyTo", "messageId", "type", "appId"];

pub(super) fn rabbitmq(event: &Value, facts: &mut Facts) {
    facts.members("the event", event, "eventSource:s eventSourceArn:s rmqMessagesByQueue:o");
    facts.equal("eventSource", &event["eventSource"], "aws:rmq");
    broker(event, facts);
    let queues = object(&event["rmqMessagesByQueue"]);
    facts.hold(!queues.is_empty(), "there are no queues");
    for (queue, messages) in &queues {
        facts.hold(queue.contains("::"), "the queue has no virtual host");
        let messages = messages.as_array().map_or(&[][..], Vec::as_slice);
        facts.hold(!messages.is_empty(), "there are no messages");
        for message in messages {
            facts.members("the message", message, "basicProperties:o redelivered:b data:s");
            let basic = &message["basicProperties"];
            facts.members("the properties", basic, BASIC);
            let size = encoded(facts, "the data", &message["data"]);
            facts.equal("bodySize", &basic["bodySize"], size);
            // AMQP 0-9-1, 4.2.5.3.
            for name in SHORT_STRINGS {
                let it = text(&basic[name]);
                facts.hold(it.len() <= 255 && !it.contains('\0'), &format!("{name} is no short string"));
            }
            for value in object(&basic["headers"]).values() {
                if value.is_object() {
                    facts.members("the header", value, "bytes:a");
                    signed(facts, "the header", &value["bytes"]);
                } else {
                    facts.hold(value.is_number(), "a text in a header is not a list");
                }
            }
        }
    }
}

fn broker(event: &Value, facts: &mut Facts) {
    let arn = text(&event["eventSourceArn"]);
    facts.hold(arn.starts_with("arn:aws:mq:") && arn.contains(":broker:"), "the ARN is of no broker");
}

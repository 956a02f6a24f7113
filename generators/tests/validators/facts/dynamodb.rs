//! Records of a stream.
//!
//! Members: Amazon DynamoDB Streams API, Record and StreamRecord. Values and limits: DynamoDB API,
//! AttributeValue, and developer guide, "Quotas" and "DynamoDB item sizes and formats".

use serde_json::{Map, Value};

use super::{Facts, base64, object, text};

const RECORD: &str = "eventID:s eventName:s eventVersion:s eventSource:s awsRegion:s dynamodb:o eventSourceARN:s \
    userIdentity:o?";
const CHANGE: &str = "ApproximateCreationDateTime:n Keys:o NewImage:o? OldImage:o? SequenceNumber:s SizeBytes:n \
    StreamViewType:s";
/// An item, names included.
const MAX_ITEM_BYTES: usize = 400 * 1024;
const MAX_DEPTH: usize = 32;

pub(super) fn check(event: &Value, facts: &mut Facts) {
    let records = facts.windowed_records(event);
    let mut before = None;
    let mut ids: Vec<&str> = Vec::new();
    for record in records {
        check_record(record, facts);
        facts.equal("the stream", &record["eventSourceARN"], records[0]["eventSourceARN"].clone());
        let sequence = text(&record["dynamodb"]["SequenceNumber"]);
        let digits = sequence.bytes().all(|it| it.is_ascii_digit());
        facts.hold(
            digits && (21..=40).contains(&sequence.len()),
            &format!("{sequence} is no sequence number"),
        );
        let number = sequence.parse::<u128>().ok();
        facts.hold(number > before, "sequence numbers do not ascend");
        before = number;
        ids.push(text(&record["eventID"]));
    }
    ids.sort_unstable();
    facts.hold(ids.windows(2).all(|it| it[0] != it[1]), "two records have the same id");
}

fn check_record(record: &Value, facts: &mut Facts) {
    facts.members("the record", record, RECORD);
    facts.equal("eventSource", &record["eventSource"], "aws:dynamodb");
    facts.equal("eventVersion", &record["eventVersion"], "1.1");
    let arn = text(&record["eventSourceARN"]);
    let fits = arn.starts_with("arn:aws:dynamodb:") && arn.contains(":table/") && arn.contains("/stream/");
    facts.hold(fits, &format!("{arn} is no stream"));
    facts.equal("awsRegion", &record["awsRegion"], arn.split(':').nth(3));
    let change = &record["dynamodb"];
    facts.members("dynamodb", change, CHANGE);
    let seconds = change["ApproximateCreationDateTime"].as_f64();
    facts.hold(seconds.is_some_and(|it| (1e9..1e10).contains(&it)), "the time is not in seconds");
    images(record, facts);
    let names = ["Keys", "NewImage", "OldImage"];
    for name in names {
        let item = object(&change[name]);
        facts.hold(item.keys().all(|it| !it.is_empty()), "an attribute has no name");
        for value in item.values() {
            check_value(value, 1, facts);
        }
        facts.hold(size_of_item(&item) <= MAX_ITEM_BYTES, "an item is larger than 400 KB");
    }
    let keys = object(&change["Keys"]);
    facts.hold((1..=2).contains(&keys.len()), "a key has one or two attributes");
    for (name, value) in &keys {
        let content = value.get("S").or(value.get("N")).or(value.get("B"));
        // 2,048 bytes for a partition key; the limit of a sort key would do for both.
        let fits = content.map(text).is_some_and(|it| (1..=2_048).contains(&it.len()));
        facts.hold(fits && name.len() <= 255, &format!("{name} cannot be a key with {value:.80}"));
    }
    let size: usize = names.iter().map(|name| size_of_item(&object(&change[*name]))).sum();
    facts.equal("SizeBytes", &change["SizeBytes"], size);
    if let Some(user) = record.get("userIdentity") {
        facts.members("userIdentity", user, "type:s principalId:s");
        facts.equal("type", &user["type"], "Service");
        facts.equal("principalId", &user["principalId"], "dynamodb.amazonaws.com");
        facts.equal("what a service does", &record["eventName"], "REMOVE");
    }
}

/// Which images there are, and that they hold the keys.
fn images(record: &Value, facts: &mut Facts) {
    let (change, name) = (&record["dynamodb"], text(&record["eventName"]));
    let view = text(&change["StreamViewType"]);
    let (mut new, mut old) = match name {
        "INSERT" => (true, false),
        "MODIFY" => (true, true),
        "REMOVE" => (false, true),
        _ => return facts.hold(false, &format!("there is no event {name}")),
    };
    match view {
        "NEW_AND_OLD_IMAGES" => {}
        "NEW_IMAGE" => old = false,
        "OLD_IMAGE" => new = false,
        "KEYS_ONLY" => (new, old) = (false, false),
        _ => return facts.hold(false, &format!("there is no view {view}")),
    }
    for (image, shown) in [("NewImage", new), ("OldImage", old)] {
        let there = change.get(image).is_some();
        facts.hold(there == shown, &format!("{image} of {name} with {view}: there is {there}"));
        for (key, value) in object(&change["Keys"]).iter().filter(|_| there) {
            facts.equal(&format!("key {key} in {image}"), &change[image][key], value.clone());
        }
    }
    // A write that changes nothing makes no record.
    let same = new && old && change["NewImage"] == change["OldImage"];
    facts.hold(!same, "MODIFY changed nothing");
}

fn check_value(value: &Value, depth: usize, facts: &mut Facts) {
    let wrapped = object(value);
    let (Some((tag, content)), 1) = (wrapped.iter().next(), wrapped.len()) else {
        return facts.hold(false, &format!("{value:.80} has not one type"));
    };
    facts.hold(depth <= MAX_DEPTH, "values are nested deeper than 32 levels");
    let set = || -> Vec<&str> { content.as_array().into_iter().flatten().map(text).collect() };
    let strings = || content.as_array().is_some_and(|it| it.iter().all(Value::is_string));
    let distinct = || {
        let mut sorted = set();
        sorted.sort_unstable();
        strings() && !sorted.is_empty() && sorted.windows(2).all(|it| it[0] != it[1])
    };
    let fits = match tag.as_str() {
        "S" => content.is_string(),
        "N" => is_number(text(content)),
        "B" => base64(text(content)).is_some(),
        "BOOL" => content.is_boolean(),
        "NULL" => *content == Value::Bool(true),
        "SS" => distinct(),
        "NS" => distinct() && set().into_iter().all(is_number),
        "BS" => distinct() && set().into_iter().all(|it| base64(it).is_some()),
        "L" => content.is_array(),
        "M" => content.as_object().is_some_and(|it| it.keys().all(|name| !name.is_empty())),
        _ => false,
    };
    facts.hold(fits, &format!("{value:.80} is no value"));
    let members = content.as_object().into_iter().flat_map(Map::values);
    let elements = content.as_array().into_iter().flatten().filter(|_| tag == "L");
    members.chain(elements).for_each(|it| check_value(it, depth + 1, facts));
}

/// Numbers arrive as DynamoDB keeps them: no zeros that say nothing, at most 38 digits, from 1E-130 to
/// 9.99…E+125.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = digits.split_once('E').unwrap_or((digits, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0."));
    let all = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
    let bare = fraction == "0." || (!fraction.is_empty() && all(fraction) && !fraction.ends_with('0'));
    let whole_fits = !whole.is_empty() && all(whole) && (whole == "0" || !whole.starts_with('0'));
    let Ok(exponent) = exponent.parse::<i32>() else { return false };
    let all_digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    if all_digits.bytes().all(|it| it == b'0') {
        return text == "0";
    }
    let after_point = if mantissa.contains('.') { fraction.len() as i32 } else { 0 };
    let leading = all_digits.len() - all_digits.trim_start_matches('0').len();
    let magnitude = all_digits.len() as i32 - leading as i32 - 1 - after_point + exponent;
    bare && whole_fits && significant(text) <= 38 && (-130..=125).contains(&magnitude)
}

/// Digits without the zeros at both ends.
fn significant(number: &str) -> usize {
    let mantissa = number.split(['e', 'E']).next().unwrap_or_default();
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    digits.trim_matches('0').len()
}

/// Item sizes: the bytes of names and values.
pub(crate) fn size_of_item(item: &Map<String, Value>) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &Value) -> usize {
    let wrapped = object(value);
    let Some((tag, content)) = wrapped.iter().next() else { return 0 };
    // One byte for two significant digits, and one more.
    let number = |it: &str| significant(it).div_ceil(2) + 1;
    let binary = |it: &str| base64(it).map_or(0, |it| it.len());
    let list = content.as_array().map_or(&[][..], Vec::as_slice);
    match tag.as_str() {
        "S" => text(content).len(),
        "N" => number(text(content)),
        "B" => binary(text(content)),
        "SS" => list.iter().map(|it| text(it).len()).sum(),
        "NS" => list.iter().map(|it| number(text(it))).sum(),
        "BS" => list.iter().map(|it| binary(text(it))).sum(),
        // Three bytes, and one for every element.
        "L" => 3 + list.iter().map(|it| size_of_value(it) + 1).sum::<usize>(),
        "M" => 3 + size_of_item(&object(content)) + object(content).len(),
        _ => 1,
    }
}

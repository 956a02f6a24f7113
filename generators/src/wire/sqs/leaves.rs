//! What the sender of a message controls.

use super::{MessageAttribute, SqsBatch, SqsMessage};
use crate::{
    codec::Codec,
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Path, Role, is_attribute_name},
    source::EventSource,
    tree::{Node, escape, json_bytes},
    wire::{
        Leaves, MAX_EVENT_BYTES,
        leaves::{self, FILLER, below, is_named, named_object, role_at},
        nested::{self, Said},
    },
};

/// Amazon SQS API, SendMessage, since 2025: 1 MiB with attributes.
const MAX_MESSAGE_BYTES: usize = 1_048_576;
/// Amazon SQS developer guide, quotas: ten attributes in a message.
const MAX_ATTRIBUTES: usize = 10;
/// AWS Lambda developer guide, SQS: at most ten messages without a batching window.
const MAX_BATCH: usize = 10;

impl SqsBatch {
    fn message(&self, record: usize) -> Option<&SqsMessage> {
        self.messages.get(record)
    }
}

impl SqsMessage {
    /// Who says what is at `path` in the body.
    fn said<'p>(&self, path: &'p Path) -> Said<'p> {
        nested::said(&self.body, &path.0)
    }

    fn attribute_mut(&mut self, name: &str) -> Option<&mut MessageAttribute> {
        self.attributes.iter_mut().find(|(it, _)| it == name).map(|(_, attribute)| attribute)
    }
}

impl MessageAttribute {
    /// The places in the value. The base64 of `Binary` is not the sender's: what it encodes is the value.
    fn places(&self) -> Vec<Path> {
        let mut places = leaves::places(&self.value);
        places.retain(|path| self.role(path).is_some());
        places
    }

    fn role(&self, path: &Path) -> Option<Role> {
        match &self.value {
            Node::Opened(Codec::Base64, content) if self.is("Binary") => match path.0.split_first() {
                None if content.is_leaf() => Some(Role::Data),
                None => Some(Role::Routing),
                Some((_, [])) => None,
                Some(_) => role_at(&self.value, path),
            },
            value => role_at(value, path),
        }
    }

    fn is_sendable(&self) -> bool {
        !self.value.is_nothing() && Charset::SqsText.takes(&self.value)
    }
}

impl Leaves for SqsBatch {
    fn locators(&self, _source: EventSource) -> Vec<Locator> {
        let mut data = Vec::new();
        let mut names = Vec::new();
        for (record, message) in self.messages.iter().enumerate() {
            let own = |path: &Path| !matches!(message.said(path), Said::Service);
            let leaves = message.body.leaves().into_iter().filter(own);
            data.extend(leaves.map(|path| Locator::Message { record, path }));
            let mut objects = message.body.objects().into_iter();
            let named = objects.find(|path| is_named(path) && message.said(path).may_be_named());
            names.extend(named.map(|path| Locator::MessageName { record, path }));
            let attributes = message.attributes.iter();
            data.extend(attributes.flat_map(|(name, attribute)| {
                let whole = Locator::message_attribute(record, name);
                let object = named_object(&attribute.value);
                names.extend(object.map(|path| Locator::NameIn { of: Box::new(whole.with_inside(path)) }));
                attribute.places().into_iter().map(move |path| whole.with_inside(path))
            }));
            if message.group.is_some() {
                data.push(Locator::MessageGroup { record });
            }
            if message.deduplication.is_some() {
                data.push(Locator::MessageDeduplication { record });
            }
            data.push(Locator::Sender { record });
            if message.attributes.len() < MAX_ATTRIBUTES {
                names.push(Locator::MessageAttributeName { record });
            }
        }
        data.extend(names);
        data
    }

    fn describe(&self, _source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let message = self.message(at.record()?)?;
        let prefix = format!("/Records/{}", at.record()?);
        let half = MAX_MESSAGE_BYTES / 2;
        let (charset, max_bytes, role, path) = match at {
            // All of it can always be replaced.
            Locator::Message { path, .. } if path.0.is_empty() => {
                (Charset::SqsText, half, Role::Data, "/body".to_owned())
            }
            Locator::Message { path, .. } => {
                message.body.get(path).filter(|it| it.is_leaf())?;
                // JSON escapes control characters; U+FFFE and U+FFFF it does not.
                let charset = leaves::charset(Charset::SqsText, path);
                (charset, half / 8, Role::Data, below("/body", path))
            }
            Locator::MessageName { path, .. } => {
                let object = message.body.get(path)?;
                if !matches!(object, Node::Object(_)) || !is_named(path) || !message.said(path).may_be_named()
                {
                    return None;
                }
                let charset = leaves::charset(Charset::SqsText, path);
                (charset, half / 8, Role::Routing, format!("{}/ (name)", below("/body", path)))
            }
            Locator::MessageAttribute { name, path: inside, .. } => {
                let (_, attribute) = message.attributes.iter().find(|(it, _)| it == name)?;
                let (charset, member) = match attribute.data_type.split('.').next() {
                    Some("Number") => (Charset::Number, "stringValue"),
                    Some("Binary") if inside.is_root() => (Charset::NonEmpty, "binaryValue»base64"),
                    Some("Binary") => (Charset::NonEmpty, "binaryValue"),
                    _ => (Charset::SqsText, "stringValue"),
                };
                let path = below(&format!("/messageAttributes/{}/{member}", escape(name)), inside);
                let room = if inside.is_root() { 2 } else { 8 };
                (leaves::charset(charset, inside), half / room, attribute.role(inside)?, path)
            }
            Locator::NameIn { of } => {
                let Locator::MessageAttribute { name, path: inside, .. } = &**of else { return None };
                let (_, attribute) = message.attributes.iter().find(|(it, _)| it == name)?;
                if !matches!(attribute.value.get(inside)?, Node::Object(_)) || !is_named(inside) {
                    return None;
                }
                let member = if attribute.is("Binary") { "binaryValue" } else { "stringValue" };
                let path = below(&format!("/messageAttributes/{}/{member}", escape(name)), inside);
                let charset = leaves::charset(Charset::SqsText, inside);
                (charset, half / 8, Role::Routing, format!("{path}/ (name)"))
            }
            Locator::MessageAttributeName { .. } => {
                let path = "/messageAttributes/ (name)".to_owned();
                (Charset::SqsName, 256, Role::Routing, path)
            }
            Locator::MessageGroup { .. } => {
                message.group.as_ref()?;
                let path = "/attributes/MessageGroupId".to_owned();
                (Charset::SqsGroup, 128, Role::Data, path)
            }
            Locator::MessageDeduplication { .. } => {
                message.deduplication.as_ref()?;
                let path = "/attributes/MessageDeduplicationId".to_owned();
                (Charset::SqsGroup, 128, Role::Data, path)
            }
            Locator::Sender { .. } => {
                (Charset::SessionName, 64, Role::Data, "/attributes/SenderId".to_owned())
            }
            _ => return None,
        };
        let control = match at {
            Locator::Sender { .. } => Control::Conditional,
            _ => Control::Attacker,
        };
        let path = format!("{prefix}{path}");
        let mut point = InjectionPoint { locator: at.clone(), control, charset, max_bytes, role, path };
        if let Locator::Message { path, .. } | Locator::MessageName { path, .. } = at {
            match message.said(path) {
                Said::Own => {}
                // Who may write to the queue instead of the service.
                Said::Whole => point.control = Control::Conditional,
                Said::Service => return None,
                Said::Told(told) => told.bound(&mut point),
            }
        }
        Some(point)
    }

    fn text(&self, at: &Locator) -> Option<String> {
        let message = self.message(at.record()?)?;
        match at {
            Locator::Message { path, .. } if path.0.is_empty() => Some(message.body.to_text()),
            Locator::Message { path, .. } => message.body.leaf_text(path),
            Locator::MessageAttribute { name, path, .. } => {
                let (_, attribute) = message.attributes.iter().find(|(it, _)| it == name)?;
                match attribute.is("Binary") && path.is_root() {
                    true => Some(String::from_utf8_lossy(&super::binary(&attribute.value)).into_owned()),
                    false => leaves::text_at(&attribute.value, path),
                }
            }
            Locator::MessageGroup { .. } => message.group.clone(),
            Locator::MessageDeduplication { .. } => message.deduplication.clone(),
            Locator::Sender { .. } => Some(message.sender.clone()),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        let record = at.record().unwrap_or(usize::MAX);
        let Some(message) = self.messages.get_mut(record) else {
            return false;
        };
        match at {
            Locator::Message { path, .. } if path.0.is_empty() => message.body = Node::text(text),
            Locator::Message { path, .. } => return message.body.set_leaf(path, text),
            Locator::MessageName { path, .. } => return message.body.add_name(path, text),
            Locator::MessageAttribute { name, path, .. } => {
                let Some(attribute) = message.attribute_mut(name) else { return false };
                match attribute.is("Binary") && path.is_root() {
                    true => attribute.value = Node::text(text).inside(Codec::Base64),
                    false => return leaves::set_text(&mut attribute.value, path, text),
                }
            }
            Locator::NameIn { of } => {
                let Locator::MessageAttribute { name, path, .. } = &**of else { return false };
                return message.attribute_mut(name).is_some_and(|it| it.value.add_name(path, text));
            }
            Locator::MessageAttributeName { .. } => {
                if message.attributes.iter().any(|(it, _)| it == text) {
                    return false;
                }
                message.attributes.push((text.to_owned(), MessageAttribute::string(FILLER)));
            }
            Locator::MessageGroup { .. } => message.group = Some(text.to_owned()),
            Locator::MessageDeduplication { .. } => message.deduplication = Some(text.to_owned()),
            // AWS STS API, AssumeRole: a session name has two characters at least.
            Locator::Sender { .. } if text.len() >= 2 => text.clone_into(&mut message.sender),
            _ => return false,
        }
        true
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        let record = at.record().unwrap_or(usize::MAX);
        let Some(message) = self.messages.get_mut(record) else {
            return false;
        };
        match at {
            Locator::Message { path, .. } if !path.0.is_empty() => {
                message.body.insert(path, Node::text(text))
            }
            Locator::MessageAttribute { name, path, .. } => match message.attribute_mut(name) {
                Some(attribute) => {
                    let text = Node::text(text);
                    !path.is_root() && !attribute.is("Number") && attribute.value.insert(path, text)
                }
                None => match leaves::made(path, text) {
                    Some(value) => {
                        let data_type = "String".to_owned();
                        message.attributes.push((name.clone(), MessageAttribute { data_type, value }));
                        true
                    }
                    None => false,
                },
            },
            _ => self.set(at, text),
        }
    }

    fn remove(&mut self, at: &Locator) -> bool {
        let record = at.record().unwrap_or(usize::MAX);
        let fifo = self.is_fifo();
        let Some(message) = self.messages.get_mut(record) else {
            return false;
        };
        match at {
            Locator::Message { path, .. } => message.body.remove(path),
            Locator::MessageAttribute { name, path, .. } if !path.is_root() => {
                message.attribute_mut(name).is_some_and(|it| it.value.remove(path))
            }
            Locator::MessageAttribute { name, .. } => {
                let before = message.attributes.len();
                message.attributes.retain(|(it, _)| it != name);
                message.attributes.len() < before
            }
            Locator::MessageGroup { .. } if !fifo => message.group.take().is_some(),
            _ => false,
        }
    }

    fn set_node(&mut self, at: &Locator, node: &Node) -> bool {
        let record = at.record().unwrap_or(usize::MAX);
        let Some(message) = self.messages.get_mut(record) else {
            return false;
        };
        match at {
            Locator::Message { path, .. } => message.body.set(path, node.clone()),
            Locator::MessageAttribute { name, path, .. } => {
                let Some(attribute) = message.attribute_mut(name).filter(|it| !it.is("Number")) else {
                    return false;
                };
                let node = match path.is_root() {
                    true if attribute.is("Binary") => leaves::as_text(node).inside(Codec::Base64),
                    true => leaves::as_text(node),
                    false => node.clone(),
                };
                attribute.value.set(path, node)
            }
            _ => false,
        }
    }

    fn part(&self, at: &Locator) -> Option<Node> {
        match at {
            Locator::Message { record, path } => self.message(*record)?.body.get(path).cloned(),
            _ => self.text(at).map(Node::Text),
        }
    }

    fn may_change(&self, _source: EventSource, at: &Locator) -> bool {
        match at {
            Locator::Message { record, path } => {
                self.message(*record).is_none_or(|it| it.said(path).may_change())
            }
            Locator::MessageName { record, path } => {
                self.message(*record).is_none_or(|it| it.said(path).may_be_named())
            }
            _ => true,
        }
    }

    fn edit(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::ExtendName { at: Locator::Message { record, path }, suffix } => {
                let message = self.messages.get_mut(*record);
                return message.is_some_and(|it| leaves::extend_name(&mut it.body, path, suffix));
            }
            Edit::DuplicateRecord { record } => match self.messages.get(*record).cloned() {
                Some(message) => self.messages.push(message),
                None => return false,
            },
            Edit::RemoveRecord { record } if *record < self.messages.len() => {
                self.messages.remove(*record);
            }
            Edit::ReceiveCount { record, count } => match self.messages.get_mut(*record) {
                Some(message) => message.receive_count = (*count).max(1),
                None => return false,
            },
            _ => return false,
        }
        true
    }

    fn most_bytes(&self) -> usize {
        let message = |it: &SqsMessage| {
            let attributes = it.attributes.iter();
            let attribute = |(name, it): &(String, MessageAttribute)| {
                json_bytes(name) + json_bytes(&it.data_type) + it.value.most_bytes() + 128
            };
            2 * 1024 + it.body.most_bytes() + attributes.map(attribute).sum::<usize>()
        };
        self.messages.iter().map(message).sum()
    }

    fn sendable(&self, _source: EventSource) -> bool {
        let accepted = |message: &SqsMessage| {
            !message.body.is_nothing()
                && Charset::SqsText.takes(&message.body)
                && nested::fits(&message.body)
                && message.attributes.len() <= MAX_ATTRIBUTES
                && message
                    .attributes
                    .iter()
                    .all(|(name, it)| !name.is_empty() && is_attribute_name(name) && it.is_sendable())
        };
        // Sizes matter only to large batches.
        let fits = self.most_bytes() <= MAX_MESSAGE_BYTES || {
            let sizes: Vec<usize> = self.messages.iter().map(size).collect();
            sizes.iter().all(|size| *size <= MAX_MESSAGE_BYTES)
                && sizes.iter().sum::<usize>() <= MAX_EVENT_BYTES / 4
        };
        // A message given in an event may be larger than the count allowed here; keep that.
        (1..=MAX_BATCH.max(1)).contains(&self.messages.len()) && fits && self.messages.iter().all(accepted)
    }
}

fn size(message: &SqsMessage) -> usize {
    let attributes = message.attributes.iter();
    let attributes: usize =
        attributes.map(|(name, it)| name.len() + it.data_type.len() + it.value.sent().len()).sum();
    message.body.sent_bytes().len() + attributes
}

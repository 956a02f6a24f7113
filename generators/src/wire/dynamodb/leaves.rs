//! What the writer of an item controls.
//!
//! An application wrote the item, so texts in it are taken for the attacker's. A path within an
//! item steps over names and indices; a set counts as a list. Names are conditional: only an
//! application with dynamic names lets a user choose them.

use super::{
    AttributeValue, DynamoDbBatch, DynamoDbWrite, Operation,
    attribute::{self, Item},
};
use crate::{
    edit::Edit,
    point::{Charset, Control, Image, InjectionPoint, Locator, Path, Role},
    source::EventSource,
    tree::{Node, Step, escape},
    wire::{
        Leaves,
        leaves::{self, FILLER, below},
    },
};

/// Amazon DynamoDB developer guide, constraints: an item has 400 KB, names included.
const MAX_ITEM_BYTES: usize = 400 * 1_024;
/// The same: a partition key has 2,048 bytes, a sort key 1,024.
const MAX_KEY_BYTES: usize = 1_024;
/// The same: attribute names have 64 KB; those of keys and indexes 255 bytes.
const MAX_NAME_BYTES: usize = 255;
/// Enough to see what a batch does; Lambda delivers up to 10,000.
const MAX_BATCH: usize = 10;
/// AWS Lambda developer guide, "Stateful DynamoDB stream processing": 1 MB of state for a shard.
const MAX_STATE_BYTES: usize = 1 << 20;
/// Amazon DynamoDB developer guide, constraints: nesting up to 32 levels.
const MAX_DEPTH: usize = 32;

impl DynamoDbBatch {
    fn write(&self, record: usize) -> Option<&DynamoDbWrite> {
        self.writes.get(record)
    }

    /// The part of an item that `image` names, if the stream shows it.
    fn image(&self, record: usize, image: Image) -> Option<&Item> {
        let write = self.write(record)?;
        match image {
            Image::New if write.operation.has_new() && self.view.shows_new() => Some(&write.new),
            Image::Old if write.operation.has_old() && self.view.shows_old() => Some(&write.old),
            Image::New | Image::Old => None,
        }
    }

    fn image_mut(&mut self, record: usize, image: Image) -> Option<&mut Item> {
        self.image(record, image)?;
        let write = self.writes.get_mut(record)?;
        Some(match image {
            Image::New => &mut write.new,
            Image::Old => &mut write.old,
        })
    }
}

impl Leaves for DynamoDbBatch {
    fn locators(&self, _source: EventSource) -> Vec<Locator> {
        let mut found = Vec::new();
        for record in 0..self.writes.len() {
            for image in [Image::New, Image::Old] {
                for (name, value) in self.image(record, image).into_iter().flatten() {
                    let mut paths = Vec::new();
                    collect(value, &Path::root().member(name), &mut paths);
                    let paths = paths.into_iter();
                    found.extend(paths.map(|path| Locator::Attribute { record, image, path }));
                }
            }
            for (name, _) in &self.writes[record].keys {
                found.push(Locator::Key { record, name: name.clone() });
            }
        }
        let state = self.window.as_ref().map(|window| window.state.leaves());
        found.extend(state.into_iter().flatten().map(|path| Locator::WindowState { path }));
        found.extend((0..self.writes.len()).map(|record| Locator::AttributeName { record }));
        found
    }

    fn describe(&self, _source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        if let Locator::WindowState { path } = at {
            self.window.as_ref()?.state.get(path).filter(|it| it.is_leaf())?;
            return Some(InjectionPoint {
                locator: at.clone(),
                // The function has returned it, so it holds what a sender says only if the function put that there.
                control: Control::Conditional,
                charset: leaves::charset(Charset::Any, path),
                max_bytes: MAX_STATE_BYTES / 8,
                role: Role::Data,
                path: below("/state", path),
            });
        }
        let record = at.record()?;
        let prefix = format!("/Records/{record}/dynamodb");
        let (control, charset, max_bytes, role, path) = match at {
            Locator::Attribute { image, path, .. } => {
                let item = self.image(record, *image)?;
                let (charset, pointer) = leaf(item, path)?;
                let image = image_name(*image);
                let path = format!("{prefix}/{image}{pointer}");
                (Control::Attacker, charset, MAX_ITEM_BYTES / 8, Role::Data, path)
            }
            Locator::Key { name, .. } => {
                let write = self.write(record)?;
                let (_, value) = write.keys.iter().find(|(it, _)| it == name)?;
                let charset = match value {
                    AttributeValue::N(_) => Charset::Number,
                    _ => Charset::NonEmpty,
                };
                let path = format!("{prefix}/Keys/{}/{}", escape(name), value.tag());
                (Control::Attacker, charset, MAX_KEY_BYTES, Role::Data, path)
            }
            Locator::AttributeName { .. } => {
                let images = [Image::New, Image::Old];
                let image = images.into_iter().find(|it| self.image(record, *it).is_some())?;
                let path = format!("{prefix}/{}/ (name)", image_name(image));
                (Control::Conditional, Charset::NonEmpty, MAX_NAME_BYTES, Role::Routing, path)
            }
            _ => return None,
        };
        Some(InjectionPoint { locator: at.clone(), control, charset, max_bytes, role, path })
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::Attribute { record, image, path } => {
                let item = self.image(*record, *image)?;
                let (outside, inside) = halves(path);
                match attribute::at(item, outside) {
                    Some(AttributeValue::S(node) | AttributeValue::B(node)) => node.leaf_text(&inside),
                    Some(value) => text_of(value),
                    None => element(item, path).cloned(),
                }
            }
            Locator::Key { record, name } => {
                let keys = &self.write(*record)?.keys;
                keys.iter().find(|(it, _)| it == name).and_then(|(_, value)| text_of(value))
            }
            Locator::WindowState { path } => self.window.as_ref()?.state.leaf_text(path),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Attribute { record, image, path } => {
                let Some(item) = self.image_mut(*record, *image) else {
                    return false;
                };
                let (outside, inside) = halves(path);
                match attribute::at_mut(item, outside) {
                    Some(AttributeValue::S(node)) => node.set_leaf(&inside, text),
                    Some(AttributeValue::B(node)) => !inside.0.is_empty() && node.set_leaf(&inside, text),
                    Some(value) => set_text(value, text),
                    None => set_element(item, path, text),
                }
            }
            Locator::Key { record, name } => {
                let Some(write) = self.writes.get_mut(*record) else {
                    return false;
                };
                let key = write.keys.iter_mut().find(|(it, _)| it == name);
                key.is_some_and(|(_, value)| set_text(value, text))
            }
            Locator::AttributeName { record } => {
                let shown =
                    [Image::New, Image::Old].into_iter().find(|image| self.image(*record, *image).is_some());
                let Some(item) = shown.and_then(|image| self.image_mut(*record, image)) else {
                    return false;
                };
                let taken = item.iter().any(|(name, _)| name == text);
                item.push((text.to_owned(), AttributeValue::text(FILLER)));
                let keys = &self.writes[*record].keys;
                !taken && !keys.iter().any(|(name, _)| name == text)
            }
            Locator::WindowState { path } => {
                self.window.as_mut().is_some_and(|window| window.state.set_leaf(path, text))
            }
            _ => false,
        }
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        if let (Locator::WindowState { path }, Some(window)) = (at, &mut self.window) {
            return window.state.insert(path, Node::text(text));
        }
        let Locator::Attribute { record, image, path } = at else {
            return self.set(at, text);
        };
        let Some((Step::Member { name, .. }, rest)) = path.0.split_first() else {
            return false;
        };
        let keys = self.write(*record).map(|write| write.keys.clone()).unwrap_or_default();
        if keys.iter().any(|(it, _)| it == name) {
            return false;
        }
        match self.image_mut(*record, *image) {
            Some(item) => insert(item, name, rest, text),
            None => false,
        }
    }

    fn remove(&mut self, at: &Locator) -> bool {
        match at {
            Locator::Attribute { record, image, path } => {
                let item = self.image_mut(*record, *image);
                let (outside, inside) = halves(path);
                item.is_some_and(|item| match attribute::at_mut(item, outside) {
                    Some(AttributeValue::S(node) | AttributeValue::B(node)) if !inside.0.is_empty() => {
                        node.remove(&inside)
                    }
                    _ => inside.0.is_empty() && attribute::remove(item, outside),
                })
            }
            Locator::WindowState { path } => {
                self.window.as_mut().is_some_and(|window| window.state.remove(path))
            }
            _ => false,
        }
    }

    fn set_node(&mut self, at: &Locator, node: &Node) -> bool {
        if let (Locator::WindowState { path }, Some(window)) = (at, &mut self.window) {
            return window.state.set(path, node.clone());
        }
        let Locator::Attribute { record, image, path } = at else {
            return false;
        };
        let place = self.image_mut(*record, *image);
        let (outside, inside) = halves(path);
        match place.and_then(|item| attribute::at_mut(item, outside)) {
            Some(AttributeValue::S(text) | AttributeValue::B(text)) if !inside.0.is_empty() => {
                text.set(&inside, node.clone())
            }
            Some(place) => match node.to_value() {
                Some(value) => {
                    *place = AttributeValue::marshal(&value);
                    true
                }
                None => false,
            },
            None => false,
        }
    }

    fn part(&self, at: &Locator) -> Option<Node> {
        if let Locator::WindowState { path } = at {
            return self.window.as_ref()?.state.get(path).cloned();
        }
        let Locator::Attribute { record, image, path } = at else { return self.text(at).map(Node::Text) };
        let (outside, inside) = halves(path);
        match attribute::at(self.image(*record, *image)?, outside) {
            Some(AttributeValue::S(node)) => node.get(&inside).cloned(),
            _ => self.text(at).map(Node::Text),
        }
    }

    fn edit(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::DuplicateRecord { record } => match self.writes.get(*record).cloned() {
                Some(write) => self.writes.push(write),
                None => return false,
            },
            Edit::RemoveRecord { record } if *record < self.writes.len() => {
                self.writes.remove(*record);
            }
            Edit::Operation { record, operation } => match self.writes.get_mut(*record) {
                Some(write) => change(write, *operation),
                None => return false,
            },
            Edit::ViewType(view) => self.view = *view,
            Edit::WindowPhase(phase) => match &mut self.window {
                Some(window) => window.phase = *phase,
                None => return false,
            },
            _ => return false,
        }
        true
    }

    fn most_bytes(&self) -> usize {
        // An attribute of one byte is written as `{"NULL":true}`; a control character takes six.
        let item = |item: &attribute::Item| 16 * attribute::size(item);
        let write = |it: &DynamoDbWrite| 2 * 1024 + 3 * item(&it.keys) + item(&it.new) + item(&it.old);
        self.writes.iter().map(write).sum()
    }

    fn sendable(&self, _source: EventSource) -> bool {
        let accepted = |write: &DynamoDbWrite| {
            let keys = attribute::size(&write.keys);
            let largest = attribute::size(&write.new).max(attribute::size(&write.old));
            let images = [&write.keys, &write.new, &write.old];
            // A write that changes nothing makes no stream record.
            (write.operation != Operation::Modify || write.new != write.old)
                && keys + largest <= MAX_ITEM_BYTES
                && images.into_iter().flatten().all(|(name, value)| {
                    !name.is_empty() && name.len() <= MAX_NAME_BYTES && depth(value) <= MAX_DEPTH
                })
        };
        let state = self.window.as_ref().map(|window| &window.state);
        let kept = state.is_none_or(|it| {
            matches!(it, Node::Object(_))
                && it.to_value().is_some_and(|it| it.to_string().len() <= MAX_STATE_BYTES)
        });
        kept && (1..=MAX_BATCH).contains(&self.writes.len()) && self.writes.iter().all(accepted)
    }
}

/// Turns a write into another kind, with the images that it then needs.
fn change(write: &mut DynamoDbWrite, operation: Operation) {
    if operation.has_new() && write.new.is_empty() {
        write.new.clone_from(&write.old);
    }
    if operation.has_old() && write.old.is_empty() {
        write.old.clone_from(&write.new);
    }
    if operation == Operation::Modify && write.new == write.old {
        // The last attribute is what the update added.
        write.old.pop();
    }
    write.operation = operation;
}

fn image_name(image: Image) -> &'static str {
    match image {
        Image::New => "NewImage",
        Image::Old => "OldImage",
    }
}

fn collect(value: &AttributeValue, at: &Path, found: &mut Vec<Path>) {
    match value {
        AttributeValue::M(item) => {
            item.iter().for_each(|(name, value)| collect(value, &at.member(name), found));
        }
        AttributeValue::L(list) => {
            let list = list.iter().enumerate();
            list.for_each(|(index, value)| collect(value, &at.element(index), found));
        }
        AttributeValue::Ss(set) | AttributeValue::Ns(set) => {
            found.extend((0..set.len()).map(|index| at.element(index)));
        }
        AttributeValue::S(node) => {
            let join = |inside: Path| Path(at.0.iter().cloned().chain(inside.0).collect());
            found.extend(node.leaves().into_iter().map(join));
        }
        AttributeValue::B(node) => node.walk(&Path::root(), &mut |inside, leaf| {
            let is_text = leaf.is_leaf() && !matches!(leaf, Node::Bytes(_));
            if is_text && !inside.0.is_empty() {
                found.push(Path(at.0.iter().chain(&inside.0).cloned().collect()));
            }
        }),
        AttributeValue::N(_) => found.push(at.clone()),
        // Values that hold no text, and bytes of which nothing is known.
        AttributeValue::Bs(_) | AttributeValue::Bool(_) | AttributeValue::Null => {}
    }
}

/// Charset and pointer, type tags included, of the leaf at `path`.
fn leaf(item: &Item, path: &Path) -> Option<(Charset, String)> {
    let mut pointer = String::new();
    let (outside, inside) = halves(path);
    for (index, step) in outside.iter().enumerate() {
        let value = match step {
            Step::Member { name, .. } => {
                pointer.push('/');
                pointer.push_str(&escape(name));
                attribute::at(item, &path.0[..=index])?
            }
            Step::Element(element) => {
                pointer.push_str(&format!("/{element}"));
                match attribute::at(item, &path.0[..index])? {
                    AttributeValue::Ss(set) if *element < set.len() => {
                        return Some((Charset::NonEmpty, pointer));
                    }
                    AttributeValue::Ns(set) if *element < set.len() => {
                        return Some((Charset::Number, pointer));
                    }
                    _ => attribute::at(item, &path.0[..=index])?,
                }
            }
            Step::Open(_) => return None,
        };
        pointer.push('/');
        pointer.push_str(value.tag());
    }
    match attribute::at(item, outside)? {
        AttributeValue::S(node) => {
            node.get(&inside).filter(|it| it.is_leaf())?;
            Some((leaves::charset(Charset::Any, &inside), below(&pointer, &inside)))
        }
        AttributeValue::B(node) if !inside.0.is_empty() => {
            node.get(&inside).filter(|it| it.is_leaf() && !matches!(it, Node::Bytes(_)))?;
            Some((leaves::charset(Charset::Any, &inside), below(&pointer, &inside)))
        }
        AttributeValue::N(_) if inside.0.is_empty() => Some((Charset::Number, pointer)),
        _ => None,
    }
}

/// The way to a value, and from there the place in the string that it is.
fn halves(path: &Path) -> (&[Step], Path) {
    let end = path.0.iter().position(|step| matches!(step, Step::Open(_))).unwrap_or(path.0.len());
    (&path.0[..end], Path(path.0[end..].to_vec()))
}

fn text_of(value: &AttributeValue) -> Option<String> {
    match value {
        AttributeValue::S(node) | AttributeValue::B(node) => Some(node.to_text()),
        AttributeValue::N(text) => Some(text.clone()),
        _ => None,
    }
}

fn set_text(value: &mut AttributeValue, text: &str) -> bool {
    match value {
        AttributeValue::S(place) => {
            *place = Node::text(text);
            true
        }
        AttributeValue::N(place) => {
            text.clone_into(place);
            true
        }
        _ => false,
    }
}

/// The element of a set.
fn element<'a>(item: &'a Item, path: &Path) -> Option<&'a String> {
    let [parents @ .., Step::Element(index)] = path.0.as_slice() else {
        return None;
    };
    match attribute::at(item, parents)? {
        AttributeValue::Ss(set) | AttributeValue::Ns(set) => set.get(*index),
        _ => None,
    }
}

fn set_element(item: &mut Item, path: &Path, text: &str) -> bool {
    let [parents @ .., Step::Element(index)] = path.0.as_slice() else {
        return false;
    };
    let value = attribute::at_mut(item, parents);
    // The elements of a set differ, numbers also in what they say: 1 is 1.0.
    let numbers = matches!(value, Some(AttributeValue::Ns(_)));
    let Some(AttributeValue::Ss(set) | AttributeValue::Ns(set)) = value else { return false };
    let said = |it: &str| if numbers { attribute::normal(it) } else { it.to_owned() };
    if *index >= set.len() || set.iter().any(|it| said(it) == said(text)) {
        return false;
    }
    text.clone_into(&mut set[*index]);
    true
}

/// Puts a string below `name`, making the maps on the way.
fn insert(item: &mut Item, name: &str, rest: &[Step], text: &str) -> bool {
    let index = item.iter().position(|(it, _)| it == name).unwrap_or_else(|| {
        item.push((name.to_owned(), AttributeValue::Null));
        item.len() - 1
    });
    let place = &mut item[index].1;
    match rest.split_first() {
        None => {
            *place = AttributeValue::text(text);
            true
        }
        Some((Step::Member { name: member, .. }, rest)) => {
            if !matches!(place, AttributeValue::M(_)) {
                *place = AttributeValue::M(Item::new());
            }
            match place {
                AttributeValue::M(members) => insert(members, member, rest, text),
                _ => false,
            }
        }
        Some((Step::Element(_) | Step::Open(_), _)) => false,
    }
}

fn depth(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::L(list) => 1 + list.iter().map(depth).max().unwrap_or_default(),
        AttributeValue::M(item) => 1 + item.iter().map(|(_, it)| depth(it)).max().unwrap_or(0),
        _ => 1,
    }
}

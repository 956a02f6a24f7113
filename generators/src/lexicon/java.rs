//! Names in Java classes, whatever language they were compiled from.
//!
//! A class file lists all constants and names that its code uses (JVMS 4.4), and the fields that it declares. Strings are
//! known exactly; which of them are keys of an event is not. Fields are keys where an event is read into an object.

use super::gather::{Gather, Tier, is_identifier};

/// The events of `aws-lambda-java-events`: what is asked of them are members of events.
const EVENTS: &str = "com/amazonaws/services/lambda/runtime/events/";

/// Whether this is a class file. Programs of Apple begin like one, but for the version.
pub(super) fn is_class(content: &[u8]) -> bool {
    const JAVA_1: u8 = 45;
    content.starts_with(&[0xCA, 0xFE, 0xBA, 0xBE]) && content.get(7).is_some_and(|major| *major >= JAVA_1)
}

/// Finds names in a class. One that is damaged has fewer.
pub(super) fn read(content: &[u8], gather: &mut Gather) {
    let mut class = Reader { bytes: content, at: 8 };
    let Some(pool) = Pool::read(&mut class) else { return };
    for text in pool.strings() {
        constant(&text, gather);
    }
    for name in pool.classes() {
        // Libraries are known by their classes, with the package where the name alone says little.
        let dotted = name.replace('/', ".");
        gather.module(dotted.rsplit('.').next().unwrap_or(&dotted));
        gather.module(&dotted);
    }
    for (owner, name) in pool.methods() {
        let Some(property) = name.strip_prefix("get").or_else(|| name.strip_prefix("is")) else { continue };
        if owner.starts_with(EVENTS) {
            // `getRecords` is `Records`, `getBody` is `body`.
            gather.word(property);
            gather.word(&decapitalized(property));
        }
    }
    for name in fields(&mut class, &pool).unwrap_or_default() {
        gather.word(&name);
        gather.name(&name, Tier::Field);
    }
}

/// A string constant, or the pattern of a concatenation: `\u{1}` stands for a value (JEP 280).
fn constant(text: &str, gather: &mut Gather) {
    if let Some((before, rest)) = text.split_once('\u{1}') {
        let after = rest.rsplit_once('\u{1}').map_or(rest, |(_, after)| after);
        gather.prefix(before, 1);
        gather.suffix(after, 1);
        return;
    }
    gather.literal(text, false);
    if is_identifier(text) {
        gather.name(text, Tier::Key);
    }
}

fn decapitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(chars).collect()
}

/// Names of the fields of objects of this class (JVMS 4.5), which follow the pool.
fn fields(class: &mut Reader<'_>, pool: &Pool<'_>) -> Option<Vec<String>> {
    const STATIC: u16 = 0x0008;
    const SYNTHETIC: u16 = 0x1000;
    class.skip(6)?;
    let interfaces = class.short()?;
    class.skip(usize::from(interfaces) * 2)?;
    let count = class.short()?;
    let mut names = Vec::new();
    for _ in 0..count {
        let flags = class.short()?;
        let name = class.short()?;
        class.skip(2)?;
        let mut annotated = Vec::new();
        for _ in 0..class.short()? {
            let kind = class.short()?;
            let length = class.long()?;
            let content = class.take(usize::try_from(length).ok()?)?;
            if pool.text(kind).as_deref() == Some("RuntimeVisibleAnnotations") {
                annotation(&mut Reader { bytes: content, at: 0 }, pool, &mut annotated);
            }
        }
        if flags & (STATIC | SYNTHETIC) == 0 {
            // What an annotation says is the key; the name of the field is not.
            names.extend(if annotated.is_empty() {
                pool.text(name).into_iter().collect()
            } else {
                annotated
            });
        }
    }
    Some(names)
}

/// Texts in annotations such as `@JsonProperty("name")`, as far as they are nothing but texts (JVMS 4.7.16).
fn annotation(content: &mut Reader<'_>, pool: &Pool<'_>, found: &mut Vec<String>) -> Option<()> {
    for _ in 0..content.short()? {
        content.skip(2)?;
        for _ in 0..content.short()? {
            content.skip(2)?;
            if content.byte()? != b's' {
                return None;
            }
            found.extend(pool.text(content.short()?).filter(|it| is_identifier(it)));
        }
    }
    Some(())
}

/// The constants of a class that matter here.
struct Pool<'a> {
    entries: Vec<Constant<'a>>,
}

#[derive(Clone, Copy)]
enum Constant<'a> {
    Text(&'a [u8]),
    String(u16),
    Class(u16),
    Method { class: u16, name_and_type: u16 },
    NameAndType { name: u16 },
    Other,
}

impl<'a> Pool<'a> {
    /// JVMS table 4.4-A.
    fn read(class: &mut Reader<'a>) -> Option<Pool<'a>> {
        let count = usize::from(class.short()?);
        let mut entries = vec![Constant::Other];
        while entries.len() < count {
            let tag = class.byte()?;
            let entry = match tag {
                1 => {
                    let length = class.short()?;
                    Constant::Text(class.take(usize::from(length))?)
                }
                3 | 4 | 17 | 18 => class.skip(4).map(|()| Constant::Other)?,
                5 | 6 => class.skip(8).map(|()| Constant::Other)?,
                7 => Constant::Class(class.short()?),
                8 => Constant::String(class.short()?),
                9 => class.skip(4).map(|()| Constant::Other)?,
                10 | 11 => Constant::Method { class: class.short()?, name_and_type: class.short()? },
                12 => {
                    let name = class.short()?;
                    class.skip(2)?;
                    Constant::NameAndType { name }
                }
                15 => class.skip(3).map(|()| Constant::Other)?,
                16 | 19 | 20 => class.skip(2).map(|()| Constant::Other)?,
                _ => return None,
            };
            entries.push(entry);
            if matches!(tag, 5 | 6) {
                // They take two places.
                entries.push(Constant::Other);
            }
        }
        Some(Pool { entries })
    }

    fn get(&self, index: u16) -> Constant<'a> {
        self.entries.get(usize::from(index)).copied().unwrap_or(Constant::Other)
    }

    fn text(&self, index: u16) -> Option<String> {
        match self.get(index) {
            Constant::Text(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }

    fn strings(&self) -> Vec<String> {
        let text = |entry: &Constant<'_>| match entry {
            Constant::String(index) => self.text(*index),
            _ => None,
        };
        self.entries.iter().filter_map(text).collect()
    }

    /// Classes that the code names, but for arrays.
    fn classes(&self) -> Vec<String> {
        let class = |entry: &Constant<'_>| match entry {
            Constant::Class(name) => self.text(*name).filter(|it| !it.starts_with('[')),
            _ => None,
        };
        self.entries.iter().filter_map(class).collect()
    }

    /// Methods that the code calls: class and name.
    fn methods(&self) -> Vec<(String, String)> {
        let method = |entry: &Constant<'_>| {
            let Constant::Method { class, name_and_type } = *entry else { return None };
            let Constant::Class(class) = self.get(class) else { return None };
            let Constant::NameAndType { name } = self.get(name_and_type) else { return None };
            Some((self.text(class)?, self.text(name)?))
        };
        self.entries.iter().filter_map(method).collect()
    }
}

/// Numbers in network order.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(taken)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(|_| ())
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|it| it[0])
    }

    fn short(&mut self) -> Option<u16> {
        self.take(2).map(|it| u16::from_be_bytes([it[0], it[1]]))
    }

    fn long(&mut self) -> Option<u32> {
        self.take(4).map(|it| u32::from_be_bytes([it[0], it[1], it[2], it[3]]))
    }
}

#[cfg(test)]
mod tests;

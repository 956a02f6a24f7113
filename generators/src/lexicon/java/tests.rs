//! Classes made by hand, as `javac` makes them.

use super::super::{Lexicon, SourceFile};

/// A constant of the pool.
enum Entry {
    Text(&'static str),
    /// `String` of the entry with this number.
    String(u16),
    Class(u16),
    Method(u16, u16),
    NameAndType(u16, u16),
    /// Takes two places.
    Long,
}

use Entry::{Class, Long, Method, NameAndType, String, Text};

/// Flags, entry of the name, entries of an annotation's kind and text.
type Field = (u16, u16, Option<(u16, u16)>);

/// A class with these constants and fields.
fn class(pool: &[Entry], fields: &[Field]) -> Vec<u8> {
    let mut bytes = vec![0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 61];
    let short = |bytes: &mut Vec<u8>, number: u16| bytes.extend(number.to_be_bytes());
    let places: usize = pool.iter().map(|it| if matches!(it, Long) { 2 } else { 1 }).sum();
    short(&mut bytes, u16::try_from(places + 1).unwrap());
    for entry in pool {
        let (tag, numbers): (u8, &[u16]) = match entry {
            Text(text) => {
                bytes.push(1);
                short(&mut bytes, u16::try_from(text.len()).unwrap());
                bytes.extend(text.as_bytes());
                continue;
            }
            String(text) => (8, &[*text]),
            Class(name) => (7, &[*name]),
            Method(class, name) => (10, &[*class, *name]),
            NameAndType(name, kind) => (12, &[*name, *kind]),
            Long => (5, &[0; 4]),
        };
        bytes.push(tag);
        numbers.iter().for_each(|number| short(&mut bytes, *number));
    }
    // Flags, this class, its parent, no interfaces.
    bytes.extend([0; 8]);
    short(&mut bytes, u16::try_from(fields.len()).unwrap());
    for (flags, name, annotation) in fields {
        [*flags, *name, 0].iter().for_each(|number| short(&mut bytes, *number));
        short(&mut bytes, u16::from(annotation.is_some()));
        if let Some((kind, text)) = annotation {
            short(&mut bytes, *kind);
            bytes.extend([0, 0, 0, 11]);
            // One annotation with one text.
            [1, 0, 1, 0].iter().for_each(|number| short(&mut bytes, *number));
            bytes.push(b's');
            short(&mut bytes, *text);
        }
    }
    bytes
}

fn learn(content: &[u8]) -> Lexicon {
    Lexicon::learn(&[SourceFile { name: "shop/App.class", content }])
}

#[test]
fn strings_are_keys_and_constants() {
    let lexicon =
        learn(&class(&[Long, Text("orderId"), String(3), Text("not a key"), String(5), Text("unused")], &[]));
    assert_eq!(lexicon.names(), ["orderId"]);
    assert!(lexicon.literals().contains(&"not a key".to_owned()), "{:?}", lexicon.literals());
    assert!(!lexicon.mentions("unused"));
}

#[test]
fn what_stands_around_a_value_in_a_text() {
    let lexicon = learn(&class(&[Text("echo '\u{1}' \u{1} done"), String(1)], &[]));
    assert!(lexicon.prefixes().contains(&"echo '".to_owned()), "{:?}", lexicon.prefixes());
    assert!(lexicon.suffixes().contains(&" done".to_owned()), "{:?}", lexicon.suffixes());
}

#[test]
fn fields_of_objects_are_keys_under_the_name_of_their_annotation() {
    let pool = [
        Text("customerName"),
        Text("LOG"),
        Text("total"),
        Text("RuntimeVisibleAnnotations"),
        Text("sum_total"),
    ];
    let lexicon = learn(&class(&pool, &[(2, 1, None), (8, 2, None), (2, 3, Some((4, 5)))]));
    assert_eq!(lexicon.names(), ["customerName", "sum_total"]);
}

#[test]
fn what_is_asked_of_an_event_tells_its_source() {
    let events = Text("com/amazonaws/services/lambda/runtime/events/SQSEvent");
    let pool =
        |class_name| [class_name, Class(1), Text("getRecords"), Text("()V"), NameAndType(3, 4), Method(2, 5)];
    assert!(learn(&class(&pool(events), &[])).mentions("Records"));
    assert!(!learn(&class(&pool(Text("shop/Store")), &[])).mentions("Records"));
}

#[test]
fn classes_that_the_code_names_are_imported() {
    let lexicon =
        learn(&class(&[Text("java/io/ObjectInputStream"), Class(1), Text("[Ljava/io/File;"), Class(3)], &[]));
    assert!(lexicon.imports("ObjectInputStream") && lexicon.imports("java.io.ObjectInputStream"));
    assert!(!lexicon.imports("File") && !lexicon.mentions("ObjectInputStream"));
}

#[test]
fn damage_is_no_panic() {
    let pool =
        [Text("customerName"), String(1), Text("RuntimeVisibleAnnotations"), Text("x_y"), Long, Class(1)];
    let whole = class(&pool, &[(2, 1, Some((3, 4)))]);
    assert_eq!(learn(&whole).names(), ["customerName", "x_y"]);
    for end in 0..whole.len() {
        learn(&whole[..end]);
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0xFF;
        learn(&bytes);
    }
}

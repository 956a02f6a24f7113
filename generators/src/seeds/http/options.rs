//! Requests that hold settings of template engines, for code that hands all that it gets to one.
//!
//! Express and some engines take settings from the data of a template. Names: ejs 3.1.6, `lib/ejs.js` (`renderFile`, and what the
//! compiler writes into the code that it makes: CVE-2022-29078); pug 3.0.0, `packages/pug-code-gen` (`pretty`: CVE-2021-21353).

use serde_json::Value;

use super::{Maker, json};
use crate::{
    case::Seed,
    codec::Codec,
    lexicon::Lexicon,
    seeds::words::{Shape, insert, word},
    tree::{Node, Step},
    wire::media::FORM,
};

/// Who takes settings from data, and where they are in it. A word is a valid value of each.
const SETTINGS: [(&[&str], &[&str]); 3] = [
    (&["ejs"], &["settings", "view options", "outputFunctionName"]),
    (&["ejs"], &["settings", "view options", "destructuredLocals", "0"]),
    (&["pug", "jade"], &["pretty"]),
];

fn settings(lexicon: &Lexicon) -> Vec<&'static [&'static str]> {
    // Express loads an engine by its name: `app.set('view engine', 'ejs')`.
    let uses = |engines: &[&str]| engines.iter().any(|it| lexicon.imports(it) || lexicon.mentions(it));
    SETTINGS.iter().filter(|(engines, _)| uses(engines)).map(|(_, names)| *names).collect()
}

/// As `qs` and its like write a place in a value: `a[b][c]`.
fn in_brackets(names: &[&str]) -> String {
    let (first, rest) = names.split_first().expect("every place has a name");
    rest.iter().fold((*first).to_owned(), |text, name| format!("{text}[{name}]"))
}

impl Maker<'_> {
    /// A query, a form and a document in which all settings have words.
    pub(super) fn with_settings(&self) -> Vec<Seed> {
        let settings = settings(self.words.lexicon);
        if settings.is_empty() {
            return Vec::new();
        }
        let values = || settings.iter().enumerate().map(|(index, names)| (*names, word(index + 40)));
        let pairs = || values().map(|(names, value)| (in_brackets(names), Node::Text(value)));
        let mut query = self.request("GET", 0);
        query.query = self.query();
        query.query.extend(pairs());

        let mut document = self.words.object(&self.body_tails(), Shape::Flat);
        for (names, value) in values() {
            let step = |name: &&str| match name.parse() {
                Ok(index) => Step::Element(index),
                Err(_) => Step::Member { name: (*name).to_owned(), nth: 0 },
            };
            insert(&mut document, &names.iter().map(step).collect::<Vec<Step>>(), Value::from(value));
        }
        let mut posted = self.request("POST", 0);
        posted.headers.push(self.content_type("application/json"));
        posted.body = json(document);

        let mut form = self.request("POST", 0);
        form.headers.push(self.content_type(FORM));
        let fields = self.words.pairs(&self.words.names(&self.body_tails())).into_iter();
        let fields = fields.map(|(name, value)| (name, Node::Text(value))).chain(pairs());
        form.body = Some(Node::Object(fields.collect()).inside(Codec::Form));
        vec![
            self.seed("get-settings", query),
            self.seed("post-settings", posted),
            self.seed("post-settings-form", form),
        ]
    }
}

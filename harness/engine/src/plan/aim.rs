//! What is worth a try: payload classes by the language and the words of the code, and those that what was seen points to.
//!
//! A payload whose text stays out of logs can forge no line of them, and one that reaches no header no header. So the cheap
//! classes are planted everywhere, and their nonces tell which other ones are worth a try, and where.

use evfuzz_emulator::Outcome;
use evfuzz_generators::lexicon::Lexicon;
use evfuzz_generators::nonce::Nonce;
use evfuzz_generators::payload::{Payload, PayloadClass};
use evfuzz_runtimes::Language;
use serde_json::Value;

use crate::observe::{Act, Engine, Observation, Record};

/// Words of code that reads objects which can act: libraries and functions (Python, npm, Java).
const DESERIALIZERS: [&str; 16] = [
    "pickle",
    "cPickle",
    "cloudpickle",
    "dill",
    "joblib",
    "shelve",
    "jsonpickle",
    "yaml",
    "ruamel",
    "js-yaml",
    "node-serialize",
    "unserialize",
    "ObjectInputStream",
    "XMLDecoder",
    "SnakeYAML",
    "org.yaml.snakeyaml.Yaml",
];

/// Words of code that evaluates expressions, templates and scripts (Java): classes, or packages that they are in.
const EXPRESSIONS: [&str; 30] = [
    "SpelExpressionParser",
    "ExpressionParser",
    "ognl.Ognl",
    "OgnlUtil",
    "MVEL",
    "TemplateRuntime",
    "ExpressionFactory",
    "ELProcessor",
    "JexlEngine",
    "JexlBuilder",
    "JexlExpression",
    "freemarker.template.Template",
    "freemarker.template.Configuration",
    "VelocityEngine",
    "org.apache.velocity.app.Velocity",
    "RuntimeServices",
    "GroovyShell",
    "GroovyClassLoader",
    "groovy.util.Eval",
    "ScriptEngineManager",
    "ScriptEngine",
    "bsh.Interpreter",
    "org.mozilla.javascript.Context",
    "org.graalvm.polyglot.Context",
    "com.hubspot.jinjava.Jinjava",
    "ConstraintValidatorContext",
    "org.codehaus.janino.ExpressionEvaluator",
    "org.codehaus.janino.ScriptEvaluator",
    "com.googlecode.aviator.AviatorEvaluator",
    "com.ql.util.express.ExpressRunner",
];

/// Words of code that uses files by their paths (Node, Python, Java, Ruby, Go).
const FILES: [&str; 25] = [
    "fs",
    "node:fs",
    "fs/promises",
    "node:fs/promises",
    "fs-extra",
    "open",
    "pathlib",
    "shutil",
    "os.path",
    "zipfile",
    "tarfile",
    "remove",
    "unlink",
    "listdir",
    "makedirs",
    "send_file",
    "File",
    "Files",
    "Paths",
    "FileInputStream",
    "FileReader",
    "FileUtils",
    "os.Open",
    "os.ReadFile",
    "os.Create",
];

/// Words of code that asks addresses.
const CLIENTS: [&str; 36] = [
    "fetch",
    "axios",
    "node-fetch",
    "got",
    "ky",
    "superagent",
    "request",
    "needle",
    "undici",
    "phin",
    "http",
    "https",
    "node:http",
    "node:https",
    "net",
    "node:net",
    "requests",
    "httpx",
    "aiohttp",
    "urllib",
    "urllib.request",
    "urllib2",
    "urllib3",
    "urlopen",
    "http.client",
    "pycurl",
    "socket",
    "HttpClient",
    "HttpURLConnection",
    "openConnection",
    "RestTemplate",
    "java.net.URL",
    "OkHttpClient",
    "HttpClients",
    "Faraday",
    "net/http",
];

/// Words of code that reads XML.
const XML: [&str; 25] = [
    "xml",
    "lxml",
    "lxml.etree",
    "etree",
    "xml.sax",
    "xml.sax.handler",
    "xml.dom",
    "xml.dom.minidom",
    "xml.dom.pulldom",
    "xml.etree",
    "xml.etree.ElementTree",
    "expat",
    "minidom",
    "pulldom",
    "xmltodict",
    "libxmljs",
    "libxmljs2",
    "libxmljs3",
    "libxml2-wasm",
    "parseXml",
    "DocumentBuilderFactory",
    "SAXParserFactory",
    "XMLInputFactory",
    "Nokogiri",
    "encoding/xml",
];

/// Payload classes that can mean something to a function in `language`, wherever its data goes.
pub(crate) fn classes(language: Language, lexicon: &Lexicon) -> Vec<PayloadClass> {
    let named = |words: &[&str]| words.iter().any(|word| lexicon.mentions(word) || lexicon.imports(word));
    let mut classes = vec![PayloadClass::ShellCommand];
    match language {
        Language::JavaScript => {
            classes.extend([PayloadClass::JavaScriptCode, PayloadClass::PrototypePollution]);
        }
        Language::Python => classes.push(PayloadClass::PythonCode),
        // Few functions have such a library.
        Language::Java if named(&EXPRESSIONS) => classes.push(PayloadClass::JavaExpression),
        Language::Java | Language::Ruby => {}
        // What a binary embeds cannot be known.
        Language::Native => classes.extend([PayloadClass::PythonCode, PayloadClass::JavaScriptCode]),
    }
    let by_words = [
        (PayloadClass::Deserialization, &DESERIALIZERS[..]),
        (PayloadClass::PathTraversal, &FILES),
        (PayloadClass::Ssrf, &CLIENTS),
        (PayloadClass::Xxe, &XML),
    ];
    classes.extend(by_words.into_iter().filter(|(_, words)| named(words)).map(|(class, _)| class));
    classes
}

/// The payloads of a class that can mean something to a function in `language`, best first: documents describe objects of one.
pub(super) fn payloads(class: PayloadClass, language: Language) -> impl Iterator<Item = &'static Payload> {
    Payload::of_class(class)
        .filter(move |it| language == Language::Native || reader(it).is_none_or(|reader| reader == language))
}

/// Whose objects a serialized document describes.
fn reader(payload: &Payload) -> Option<Language> {
    match payload.id {
        "pickle-reduce" | "pickle-bytes" | "yaml-python-apply" | "jsonpickle-reduce" => {
            Some(Language::Python)
        }
        "yaml-javascript-function" | "node-serialize-function" => Some(Language::JavaScript),
        "xml-decoder" | "yaml-java-class-loader" | "java-url-map" => Some(Language::Java),
        _ => None,
    }
}

/// Where a text came out again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sink {
    /// What the function printed, line by line.
    Log,
    /// A header of its answer.
    Header,
    /// The answer, but for its headers.
    Answer,
    /// The arguments of a program.
    Arguments,
    /// The path of a file.
    Path,
    /// A URL, or the name of a host.
    Url,
    /// A statement of SQL.
    Sql,
    /// A statement of PartiQL.
    PartiQl,
    /// An expression of DynamoDB.
    Expression,
    /// A filter of MongoDB.
    Filter,
    /// An expression or template of the JVM.
    Evaluated,
}

impl Sink {
    pub(super) const ALL: [Sink; 11] = [
        Sink::Log,
        Sink::Header,
        Sink::Answer,
        Sink::Arguments,
        Sink::Path,
        Sink::Url,
        Sink::Sql,
        Sink::PartiQl,
        Sink::Expression,
        Sink::Filter,
        Sink::Evaluated,
    ];

    /// Where an observer saw a text, if that is one.
    fn of(act: &Act) -> Option<Sink> {
        match act {
            Act::Statement { engine: Engine::PartiQl, .. } => Some(Sink::PartiQl),
            Act::Statement { .. } => Some(Sink::Sql),
            Act::Opened { .. } => Some(Sink::Path),
            Act::Asked { .. } => Some(Sink::Url),
            Act::Expression { .. } => Some(Sink::Expression),
            Act::Filter { .. } => Some(Sink::Filter),
            Act::Evaluated { .. } => Some(Sink::Evaluated),
            _ => None,
        }
    }

    /// What can be done with a text there.
    pub(super) fn class(self) -> PayloadClass {
        match self {
            Sink::Log => PayloadClass::LogInjection,
            Sink::Header => PayloadClass::HeaderInjection,
            Sink::Answer => PayloadClass::Template,
            Sink::Arguments => PayloadClass::Argument,
            Sink::Sql => PayloadClass::Sql,
            Sink::PartiQl => PayloadClass::PartiQl,
            Sink::Expression => PayloadClass::DynamoDbExpression,
            Sink::Filter => PayloadClass::MongoOperator,
            Sink::Path => PayloadClass::PathTraversal,
            Sink::Url => PayloadClass::Ssrf,
            Sink::Evaluated => PayloadClass::JavaExpression,
        }
    }
}

/// What came out of a function, by sink.
pub(super) struct Outlets<'o> {
    log: &'o [u8],
    header: String,
    answer: String,
    arguments: Vec<&'o str>,
    records: &'o [Record],
    paths: Vec<&'o str>,
}

impl Outlets<'_> {
    pub(super) fn of(observation: &Observation) -> Outlets<'_> {
        let mut outlets = Outlets {
            log: &observation.log.bytes,
            header: String::new(),
            answer: String::new(),
            arguments: observation
                .execs
                .iter()
                .flat_map(|it| it.argv.iter().skip(1))
                .map(String::as_str)
                .collect(),
            records: &observation.records,
            paths: observation.opens.iter().map(|it| it.path.as_str()).collect(),
        };
        if let Some(Outcome::Response(answer)) = &observation.outcome {
            match serde_json::from_slice(&answer.body) {
                Ok(Value::Object(members)) => {
                    for (name, it) in &members {
                        let is_header = matches!(name.as_str(), "headers" | "multiValueHeaders" | "cookies");
                        let text = if is_header { &mut outlets.header } else { &mut outlets.answer };
                        text.push_str(&it.to_string());
                    }
                }
                Ok(_) | Err(_) => outlets.answer = String::from_utf8_lossy(&answer.body).into_owned(),
            }
        }
        outlets
    }

    /// Where the text with `nonce` came out.
    pub(super) fn with(&self, nonce: &Nonce) -> Vec<Sink> {
        let records = self.records.iter().filter(|it| it.holds(nonce));
        let mut observed: Vec<Sink> = records.filter_map(|it| Sink::of(&it.act)).collect();
        observed.sort_unstable();
        observed.dedup();
        let nonce = nonce.as_str();
        let is_in = |text: &[u8]| memchr::memmem::find(text, nonce.as_bytes()).is_some();
        let sinks = [
            (Sink::Log, is_in(self.log)),
            (Sink::Header, is_in(self.header.as_bytes())),
            (Sink::Answer, is_in(self.answer.as_bytes())),
            (Sink::Arguments, self.arguments.iter().any(|it| is_in(it.as_bytes()))),
            (Sink::Path, self.paths.iter().any(|it| is_in(it.as_bytes()))),
        ];
        let seen = sinks.into_iter().filter(|(_, is_there)| *is_there).map(|(sink, _)| sink);
        seen.chain(observed).collect()
    }
}

#[cfg(test)]
mod tests;

//! Forms in several parts, with and without files, for code that reads such bodies.

use super::{MAX_PARAMETERS, Maker};
use crate::{
    case::Seed,
    codec::{
        Codec,
        multipart::{BOUNDARY, CONTENT, FILE_NAME, HEADERS},
    },
    lexicon::Lexicon,
    seeds::words::word,
    tree::{Node, Path, Step},
};

/// Packages of npm and PyPI that read such bodies, and names that come from some of them.
#[rustfmt::skip]
const READERS: [&str; 21] = [
    "busboy", "@fastify/busboy", "connect-busboy", "async-busboy", "dicer", "multer", "multiparty", "formidable",
    "express-fileupload", "@fastify/multipart", "parse-multipart", "parse-multipart-data", "lambda-multipart-parser",
    "lambda-multipart-parser-v2", "aws-lambda-multipart-parser", "@middy/http-multipart-body-parser", "multipart",
    "python_multipart", "streaming_form_data", "cgi", "UploadFile",
];

/// What code says that reads such bodies: the type, and the class and members that hold what was read.
const WORDS: [&str; 6] =
    ["multipart/form-data", "multipart", "parse_multipart", "FieldStorage", "MultipartDecoder", "UploadFile"];

/// As a browser writes it (RFC 2046, 5.1.1: at most 70 characters).
const DELIMITER: &str = "----WebKitFormBoundary7MA4YWxkTrZu0gW";

fn reads(lexicon: &Lexicon) -> bool {
    // Flask and what is built like it: `request.files['image']`.
    let is_flask = lexicon.imports("request") && lexicon.mentions("files");
    is_flask || READERS.iter().any(|it| lexicon.imports(it)) || WORDS.iter().any(|it| lexicon.mentions(it))
}

impl Maker<'_> {
    /// A form of texts, and one in which every name has a text and a file.
    pub(super) fn parts(&self) -> Vec<Seed> {
        if !reads(self.words.lexicon) {
            return Vec::new();
        }
        vec![self.in_parts("post-multipart", false), self.in_parts("post-files", true)]
    }

    fn in_parts(&self, name: &str, with_files: bool) -> Seed {
        let mut request = self.request("POST", 0);
        request.headers.push(self.content_type(&format!("multipart/form-data; boundary={DELIMITER}")));
        let mut names = self.words.names(&self.body_tails());
        names.truncate(2 * MAX_PARAMETERS);
        let mut parts = vec![(BOUNDARY.to_owned(), Node::text(DELIMITER))];
        for (index, (name, value)) in self.words.pairs(&names).into_iter().enumerate() {
            parts.push((name.clone(), Node::Text(value)));
            if with_files {
                let file = [
                    (FILE_NAME, format!("{}.txt", word(index))),
                    (HEADERS, "\r\nContent-Type: text/plain".to_owned()),
                    (CONTENT, word(index)),
                ];
                let file = file.map(|(name, text)| (name.to_owned(), Node::Text(text)));
                parts.push((name, Node::Object(file.to_vec())));
            }
        }
        request.body = Some(Node::Object(parts).inside(Codec::Multipart));
        request.query = self.known_query();
        self.seed(name, request)
    }
}

/// Whether a place in a body is what parts are told apart by, or says what they are: without it nothing else arrives.
pub(super) fn is_framing(path: &Path) -> bool {
    let is = |step: &Step, wanted: &str| matches!(step, Step::Member { name, nth: 0 } if name == wanted);
    match path.0.as_slice() {
        [.., Step::Open(Codec::Multipart), last] => is(last, BOUNDARY),
        [.., Step::Open(Codec::Multipart), Step::Member { .. }, last] => is(last, HEADERS),
        _ => false,
    }
}

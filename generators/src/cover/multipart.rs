//! Bodies in several parts that are written badly: nobody on the way reads them.

use crate::{
    case::Seed,
    codec::Codec,
    edit::Edit,
    point::{Locator, Path},
    tree::Node,
    wire::{Wire, media::MULTIPART},
};

/// What a client can write in place of the body of `seed`, if it is in several parts.
pub(super) fn malformed(seed: &Seed) -> Vec<Edit> {
    let Wire::Http(request) = &seed.wire else { return Vec::new() };
    let Some(body @ Node::Opened(Codec::Multipart, _)) = &request.body else { return Vec::new() };
    let text = body.to_text();
    let at = Locator::Body { path: Path::root() };
    let mut edits: Vec<Edit> = texts(&text)
        .into_iter()
        .map(|text| Edit::SetNode { at: at.clone(), node: Node::Text(text) })
        .collect();
    // Nobody knows where a part ends.
    edits.push(Edit::ContentType(MULTIPART.to_owned()));
    edits
}

/// RFC 7578 and RFC 2046, 5.1, say what each of them is not.
fn texts(text: &str) -> Vec<String> {
    let Some((delimiter, rest)) = text.split_once("\r\n") else { return Vec::new() };
    let Some((headers, content)) = rest.split_once("\r\n\r\n") else { return Vec::new() };
    let with_headers = |headers: &str| format!("{delimiter}\r\n{headers}\r\n\r\n{content}");
    let last = format!("{delimiter}--");
    vec![
        // The first line goes on from one before it.
        with_headers(&format!(" {headers}")),
        // A line without a name, without a value, without both.
        with_headers(&headers.replacen(':', "", 1)),
        with_headers(&headers.replacen("Content-Disposition", "", 1)),
        with_headers("Content-Disposition"),
        // A part of which nobody says what it is.
        with_headers("Content-Disposition: form-data"),
        format!("{delimiter}\r\n\r\n{content}"),
        // It ends too early: before the end, in the headers, at once.
        text.rsplit_once(&last).map_or_else(String::new, |(before, _)| before.to_owned()),
        format!("{delimiter}\r\n{}", headers.chars().take(12).collect::<String>()),
        delimiter.to_owned(),
        // No part at all, and other line ends.
        format!("{last}\r\n"),
        text.replace("\r\n", "\n"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::TestCase,
        lexicon::{Lexicon, SourceFile},
        seeds::seeds,
        source::EventSource,
    };

    #[test]
    fn what_is_malformed_arrives_as_it_was_written() {
        let code = b"const busboy = require('busboy'); exports.handler = async (e) => parse(e.body).title";
        let lexicon = Lexicon::learn(&[SourceFile { name: "index.js", content: code }]);
        // A load balancer, of which a form in several parts is base64, and a REST API, which shows all as text.
        for source in [EventSource::Alb, EventSource::ApiGatewayRest] {
            let seeds = seeds(source, &lexicon);
            let seed = seeds.iter().find(|it| it.name == "post-multipart").unwrap();
            let Wire::Http(request) = &seed.wire else { panic!("no request") };
            let whole = request.body.as_ref().unwrap().to_text();
            let mut known = vec![whole.clone()];
            for edit in malformed(seed) {
                let case = TestCase { seed: seed.clone().into(), edits: vec![edit.clone()] };
                let Wire::Http(request) = case.wire() else { panic!("no request") };
                let sent = request.body.as_ref().unwrap().to_text();
                match edit {
                    Edit::ContentType(_) => assert_eq!(sent, whole),
                    _ => assert!(!known.contains(&sent), "{sent}"),
                }
                known.push(sent);
            }
            assert!(known.iter().any(|it| it.contains("\r\n Content-Disposition: ")));
            let others =
                seeds.iter().filter(|it| !it.name.starts_with("post-multipart") && it.name != "post-files");
            assert!(others.flat_map(malformed).next().is_none());
        }
    }
}

//! Texts of which only the code tells that they are encoded.
//!
//! Nearly every word is base64 of something, so nothing that only looks like it is opened. Where the code decodes a text it is no
//! guess, and the payload is what comes out.

use crate::{
    case::Seed,
    codec::Codec,
    lexicon::Lexicon,
    point::Locator,
    tree::{Node, Path, Step},
};

/// Opens what the code decodes in the texts of `seed`.
pub(super) fn open(seed: &mut Seed, lexicon: &Lexicon) {
    let layers: Vec<(&[String], Codec)> = lexicon
        .layers()
        .filter_map(|(keys, codecs)| Some((keys, *codecs.first()?)))
        .filter(|(_, codec)| matches!(codec, Codec::Base64 | Codec::Base64Url | Codec::Percent))
        .collect();
    if layers.is_empty() {
        return;
    }
    for point in seed.wire.points(seed.source) {
        let path = Path::from(point.path().to_owned());
        let Some((_, codec)) = layers.iter().find(|(keys, _)| names(&path).eq(keys.iter())) else { continue };
        // What is opened already has a point inside.
        if path.0.contains(&Step::Open(*codec)) || point.locator.is_name() {
            continue;
        }
        open_at(seed, &point.locator, *codec);
    }
}

/// The names on the way, without elements and encodings.
fn names(path: &Path) -> impl Iterator<Item = &String> {
    path.0.iter().filter_map(|step| match step {
        Step::Member { name, .. } => Some(name),
        Step::Element(_) | Step::Open(_) => None,
    })
}

fn open_at(seed: &mut Seed, at: &Locator, codec: Codec) {
    let Some(text) = seed.wire.text(at) else { return };
    let content = codec.decode(text.as_bytes()).filter(|it| codec.encode(it) == text.as_bytes());
    let Some(content) = content else { return };
    let content = match content {
        Node::Text(_) | Node::Bytes(_) => Node::guess(content.to_bytes(), None),
        other => other,
    };
    let before = seed.wire.clone();
    let node = content.inside(codec);
    if !seed.wire.leaves_mut().set_node(at, &node) || !seed.wire.leaves().sendable(seed.source) {
        seed.wire = before;
    }
}

#[cfg(test)]
mod tests {
    use crate::{
        lexicon::{Lexicon, SourceFile},
        seeds::seeds,
        source::EventSource,
    };

    #[track_caller]
    fn check(name: &str, code: &str, source: EventSource, wanted: &str) {
        let lexicon = Lexicon::learn(&[SourceFile { name, content: code.as_bytes() }]);
        let seeds = seeds(source, &lexicon);
        let points = seeds[0].wire.points(source);
        let paths: Vec<&str> = points.iter().map(|it| it.path()).collect();
        assert!(paths.contains(&wanted), "{paths:#?}");
    }

    #[test]
    fn what_the_code_decodes_is_open() {
        let python = "import base64, json, pickle
def handler(event, context):
    for record in event['Records']:
        task = json.loads(record['body'])['task']
        pickle.loads(base64.b64decode(task))";
        check("app.py", python, EventSource::Sqs, "/Records/0/body»json»/task»base64»");
        let javascript = "exports.handler = async (event) => {
            const { blob } = JSON.parse(event.body);
            store(Buffer.from(blob, 'base64'));
        };";
        check("index.js", javascript, EventSource::ApiGatewayHttp, "/body»json»/blob»base64»");
    }
}

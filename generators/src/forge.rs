//! Forged JSON Web Tokens: the claims of a token in an event, with a header and a signature that nobody should accept.
//!
//! The payload catalogue has tokens of its own (`PayloadClass::Jwt`); these keep what the function asks of the claims, and can be
//! signed with a public key that lies with the function.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;

use crate::{case::TestCase, edit::Edit, point::Locator, tree::Node};

/// End of 2099: a token that has expired is refused, whoever signed it.
const EXPIRES: u64 = 4_102_444_799;

/// A token in an event.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenPlace {
    /// Where its text is.
    pub at: Locator,
    /// The same in decoded form.
    pub path: String,
    /// What it says of its subject.
    pub claims: Map<String, Value>,
    /// What stands before a token there: nothing, or `Bearer `.
    scheme: &'static str,
}

/// Why a forged token might be accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// No signature is looked at.
    AnySignature,
    /// RFC 7519 section 6 knows tokens without a signature, and the verifier asks the token.
    None,
    /// The same where `none` is refused in lower case only.
    NoneInMixedCase,
    /// An empty signature is not looked at.
    NoSignature,
    /// A key that was not configured is an empty text.
    EmptyKey,
    /// The key of every tutorial.
    GuessedKey,
    /// The public key of RSA is taken for the secret of HMAC: RFC 8725 section 2.1.
    PublicKeyAsSecret,
}

impl Flaw {
    /// In a few words.
    pub fn title(self) -> &'static str {
        match self {
            Flaw::AnySignature => "alg HS256, with a signature of zeros",
            Flaw::None => "alg none, without a signature",
            Flaw::NoneInMixedCase => "alg nOnE, without a signature",
            Flaw::NoSignature => "alg HS256, without a signature",
            Flaw::EmptyKey => "alg HS256, signed with an empty key",
            Flaw::GuessedKey => "alg HS256, signed with the key \"secret\"",
            Flaw::PublicKeyAsSecret => "alg HS256, signed with the public key that lies with the function",
        }
    }
}

impl TokenPlace {
    /// The tokens of an event.
    pub fn all_in(case: &TestCase) -> Vec<TokenPlace> {
        let wire = case.wire();
        let mut places: Vec<TokenPlace> = Vec::new();
        for point in case.points().iter().filter(|it| !it.locator.is_name()) {
            for at in std::iter::once(point.locator.clone()).chain(point.locator.around()) {
                let Some(claims) = wire.whole_text(&at).and_then(|it| claims_of(&it)) else { continue };
                // What is opened in it is no part of the way to it.
                let path = point.path().split("»jwt»").next().unwrap_or_default().to_owned();
                if places.iter().all(|it| it.at != at) {
                    places.push(TokenPlace { at, path, claims, scheme: "" });
                }
            }
        }
        // RFC 6750 section 2.1 has a word before it, and not all code says which.
        let with_scheme = |place: TokenPlace| {
            let is_header = place.path.to_ascii_lowercase().ends_with("/authorization")
                || place.path.ends_with("/authorizationToken");
            let other = is_header.then(|| TokenPlace { scheme: "Bearer ", ..place.clone() });
            std::iter::once(place).chain(other)
        };
        places.into_iter().flat_map(with_scheme).collect()
    }

    /// `case` with another token there, or another text. `None` if it cannot be sent.
    pub fn put(&self, case: &TestCase, token: &str) -> Option<TestCase> {
        case.with_text(&self.at, token)
            .or_else(|| case.with(Edit::SetNode { at: self.at.clone(), node: Node::text(token) }))
    }

    /// Tokens for `subject` that have to be refused, most general first: none at all, none that is one, one whose signature is
    /// zeros. Who leaves signatures to somebody in front accepts the last one.
    pub fn refused(&self, subject: &str) -> [String; 3] {
        let input = self.input("HS256", subject);
        let zeros = BASE64_URL_SAFE_NO_PAD.encode([0; 32]);
        let scheme = self.scheme;
        [String::new(), format!("{scheme}{subject}.{subject}.{subject}"), format!("{scheme}{input}.{zeros}")]
    }

    /// Tokens for `subject` that nobody signed who may, and what is wrong with who accepts them. `public`: public keys that lie
    /// with the function, in PEM.
    pub fn forged(&self, subject: &str, public: &[String]) -> Vec<(Flaw, String)> {
        let unsigned = |alg: &str| format!("{}.", self.input(alg, subject));
        let signed = |key: &[u8]| {
            let input = self.input("HS256", subject);
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(input.as_bytes());
            format!("{input}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
        };
        let [.., zeros] = self.refused(subject);
        let mut forged = vec![
            (Flaw::AnySignature, zeros.trim_start_matches(self.scheme).to_owned()),
            (Flaw::None, unsigned("none")),
            (Flaw::NoneInMixedCase, unsigned("nOnE")),
            (Flaw::NoSignature, unsigned("HS256")),
            (Flaw::EmptyKey, signed(b"")),
            (Flaw::GuessedKey, signed(b"secret")),
        ];
        forged.extend(public.iter().map(|key| (Flaw::PublicKeyAsSecret, signed(key.as_bytes()))));
        for (_, token) in &mut forged {
            token.insert_str(0, self.scheme);
        }
        forged
    }

    /// Header and claims.
    fn input(&self, alg: &str, subject: &str) -> String {
        let mut claims = self.claims.clone();
        claims.insert("sub".to_owned(), Value::from(subject));
        claims.insert("exp".to_owned(), Value::from(EXPIRES));
        let part = |value: Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(json!({ "alg": alg, "typ": "JWT" })), part(Value::Object(claims)))
    }
}

/// The claims, if the text is a token: three parts, the first two of them objects.
fn claims_of(text: &str) -> Option<Map<String, Value>> {
    let mut parts = text.split('.');
    let (header, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let object = |part: &str| {
        let json = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
        serde_json::from_slice::<Map<String, Value>>(&json).ok()
    };
    let is_token = parts.next().is_none() && object(header)?.contains_key("alg");
    is_token.then(|| object(claims))?
}

/// The public keys in the files of a function, as verifiers are given them: all of a file, and the block alone, with a line end
/// behind it and without.
pub fn public_keys(text: &str) -> Vec<String> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    // As constants of code write it.
    let text = text.replace("\\n", "\n");
    let mut keys = Vec::new();
    for (start, _) in text.match_indices(BEGIN) {
        let block = &text[start..];
        let label = block[BEGIN.len()..].lines().next().unwrap_or_default();
        if !label.contains("PUBLIC KEY") && !label.contains("CERTIFICATE") {
            continue;
        }
        let Some(end) = block.find(END) else { continue };
        let Some(length) = block[end + END.len()..].find("-----").map(|it| end + END.len() + it + 5) else {
            continue;
        };
        let key = &block[..length];
        for key in [format!("{key}\n"), key.to_owned()] {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{case::TestCase, lexicon::Lexicon, lexicon::SourceFile, seeds::seeds, source::EventSource};

    fn token_case() -> TestCase {
        let code = "const [, t] = event.headers.authorization.split('Bearer ');\n\
                    const { role } = jwt.verify(t, key); if (role === 'admin') f();";
        let lexicon = Lexicon::learn(&[SourceFile { name: "a.js", content: code.as_bytes() }]);
        TestCase::new(seeds(EventSource::ApiGatewayHttp, &lexicon).remove(0))
    }

    #[test]
    fn tokens_in_events_are_found_and_replaced() {
        let case = token_case();
        let places = TokenPlace::all_in(&case);
        let [place] = places.as_slice() else { panic!("{places:?}") };
        assert_eq!(place.path, "/headers/authorization»header-list»/Bearer");
        assert!(place.claims.contains_key("role"), "{:?}", place.claims);
        for (flaw, text) in place.forged("evabcdefgh", &["KEY".to_owned()]) {
            let event = place.put(&case, &text).unwrap().render().event;
            assert_eq!(event["headers"]["authorization"], format!("Bearer {text}"), "{flaw:?}");
            assert_eq!(claims_of(&text).unwrap()["sub"], "evabcdefgh");
        }
        let [nothing, other, zeros] = place.refused("evabcdefgh");
        assert_eq!((nothing.as_str(), claims_of(&other)), ("", None));
        assert!(claims_of(&zeros).is_some());
    }

    #[test]
    fn tokens_are_replaced_in_the_events_of_authorizers() {
        let code = include_str!("../../tests/weaknesses/token.py");
        let lexicon = Lexicon::learn(&[SourceFile { name: "a.py", content: code.as_bytes() }]);
        let seeds = seeds(EventSource::AuthorizerToken, &lexicon);
        let mut sent = 0;
        for case in seeds.into_iter().map(TestCase::new) {
            for place in TokenPlace::all_in(&case) {
                let (_, token) = place.forged("evabcdefgh", &[]).swap_remove(4);
                // All of a text that the event has to have is nothing that an edit can take away.
                let Some(changed) = place.put(&case, &token) else { continue };
                let whole = changed.render().event["authorizationToken"].as_str().unwrap().to_owned();
                assert!([token.clone(), format!("Bearer {token}")].contains(&whole), "{place:?}: {whole}");
                sent += 1;
            }
        }
        assert!(sent > 0);
    }

    #[test]
    fn public_keys_are_taken_out_of_code() {
        let code = "const KEY = '-----BEGIN PUBLIC KEY-----\\nAAAA\\n-----END PUBLIC KEY-----\\n';";
        let block = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
        assert_eq!(public_keys(code), [format!("{block}\n"), block.to_owned()]);
        assert_eq!(public_keys("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"), [""; 0]);
    }
}

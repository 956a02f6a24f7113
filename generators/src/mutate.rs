//! Random edit scripts.
//!
//! proptest is the engine: the same strategies serve a run's own random numbers, property tests,
//! and the bytes of libFuzzer or AFL++. A strategy is made once per seed event and drawn from
//! often.

mod choices;

use arbitrary::{Arbitrary, Unstructured};
use proptest::{
    prelude::Rng,
    strategy::{BoxedStrategy, Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    case::{Seed, TestCase},
    edit::{Edit, Frame, PayloadId},
    lexicon::Lexicon,
    nonce::NonceSource,
    payload::PayloadClass,
    point::{InjectionPoint, Locator},
    seeds,
    source::EventSource,
};

/// Longest script.
pub const MAX_EDITS: usize = 16;

/// An edit that has no nonce yet.
#[derive(Clone, Debug, PartialEq)]
pub enum EditTemplate {
    /// An edit that needs none.
    Edit(Edit),
    /// A payload to plant.
    Plant {
        /// Where.
        at: Locator,
        /// Which.
        payload: PayloadId,
        /// Benign text around it.
        frame: Frame,
    },
}

/// Scripts for `seed`: 1 to [`MAX_EDITS`] edits, mostly few, each script of few kinds. `classes`:
/// the payloads that can mean something to the function; at least one.
pub fn edit_script(
    seed: &Seed,
    points: &[InjectionPoint],
    lexicon: &Lexicon,
    classes: &[PayloadClass],
) -> BoxedStrategy<Vec<EditTemplate>> {
    choices::script(seed, points, lexicon, classes).boxed()
}

/// Draws one script. The same state of `rng` gives the same script.
pub fn draw(
    strategy: &BoxedStrategy<Vec<EditTemplate>>,
    rng: &mut TestRng,
    nonces: &mut NonceSource,
) -> Vec<Edit> {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    // A strategy that rejects everything gives the seed event itself.
    let templates = generate(strategy, bytes).unwrap_or_default();
    templates.into_iter().map(|template| template.with_nonce(nonces)).collect()
}

/// The random numbers of `rng_seed`.
pub fn rng(rng_seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&rng_seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn generate<T: std::fmt::Debug>(strategy: &BoxedStrategy<T>, seed: [u8; 32]) -> Option<T> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    strategy.new_tree(&mut runner).map(|tree| tree.current()).ok()
}

impl EditTemplate {
    fn with_nonce(self, nonces: &mut NonceSource) -> Edit {
        match self {
            EditTemplate::Edit(edit) => edit,
            EditTemplate::Plant { at, payload, frame } => {
                Edit::Plant { at, payload, frame, nonce: nonces.take() }
            }
        }
    }
}

/// The bytes from which a coverage-guided fuzzer makes an edit script.
///
/// Eight bytes make one edit: so a changed byte changes one edit, and bytes that are cut out,
/// inserted or spliced drop, add and splice edits. (proptest's own `PassThrough` numbers end in
/// zeros, with which some of its distributions never end.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditScript(pub Vec<u8>);

impl EditScript {
    /// The edits that these bytes stand for, drawn as [`edit_script`] draws them.
    pub fn edits(
        &self,
        seed: &Seed,
        points: &[InjectionPoint],
        lexicon: &Lexicon,
        nonces: &mut NonceSource,
    ) -> Vec<Edit> {
        let strategy = choices::edit(seed, points, lexicon, &PayloadClass::ALL);
        let template = |chunk: &[u8]| {
            let mut seed = [0; 32];
            seed[..chunk.len()].copy_from_slice(chunk);
            generate(&strategy, seed)
        };
        let templates = self.0.chunks(8).take(MAX_EDITS).filter_map(template);
        templates.map(|template| template.with_nonce(nonces)).collect()
    }
}

impl<'a> Arbitrary<'a> for EditScript {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<EditScript> {
        Ok(EditScript(bytes.bytes(bytes.len())?.to_vec()))
    }
}

/// Any source, any seed of a function of which nothing is known, any script.
impl<'a> Arbitrary<'a> for TestCase {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<TestCase> {
        let source = *bytes.choose(&EventSource::ALL)?;
        let lexicon = Lexicon::default();
        let seeds = seeds::seeds(source, &lexicon);
        let case = TestCase::new(bytes.choose(&seeds)?.clone());
        let mut nonces = NonceSource::new(u64::arbitrary(bytes)?);
        let script = EditScript::arbitrary(bytes)?;
        let edits = script.edits(&case.seed, &case.points(), &lexicon, &mut nonces);
        Ok(TestCase { edits, ..case })
    }
}

#[cfg(test)]
mod tests;

//! Random edit scripts.
//!
//! proptest is the engine: the same strategy serves a run's own random numbers, property tests,
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

/// Scripts for `seed`: 1 to [`MAX_EDITS`] edits, mostly few, each script of few kinds.
pub fn edit_script(
    seed: &Seed,
    points: &[InjectionPoint],
    lexicon: &Lexicon,
) -> BoxedStrategy<Vec<EditTemplate>> {
    choices::script(seed, points, lexicon).boxed()
}

/// Draws one script. The same state of `rng` gives the same script.
pub fn draw(
    strategy: &BoxedStrategy<Vec<EditTemplate>>,
    rng: &mut TestRng,
    nonces: &mut NonceSource,
) -> Vec<Edit> {
    let mut bytes = [0; 32];
    rng.fill_bytes(&mut bytes);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    generate(strategy, rng, nonces)
}

/// The random numbers of `rng_seed`.
pub fn rng(rng_seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&rng_seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

fn generate(
    strategy: &BoxedStrategy<Vec<EditTemplate>>,
    rng: TestRng,
    nonces: &mut NonceSource,
) -> Vec<Edit> {
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    // A strategy that rejects everything gives the seed event itself.
    let templates = strategy.new_tree(&mut runner).map(|tree| tree.current()).unwrap_or_default();
    let finish = |template| match template {
        EditTemplate::Edit(edit) => edit,
        EditTemplate::Plant { at, payload, frame } => {
            Edit::Plant { at, payload, frame, nonce: nonces.take() }
        }
    };
    templates.into_iter().map(finish).collect()
}

/// The bytes from which a coverage-guided fuzzer makes an edit script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EditScript(pub Vec<u8>);

impl EditScript {
    /// The edits that these bytes stand for, with [`edit_script`]'s strategy. Each byte decides
    /// something near where it decided something before the last change.
    pub fn edits(
        &self,
        strategy: &BoxedStrategy<Vec<EditTemplate>>,
        nonces: &mut NonceSource,
    ) -> Vec<Edit> {
        // An endless supply of zeros follows the bytes.
        generate(strategy, TestRng::from_seed(RngAlgorithm::PassThrough, &self.0), nonces)
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
        let strategy = edit_script(&case.seed, &case.points(), &lexicon);
        let edits = EditScript::arbitrary(bytes)?.edits(&strategy, &mut nonces);
        Ok(TestCase { edits, ..case })
    }
}

#[cfg(test)]
mod tests;

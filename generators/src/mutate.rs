//! Random edit scripts.
//!
//! The same choices serve a run's own random numbers, proptest's property tests, and the bytes of libFuzzer or AFL++. A
//! strategy is made once per seed event and drawn from often.

mod boundary;
mod choices;
mod draw;
mod splice;
mod texts;

use std::{collections::BTreeMap, fmt, sync::Arc};

use arbitrary::{Arbitrary, Unstructured};
use proptest::{
    prelude::Rng,
    test_runner::{RngAlgorithm, TestRng},
};

use crate::{
    case::{Seed, TestCase},
    dictionary::Dictionary,
    edit::{Edit, Frame, PayloadId},
    lexicon::Lexicon,
    nonce::{Nonce, NonceSource},
    payload::PayloadClass,
    point::{InjectionPoint, Locator, NotPlanted},
    pool::Pool,
    seeds,
    source::EventSource,
    values::Values,
};
use draw::{Dice, Draw};

pub use draw::{ScriptTree, Scripts};

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

/// What random edits are made of, beside the event itself.
///
/// ```
/// use evfuzz_generators::{
///     dictionary::Dictionary, lexicon::Lexicon, mutate::{self, Material}, nonce::NonceSource, payload::PayloadClass, seeds,
///     source::EventSource, case::TestCase,
/// };
///
/// let lexicon = Lexicon::default();
/// let words = Dictionary::of(["admin", "refund"]);
/// let classes = [PayloadClass::ShellCommand, PayloadClass::PrototypePollution];
/// let material = Material { dictionary: &words, ..Material::new(&lexicon, &classes) };
///
/// let case = TestCase::new(seeds::seeds(EventSource::Sqs, &lexicon).remove(0));
/// let scripts = material.edit_script(&case.seed, &case.points());
/// let (mut rng, mut nonces) = (mutate::rng(7), NonceSource::new(7));
/// for _ in 0..3 {
///     let edits = mutate::draw(&scripts, &mut rng, &mut nonces);
///     println!("{}", TestCase { edits, ..case.clone() }.render().event);
/// }
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Material<'m> {
    /// What was learnt from the function.
    pub lexicon: &'m Lexicon,
    /// The payloads that can mean something to it. None: nothing is planted.
    pub classes: &'m [PayloadClass],
    /// Words of a user.
    pub dictionary: &'m Dictionary,
    /// Values of a user for places.
    pub values: &'m Values,
    /// Parts of other events.
    pub pool: &'m Pool,
}

static NO_WORDS: Dictionary = Dictionary::new();
static NO_VALUES: Values = Values::new();
static NO_PARTS: Pool = Pool::new();

impl<'m> Material<'m> {
    /// What the function itself says, and nothing from a user or from other events.
    pub fn new(lexicon: &'m Lexicon, classes: &'m [PayloadClass]) -> Material<'m> {
        Material { lexicon, classes, dictionary: &NO_WORDS, values: &NO_VALUES, pool: &NO_PARTS }
    }

    /// Scripts for `seed`: 1 to [`MAX_EDITS`] edits, mostly few, each script of few kinds.
    pub fn edit_script(&self, seed: &Seed, points: &[InjectionPoint]) -> Scripts {
        choices::script(seed, points, self)
    }
}

/// As [`Material::edit_script`], of nothing but what the function itself says.
pub fn edit_script(
    seed: &Seed,
    points: &[InjectionPoint],
    lexicon: &Lexicon,
    classes: &[PayloadClass],
) -> Scripts {
    Material::new(lexicon, classes).edit_script(seed, points)
}

/// Words of `dictionary` that cannot be sent at any point of `seeds`, by the reason: `charset`, `too-long`, or `bytes` for
/// those that are not UTF-8 where no place takes bytes.
pub fn unused_words(dictionary: &Dictionary, seeds: &[Seed]) -> BTreeMap<&'static str, usize> {
    let mut unused = BTreeMap::new();
    let points: Vec<Vec<InjectionPoint>> =
        seeds.iter().map(|seed| TestCase::new(seed.clone()).points()).collect();
    for word in dictionary.texts() {
        let mut reason = NotPlanted::Gone;
        let mut takes = |point: &InjectionPoint| match point.check(word) {
            Ok(()) => true,
            Err(refused) => {
                reason = refused;
                false
            }
        };
        if !points.iter().flatten().any(&mut takes) {
            *unused.entry(reason.id()).or_insert(0) += 1;
        }
    }
    let bytes = dictionary.bytes().len();
    let mut all = seeds.iter().zip(&points);
    if bytes > 0 && !all.any(|(seed, points)| !splice::places_of_bytes(seed, points).is_empty()) {
        unused.insert("bytes", bytes);
    }
    unused
}

/// Draws one script. The same state of `rng` gives the same script.
pub fn draw(scripts: &Scripts, rng: &mut TestRng, nonces: &mut NonceSource) -> Vec<Edit> {
    let templates = scripts.script(&mut Dice::new(rng.next_u64()));
    templates.into_iter().map(|template| template.with_nonce(nonces)).collect()
}

/// The random numbers of `rng_seed`.
pub fn rng(rng_seed: u64) -> TestRng {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&rng_seed.to_le_bytes());
    TestRng::from_seed(RngAlgorithm::ChaCha, &bytes)
}

impl EditTemplate {
    pub(crate) fn with_nonce(self, nonces: &mut NonceSource) -> Edit {
        match self {
            EditTemplate::Edit(edit) => edit,
            plant @ EditTemplate::Plant { .. } => plant.with(nonces.take()),
        }
    }

    fn with(self, nonce: Nonce) -> Edit {
        match self {
            EditTemplate::Edit(edit) => edit,
            EditTemplate::Plant { at, payload, frame } => Edit::Plant { at, payload, frame, nonce },
        }
    }
}

/// The bytes from which a coverage-guided fuzzer makes an edit script.
///
/// Eight bytes make one edit: so a changed byte changes one edit, and bytes that are cut out,
/// inserted or spliced drop, add and splice edits.
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
        let strategy = choices::edit(seed, points, &Material::new(lexicon, &PayloadClass::ALL));
        self.drawn(&strategy, nonces)
    }

    fn drawn(&self, edit: &Draw<EditTemplate>, nonces: &mut NonceSource) -> Vec<Edit> {
        let edit = |chunk: &[u8]| {
            let mut state = [0; 8];
            state[..chunk.len()].copy_from_slice(chunk);
            // Taken whether needed or not: what one edit becomes must not change another one's nonce.
            let nonce = nonces.take();
            edit(&mut Dice::new(u64::from_le_bytes(state))).with(nonce)
        };
        self.0.chunks(8).take(MAX_EDITS).map(edit).collect()
    }
}

impl<'a> Arbitrary<'a> for EditScript {
    fn arbitrary(bytes: &mut Unstructured<'a>) -> arbitrary::Result<EditScript> {
        Ok(EditScript(bytes.bytes(bytes.len())?.to_vec()))
    }
}

/// Test cases from the bytes of a coverage-guided fuzzer, such as libFuzzer or AFL++.
///
/// The first byte chooses the valid event, every eight that follow make one edit: bytes that are changed, cut out, inserted or
/// spliced change, drop, add and splice edits. Any bytes make a test case. Strategies are made once, which takes much longer
/// than a test case: keep this in a `thread_local!`.
///
/// ```
/// use evfuzz_generators::{mutate::FromBytes, source::EventSource};
///
/// let cases = FromBytes::of(EventSource::Sqs);
/// let one = cases.case(b"\x01any bytes at all");
/// assert_eq!(one, cases.case(b"\x01any bytes at all"));
/// let event = one.render().event;
/// assert!(event["Records"].is_array());
/// ```
pub struct FromBytes {
    bases: Vec<(Arc<Seed>, Draw<EditTemplate>)>,
}

impl fmt::Debug for FromBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.bases.iter().map(|(seed, _)| seed)).finish()
    }
}

impl FromBytes {
    /// Test cases of one source, for a function of which nothing is known.
    pub fn of(source: EventSource) -> FromBytes {
        let lexicon = Lexicon::default();
        let seeds = seeds::seeds(source, &lexicon);
        FromBytes::new(&seeds, &Material::new(&lexicon, &PayloadClass::ALL))
    }

    /// Test cases that are made from `seeds`: at least one.
    pub fn new(seeds: &[Seed], material: &Material<'_>) -> FromBytes {
        let base = |seed: &Seed| {
            let points = TestCase::new(seed.clone()).points();
            (Arc::new(seed.clone()), choices::edit(seed, &points, material))
        };
        FromBytes { bases: seeds.iter().map(base).collect() }
    }

    /// The test case that these bytes stand for.
    ///
    /// # Panics
    ///
    /// If there are no seeds.
    pub fn case(&self, bytes: &[u8]) -> TestCase {
        let (first, script) =
            bytes.split_first().map_or((0, bytes), |(first, rest)| (usize::from(*first), rest));
        let (seed, strategy) = &self.bases[first % self.bases.len()];
        let mut nonces = NonceSource::new(0);
        let edits = EditScript(script.to_vec()).drawn(strategy, &mut nonces);
        TestCase { seed: seed.clone(), edits }
    }
}

/// Any source, any seed of a function of which nothing is known, any script. [`FromBytes`] is faster.
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

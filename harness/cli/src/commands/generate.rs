//! `evfuzz generate`: print events.

use std::collections::BTreeSet;
use std::path::Path;

use evfuzz_generators::case::{Seed, TestCase};
use evfuzz_generators::cover;
use evfuzz_generators::deliver;
use evfuzz_generators::edit::{Edit, Frame};
use evfuzz_generators::lexicon::{Lexicon, SourceFile};
use evfuzz_generators::mutate::{self, Material};
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::payload::{Payload, PayloadClass};
use evfuzz_generators::point::Control;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;

use super::function;
use crate::args::{FunctionArgs, GenerateArgs};
use crate::exit::{Exit, Failure};
use crate::report::escape::printable;
use crate::report::output::{Reader, reader, to_stderr, to_stdout};
use crate::settings::Settings;

/// The valid events of the source first, then mutated ones; or all payloads of some classes, each at every point that takes
/// it.
pub(super) fn generate(args: &GenerateArgs) -> Result<Exit, Failure> {
    let Some(id) = &args.source else {
        list();
        return Ok(Exit::Clean);
    };
    let source =
        EventSource::from_id(id).ok_or_else(|| Failure::usage(format!("no event source is called {id}")))?;
    let lexicon = match &args.function {
        Some(path) => learn(path)?,
        None => Lexicon::default(),
    };
    let folder = args.function.as_deref().unwrap_or(Path::new(""));
    let settings = Settings::read(folder, &args.dict)?;
    let mut printed = 0;
    for case in cases(args, source, &lexicon, &settings) {
        if printed == args.count || reader() == Reader::Gone {
            return Ok(Exit::Clean);
        }
        to_stdout(&format!("{}\n", case.render().event));
        if args.explain {
            to_stderr(&explained(&case));
        }
        printed += 1;
    }
    if printed < args.count {
        to_stderr(&format!("there are no more than {printed} different ones\n"));
    }
    Ok(Exit::Clean)
}

/// What is to be printed, as long as anybody asks.
fn cases<'l>(
    args: &GenerateArgs,
    source: EventSource,
    lexicon: &'l Lexicon,
    settings: &'l Settings,
) -> Box<dyn Iterator<Item = TestCase> + 'l> {
    let known = seeds(source, lexicon);
    // What a user says of a function comes first, as in a run.
    let mut seeds = settings.values.seeds(source, &known);
    seeds.extend(known);
    let mut nonces = NonceSource::new(args.rng_seed);
    if !args.class.is_empty() && !args.mutate {
        return Box::new(planted(&seeds, &args.class, &mut nonces).into_iter());
    }
    if args.robustness && !args.mutate {
        return Box::new(structural(seeds, lexicon));
    }
    let classes = if args.class.is_empty() { PayloadClass::ALL.to_vec() } else { args.class.clone() };
    let mut rng = mutate::rng(args.rng_seed);
    let robustness = args.robustness;
    let valid = if args.mutate { 0 } else { seeds.len() };
    let Settings { dictionary, values, suppressions: _ } = settings;
    Box::new((0..).map(move |number: usize| {
        let mut case = TestCase::new(seeds[number % seeds.len()].clone());
        if number >= valid {
            let strategy = match robustness {
                true => cover::raw_script(&case.seed),
                false => {
                    let material = Material { dictionary, values, ..Material::new(lexicon, &classes) };
                    material.edit_script(&case.seed, &case.points())
                }
            };
            case.edits = mutate::draw(&strategy, &mut rng, &mut nonces);
        }
        case
    }))
}

/// Every structural case of every seed, each event once.
fn structural(seeds: Vec<Seed>, lexicon: &Lexicon) -> impl Iterator<Item = TestCase> {
    let mut seen = BTreeSet::new();
    let cases = move |seed: Seed| {
        let with = |edit| TestCase { seed: seed.clone().into(), edits: vec![edit] };
        let raw = cover::raw(&seed, lexicon).into_iter().map(Edit::Raw);
        raw.map(with).collect::<Vec<_>>()
    };
    let all = seeds.into_iter().flat_map(cases);
    all.filter(move |case| {
        let changes = case.render().event != TestCase::new(case.seed.clone()).render().event;
        changes && seen.insert(case.render().bytes)
    })
}

/// Every payload of `classes` at every point of every seed that it can be sent at.
fn planted(seeds: &[Seed], classes: &[PayloadClass], nonces: &mut NonceSource) -> Vec<TestCase> {
    let mut cases = Vec::new();
    for seed in seeds {
        let case = TestCase::new(seed.clone());
        for point in case.points() {
            for payload in classes.iter().flat_map(|class| Payload::of_class(*class)) {
                cases.extend(case.plant(&point.locator, payload, Frame::none(), nonces.take()));
            }
        }
    }
    cases
}

fn explained(case: &TestCase) -> String {
    let mut text = String::new();
    for planted in case.render().planted {
        let control = match planted.point.control {
            Control::Attacker => "any sender controls it",
            Control::Conditional => {
                "a sender with an account controls it, or an application that copies text there"
            }
            // Neither is ever a point.
            Control::Derived | Control::Aws => "nobody controls it",
        };
        text.push_str(&format!(
            "{}: {} ({control})\n  text     {}\n  works    {}\n  one sees {}\n",
            planted.payload.class.id(),
            printable(planted.point.path()),
            printable(&planted.text),
            planted.payload.why,
            planted.payload.effect.explain(),
        ));
    }
    for edit in case.raw_edits() {
        text.push_str(&format!("changed: {}\n", printable(&edit.to_string())));
    }
    if !case.raw_edits().is_empty() {
        let grade = case.grade();
        text.push_str(&format!("  event    {}: {}\n", grade.id(), grade.explain()));
    }
    for line in deliver::command(case).lines() {
        text.push_str(&format!("  deliver  {}\n", printable(line)));
    }
    text
}

fn list() {
    let sources: String =
        EventSource::ALL.iter().map(|source| format!("  {:<20} {}\n", source.id(), source.title())).collect();
    let line = |class: &PayloadClass| {
        let count = Payload::of_class(*class).count();
        format!("  {:<24} CWE-{:<5} {count:3} payloads   {}\n", class.id(), class.cwe(), class.title())
    };
    let classes: String = PayloadClass::ALL.iter().map(line).collect();
    to_stdout(&format!("Event sources\n{sources}\nClasses of payloads\n{classes}"));
}

fn learn(path: &Path) -> Result<Lexicon, Failure> {
    let folder = function::run_dir()?;
    let target = function::find(path, &FunctionArgs::default(), folder.path())?;
    target.unpack()?;
    let files: Vec<(String, Vec<u8>)> = target
        .own_files
        .iter()
        .filter_map(|file| Some((file.display().to_string(), std::fs::read(file).ok()?)))
        .collect();
    let files: Vec<SourceFile<'_>> =
        files.iter().map(|(name, content)| SourceFile { name, content }).collect();
    Ok(Lexicon::learn(&files))
}

//! `evfuzz generate`: print events.

use evfuzz_generators::case::TestCase;
use evfuzz_generators::lexicon::{Lexicon, SourceFile};
use evfuzz_generators::mutate;
use evfuzz_generators::nonce::NonceSource;
use evfuzz_generators::payload::PayloadClass;
use evfuzz_generators::seeds::seeds;
use evfuzz_generators::source::EventSource;

use super::function;
use crate::args::{FunctionArgs, GenerateArgs};
use crate::exit::{Exit, Failure};
use crate::report::output::{Reader, reader, to_stdout};

/// The valid events of the source first, then mutated ones.
pub(super) fn generate(args: &GenerateArgs) -> Result<Exit, Failure> {
    let source = EventSource::from_id(&args.source)
        .ok_or_else(|| Failure::usage(format!("no event source is called {}", args.source)))?;
    let lexicon = match &args.function {
        Some(path) => learn(path)?,
        None => Lexicon::default(),
    };
    let seeds = seeds(source, &lexicon);
    let mut rng = mutate::rng(args.rng_seed);
    let mut nonces = NonceSource::new(args.rng_seed);
    for number in 0..args.count {
        let seed = &seeds[number % seeds.len()];
        let mut case = TestCase::new(seed.clone());
        if number >= seeds.len() {
            let strategy = mutate::edit_script(seed, &case.points(), &lexicon, &PayloadClass::ALL);
            case.edits = mutate::draw(&strategy, &mut rng, &mut nonces);
        }
        to_stdout(&format!("{}\n", case.render().event));
        if reader() == Reader::Gone {
            break;
        }
    }
    Ok(Exit::Clean)
}

fn learn(path: &std::path::Path) -> Result<Lexicon, Failure> {
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

//! Texts that can be made longer by what they repeat, to see how the cost of handling them grows.
//!
//! A [`Pump`] is a recipe: `aaaa…!` for `^(a+)+$`. Those of a function's own regular expressions come from
//! [`Lexicon::pumps`](crate::lexicon::Lexicon::pumps), [`PUMPS`] are for what is not seen there. [`Run::of`] finds the repeated
//! part of any text, so that a stored event can be made longer or shorter, too.

use std::borrow::Cow;
use std::fmt;

/// Repetitions that make a text worth stretching.
const FEWEST: usize = 8;

/// The longest unit that is looked for, in bytes.
pub(crate) const LONGEST_UNIT: usize = 16;

/// A text that repeats something.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pump {
    /// What comes first.
    pub before: Cow<'static, str>,
    /// What is repeated.
    pub unit: Cow<'static, str>,
    /// What comes last: where the repetition has to be given up.
    pub after: Cow<'static, str>,
}

impl Pump {
    const fn new(before: &'static str, unit: &'static str, after: &'static str) -> Pump {
        Pump { before: Cow::Borrowed(before), unit: Cow::Borrowed(unit), after: Cow::Borrowed(after) }
    }

    /// The text with so many repetitions.
    ///
    /// ```
    /// assert_eq!(evfuzz_generators::stretch::PUMPS[0].text(3), "aaa!");
    /// ```
    pub fn text(&self, times: usize) -> String {
        format!("{}{}{}", self.before, self.unit.repeat(times), self.after)
    }
}

/// For code whose regular expressions and loops are not known, best first: letters, digits, blanks, lists, words, nesting, line
/// ends, markup, and what escapes.
pub static PUMPS: [Pump; 12] = [
    Pump::new("", "a", "!"),
    Pump::new("", "1", "!"),
    Pump::new("a", " ", "a"),
    Pump::new("", "a,", "!"),
    Pump::new("", "a ", "!"),
    Pump::new("", "(", "a"),
    Pump::new("", "[", "1"),
    Pump::new("a", "\n", "a"),
    Pump::new("", "<a", ""),
    Pump::new("a@", "a.", "!"),
    Pump::new("", "../", "a"),
    Pump::new("", "\\", "a"),
];

/// A text as a run of one unit between two others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run<'t> {
    before: &'t str,
    unit: &'t str,
    times: usize,
    after: &'t str,
}

impl Run<'_> {
    /// The longest run in `text`. `None`: it repeats nothing.
    ///
    /// ```
    /// use evfuzz_generators::stretch::Run;
    ///
    /// let run = Run::of("x-abababababababab!").unwrap();
    /// assert_eq!((run.times(), run.text(2)), (8, "x-abab!".to_owned()));
    /// assert_eq!(Run::of("nothing like that"), None);
    /// ```
    pub fn of(text: &str) -> Option<Run<'_>> {
        let bytes = text.as_bytes();
        // Longest run of each period: where bytes are equal to those one period before.
        let mut best: Option<(usize, usize, usize)> = None;
        for unit in 1..=LONGEST_UNIT.min(bytes.len()) {
            let mut equal = 0;
            for at in unit..=bytes.len() {
                if at < bytes.len() && bytes[at] == bytes[at - unit] {
                    equal += 1;
                    continue;
                }
                let length = equal + unit;
                // A longer unit has to do better: `aaaa` repeats `aa` as well.
                if length / unit >= FEWEST && best.is_none_or(|(.., longest)| length > longest) {
                    best = Some((at - length, unit, length));
                }
                equal = 0;
            }
        }
        let (first, unit, length) = best?;
        // Where characters are longer than a byte, a run may begin within one.
        let start = (first..first + unit).find(|at| text.is_char_boundary(*at))?;
        let times = (first + length - start) / unit;
        let (before, after) = (text.get(..start)?, text.get(start + times * unit..)?);
        Some(Run { before, unit: text.get(start..start + unit)?, times, after })
    }

    /// How often the unit comes.
    pub fn times(&self) -> usize {
        self.times
    }

    /// The text with so many repetitions.
    pub fn text(&self, times: usize) -> String {
        format!("{}{}{}", self.before, self.unit.repeat(times), self.after)
    }
}

/// `"x-" + 8 × "ab" + "!"`.
impl fmt::Display for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.before.is_empty() {
            write!(f, "{:?} + ", self.before)?;
        }
        write!(f, "{} × {:?}", self.times, self.unit)?;
        if !self.after.is_empty() {
            write!(f, " + {:?}", self.after)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_run_is_found() {
        let run = |text: &'static str| Run::of(text).map(|it| (it.before, it.unit, it.times, it.after));
        assert_eq!(run("aaaaaaaa!"), Some(("", "a", 8, "!")));
        assert_eq!(run("a1,1,1,1,1,1,1,1,!"), Some(("a", "1,", 8, "!")));
        assert_eq!(run("{\"a\":\"bbbbbbbbbbbb\"}"), Some(("{\"a\":\"", "b", 12, "\"}")));
        assert_eq!(Run::of("x-ababababababababz").unwrap().to_string(), r#""x-" + 8 × "ab" + "z""#);
        assert_eq!(run("aaaaaaa"), None);
        assert_eq!(run(""), None);
    }

    proptest! {
        #[test]
        fn a_pump_is_found_again(before in "[x-z]{0,3}", unit in "[a-cä€]{1,3}", after in "[!x-z]{0,3}", times in 8..40_usize) {
            let pump = Pump { before: before.into(), unit: unit.clone().into(), after: after.into() };
            let text = pump.text(times);
            let run = Run::of(&text).unwrap();
            prop_assert_eq!(run.text(run.times()), &*text);
            // One more: as long as with one more, or a part of it where the unit itself repeats something.
            let longer = run.text(run.times() * 2);
            prop_assert!(longer.len() > text.len() + (text.len() - unit.len() * 2) / 2, "{} {}", text, longer);
        }

        #[test]
        fn any_text_is_itself(text in "\\PC{0,60}") {
            if let Some(run) = Run::of(&text) {
                prop_assert_eq!(run.text(run.times()), text);
            }
        }
    }
}

//! Break-outs for HTML pages and for the source text of templates.
//!
//! HTML: proof is an element or attribute with the name of the canary (HTML Living Standard, 13.2.5,
//! as far as tags go; a page need not be valid, so nothing behind the payload is kept in order).
//! What stands in `<script>` or an event handler is JavaScript: hand that text to that language.
//! Templates: proof is the canary as an operand of an expression of the engine.

use super::{Certainty, Context, Engine, Sighting, Sketch, Survey, Trial, scan::Scan};

mod template;

pub(super) use template::{judge as judge_template, survey as survey_template};

/// A construct that is open at the marker.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Frame {
    Tag,
    /// The value of an attribute, with its quote if it has one.
    Attribute(Option<char>),
    Comment,
    /// Text of an element in which nothing is a tag but its own end.
    Raw(String),
}

/// Elements whose text ends only at their own closing tag (13.2.5.2 and 13.2.5.4).
const RAW: &[&str] = &["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"];

pub(super) fn survey(sighting: &Sighting<'_>) -> Option<Survey> {
    let mut page =
        Page { scan: Scan::new(sighting.text, Some(sighting.marker.start)), trial: None, found: false };
    page.read()?;
    let place = page.scan.place?;
    let mut names = Vec::new();
    let mut sketches = Vec::new();
    match place.last() {
        None => sketches.push(Sketch::new("<", ">")),
        Some(Frame::Raw(element)) => {
            names.push("an element without tags");
            sketches.push(Sketch::new(format!("</{element}><"), ">"));
        }
        Some(Frame::Comment) => {
            names.push("a comment");
            sketches.push(Sketch::new("--><", ">"));
            sketches.push(Sketch::new("--!><", ">"));
        }
        Some(Frame::Tag) => {
            names.push("a tag");
            sketches.extend(["", " ", "a ", "><"].map(|it| Sketch::new(it, ">")));
            sketches.extend(["", " ", "a "].map(|it| Sketch::new(it, "=''")));
        }
        Some(Frame::Attribute(None)) => {
            names.push("an attribute without quotes");
            for blank in [" ", "\n", "\t", "/"] {
                for before in ["", "a"] {
                    sketches.push(Sketch::new(format!("{before}{blank}"), ""));
                    sketches.push(Sketch::new(format!("{before}{blank}"), blank));
                }
            }
            sketches.push(Sketch::new("><", ">"));
            sketches.push(Sketch::new("a><", ">"));
        }
        Some(Frame::Attribute(Some(quote))) => {
            names.push(if *quote == '"' {
                "an attribute in double quotes"
            } else {
                "an attribute in single quotes"
            });
            for blank in [" ", "\n", "\t", "/"] {
                sketches.push(Sketch::new(format!("{quote}{blank}"), format!("={quote}")));
            }
            sketches.push(Sketch::new(format!("{quote}><"), ">"));
        }
    }
    Some(Survey { context: Context(names), sketches })
}

pub(super) fn judge(trial: &Trial<'_>) -> Option<Certainty> {
    let mut page = Page { scan: Scan::new(trial.text, None), trial: Some(trial), found: false };
    page.read()?;
    page.found.then_some(Certainty::Always)
}

struct Page<'a, 't> {
    scan: Scan<'a, Frame>,
    trial: Option<&'t Trial<'t>>,
    found: bool,
}

impl Page<'_, '_> {
    fn read(&mut self) -> Option<()> {
        while let Some(c) = self.scan.peek() {
            if self.scan.take("<!--") {
                self.comment()?;
            } else if c == '<' && self.scan.rest()[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.tag()?;
            } else {
                self.scan.next();
            }
        }
        Some(())
    }

    fn comment(&mut self) -> Option<()> {
        self.scan.enter(Frame::Comment)?;
        let ends = ["-->", "--!>"].iter().filter_map(|it| Some((self.scan.rest().find(it)?, it.len())));
        // Without an end the rest of the page is a comment.
        let (length, end) = ends.min().unwrap_or((self.scan.rest().len(), 0));
        self.scan.skip(length);
        self.scan.leave();
        self.scan.skip(end);
        Some(())
    }

    /// Notes a name that is the canary, and more than it came with the payload.
    fn name(&mut self, ends: &str) -> String {
        let start = self.scan.at();
        let name = self.scan.take_while(|c| !c.is_whitespace() && !ends.contains(c));
        let end = self.scan.at();
        self.found |=
            self.trial.is_some_and(|it| it.is_canary(start, end) && it.placed.len() > it.canary.len());
        name.to_ascii_lowercase()
    }

    fn tag(&mut self) -> Option<()> {
        self.scan.skip(1);
        self.scan.enter(Frame::Tag)?;
        let element = self.name("/>");
        loop {
            self.scan.take_while(|c| c.is_whitespace() || c == '/');
            match self.scan.peek() {
                None | Some('>') => break,
                Some('=') => self.scan.skip(1),
                Some(_) => {}
            }
            self.name("/>=");
            self.scan.take_while(char::is_whitespace);
            if self.scan.take("=") {
                self.scan.take_while(char::is_whitespace);
                self.value()?;
            }
        }
        self.scan.leave();
        self.scan.take(">");
        if RAW.contains(&element.as_str()) {
            self.raw(element)?;
        }
        Some(())
    }

    fn value(&mut self) -> Option<()> {
        let quote = self.scan.peek().filter(|c| matches!(c, '\'' | '"'));
        if quote.is_some() {
            self.scan.skip(1);
        }
        self.scan.enter(Frame::Attribute(quote))?;
        match quote {
            Some(quote) => self.scan.take_while(|c| c != quote),
            None => self.scan.take_while(|c| !c.is_whitespace() && c != '>'),
        };
        self.scan.leave();
        if quote.is_some() {
            self.scan.next();
        }
        Some(())
    }

    fn raw(&mut self, element: String) -> Option<()> {
        let end = format!("</{element}");
        let length = self.scan.rest().to_ascii_lowercase().find(&end).unwrap_or(self.scan.rest().len());
        self.scan.enter(Frame::Raw(element))?;
        self.scan.skip(length);
        self.scan.leave();
        Some(())
    }
}

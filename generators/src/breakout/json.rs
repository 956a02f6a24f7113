//! Break-outs for JSON documents: proof is a member with the name of the canary.
//!
//! RFC 8259. A new member says more than a changed value: it is what a parser hands on, and a
//! value equal to what was sent proves nothing.

use super::{Certainty, Context, Sighting, Sketch, Survey, Trial, scan::Scan};

/// A construct that is open at the marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Object,
    Array,
    Key,
    Text,
}

struct Parser<'a, 't> {
    scan: Scan<'a, Frame>,
    trial: Option<&'t Trial<'t>>,
    found: bool,
}

pub(super) fn survey(sighting: &Sighting<'_>) -> Option<Survey> {
    let place = place(sighting.text, sighting.marker.start).or_else(|| {
        // A bare word is no JSON; the payload will be.
        let text = sighting.with("0");
        place(&text, sighting.marker.start)
    })?;
    let name = |frame: &Frame| match frame {
        Frame::Object => "an object",
        Frame::Array => "an array",
        Frame::Key => "a key",
        Frame::Text => "a string",
    };
    let context = Context(place.iter().map(name).collect());
    let sketches = match place.last() {
        Some(Frame::Key) => vec![Sketch::new("", "\":0,\""), Sketch::new("\":0,\"", "")],
        // In an object a member more, in an array an element.
        Some(Frame::Text) => vec![
            Sketch::new("\",\"", "\":\""),
            Sketch::new("\",{\"", "\":\"\"},\""),
            Sketch::new("\",{\"", "\":0},\""),
        ],
        _ => vec![Sketch::new("{\"", "\":0}"), Sketch::new("0,\"", "\":0"), Sketch::new(",\"", "\":0")],
    };
    Some(Survey { context, sketches })
}

fn place(text: &str, at: usize) -> Option<Vec<Frame>> {
    let mut parser = Parser { scan: Scan::new(text, Some(at)), trial: None, found: false };
    parser.document()?;
    parser.scan.place
}

pub(super) fn judge(trial: &Trial<'_>) -> Option<Certainty> {
    let mut parser = Parser { scan: Scan::new(trial.text, None), trial: Some(trial), found: false };
    parser.document()?;
    parser.found.then_some(Certainty::Always)
}

impl Parser<'_, '_> {
    fn document(&mut self) -> Option<()> {
        self.value()?;
        self.blanks();
        self.scan.peek().is_none().then_some(())
    }

    fn blanks(&mut self) {
        self.scan.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r'));
    }

    fn value(&mut self) -> Option<()> {
        self.blanks();
        match self.scan.peek()? {
            '{' => {
                self.scan.skip(1);
                self.scan.enter(Frame::Object)?;
                self.list('}', |parser| {
                    parser.blanks();
                    let start = parser.scan.at() + 1;
                    parser.text(Frame::Key)?;
                    let end = parser.scan.at() - 1;
                    // The whole name is the canary, and more than it came with the payload: a
                    // name that the sender may choose anyway proves nothing.
                    parser.found |= parser
                        .trial
                        .is_some_and(|it| it.is_canary(start, end) && it.placed.len() > it.canary.len());
                    parser.blanks();
                    parser.scan.expect(":")?;
                    parser.value()
                })
            }
            '[' => {
                self.scan.skip(1);
                self.scan.enter(Frame::Array)?;
                self.list(']', Self::value)
            }
            '"' => self.text(Frame::Text),
            '-' | '0'..='9' => self.number(),
            _ => {
                let word = self.scan.take_while(|c| c.is_ascii_alphabetic());
                matches!(word, "true" | "false" | "null").then_some(())
            }
        }
    }

    fn list(&mut self, end: char, item: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        self.blanks();
        if self.scan.peek()? != end {
            loop {
                item(self)?;
                self.blanks();
                if !self.scan.take(",") {
                    break;
                }
            }
        }
        self.scan.leave();
        (self.scan.next()? == end).then_some(())
    }

    fn text(&mut self, frame: Frame) -> Option<()> {
        self.scan.expect("\"")?;
        self.scan.enter(frame)?;
        while self.scan.peek()? != '"' {
            match self.scan.next()? {
                '\\' => match self.scan.next()? {
                    'u' => {
                        for _ in 0..4 {
                            self.scan.next().filter(char::is_ascii_hexdigit)?;
                        }
                    }
                    c => "\"\\/bfnrt".contains(c).then_some(())?,
                },
                c if c < ' ' => return None,
                _ => {}
            }
        }
        self.scan.leave();
        self.scan.next();
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.scan.take("-");
        let digits = self.scan.take_while(|c| c.is_ascii_digit());
        if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
            return None;
        }
        if self.scan.take(".") && self.scan.take_while(|c| c.is_ascii_digit()).is_empty() {
            return None;
        }
        if self.scan.take("e") || self.scan.take("E") {
            let _ = self.scan.take("+") || self.scan.take("-");
            if self.scan.take_while(|c| c.is_ascii_digit()).is_empty() {
                return None;
            }
        }
        Some(())
    }
}

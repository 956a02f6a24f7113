//! Break-outs for XML documents and fragments: proof is an element or attribute of that name.
//!
//! "Extensible Markup Language (XML) 1.0", fifth edition. The text with the payload is well-formed:
//! an XML parser would refuse everything else, and show nothing.

use super::{Certainty, Context, Sighting, Sketch, Survey, Trial, scan::Scan};

/// A construct that is open at the marker.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Frame {
    Element(String),
    Tag,
    Attribute(char),
    Cdata,
    Comment,
    Instruction,
    Declaration,
}

struct Parser<'a, 't> {
    scan: Scan<'a, Frame>,
    trial: Option<&'t Trial<'t>>,
    found: bool,
}

pub(super) fn survey(sighting: &Sighting<'_>) -> Option<Survey> {
    let at = sighting.marker.start;
    // In a tag a bare word is an error.
    let place = place(sighting.text, at).or_else(|| place(&sighting.with("a=''"), at))?;
    let name = |frame: &Frame| match frame {
        Frame::Element(_) => "an element",
        Frame::Tag => "a tag",
        Frame::Attribute(_) => "an attribute",
        Frame::Cdata => "a CDATA section",
        Frame::Comment => "a comment",
        Frame::Instruction => "a processing instruction",
        Frame::Declaration => "a declaration",
    };
    let context = Context(place.iter().map(name).collect());
    let mut sketches = Vec::new();
    match place.last() {
        Some(Frame::Attribute(quote)) => {
            let quote = *quote;
            sketches.push(Sketch::new(format!("{quote} "), format!("={quote}")));
            sketches.push(Sketch::new(format!("{quote}\n"), format!("={quote}")));
            sketches.push(Sketch::new(format!("{quote}\t"), format!("={quote}")));
        }
        Some(Frame::Cdata) => {
            sketches.push(Sketch::new("]]><", "/>"));
            sketches.push(Sketch::new("]]><", "/><![CDATA["));
        }
        Some(Frame::Comment) => sketches.push(Sketch::new("--><", "/><!--")),
        Some(Frame::Instruction) => sketches.push(Sketch::new("?><", "/><?a ")),
        Some(Frame::Tag) => {
            for (before, after) in [
                ("", "=''"),
                (" ", "=''"),
                ("a ", "=''"),
                ("a='' ", "=''"),
                ("a='' ", ""),
                (" a='' ", "='' "),
            ] {
                sketches.push(Sketch::new(before, after));
            }
        }
        _ => sketches.push(Sketch::new("<", "/>")),
    }
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

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || "_:-.".contains(c)
}

impl Parser<'_, '_> {
    fn document(&mut self) -> Option<()> {
        self.content()?;
        self.scan.peek().is_none().then_some(())
    }

    /// Text, elements and the rest, up to a closing tag or the end.
    fn content(&mut self) -> Option<()> {
        loop {
            match self.scan.peek() {
                None => return Some(()),
                Some('<') if self.scan.starts_with("</") => return Some(()),
                Some('<') => self.construct()?,
                Some('&') => self.reference()?,
                Some(_) if self.scan.starts_with("]]>") => return None,
                Some(_) => {
                    self.scan.next();
                }
            }
        }
    }

    /// `&name;`. A bare ampersand is an error.
    fn reference(&mut self) -> Option<()> {
        self.scan.skip(1);
        self.scan.take("#");
        (!self.scan.take_while(is_name).is_empty()).then(|| self.scan.expect(";"))?
    }

    fn construct(&mut self) -> Option<()> {
        for (open, close, frame) in [
            ("<!--", "-->", Frame::Comment),
            ("<![CDATA[", "]]>", Frame::Cdata),
            ("<?", "?>", Frame::Instruction),
            ("<!", ">", Frame::Declaration),
        ] {
            if !self.scan.take(open) {
                continue;
            }
            self.scan.enter(frame.clone())?;
            let start = self.scan.at();
            self.scan.until(close)?;
            let inside = &self.scan.before()[start..];
            // Two hyphens may not stand in a comment, nor markup in what we know of declarations.
            if frame == Frame::Comment && (inside.contains("--") || inside.ends_with('-')) {
                return None;
            }
            if frame == Frame::Declaration && inside.contains(['<', '[']) {
                return None;
            }
            self.scan.leave();
            self.scan.skip(close.len());
            return Some(());
        }
        self.element()
    }

    /// A name here that is the canary, all of it.
    fn name(&mut self) -> Option<String> {
        let start = self.scan.at();
        let name = self.scan.take_while(is_name).to_owned();
        self.found |= self
            .trial
            .is_some_and(|it| it.is_canary(start, self.scan.at()) && it.placed.len() > it.canary.len());
        (name.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == ':')).then_some(name)
    }

    fn element(&mut self) -> Option<()> {
        self.scan.expect("<")?;
        self.scan.enter(Frame::Tag)?;
        let name = self.name()?;
        let mut attributes: Vec<String> = Vec::new();
        loop {
            let blanks = self.scan.take_while(char::is_whitespace);
            if self.scan.rest().starts_with(['>', '/']) {
                break;
            }
            if blanks.is_empty() {
                return None;
            }
            let attribute = self.name()?;
            if attributes.contains(&attribute) {
                return None;
            }
            attributes.push(attribute);
            self.scan.take_while(char::is_whitespace);
            self.scan.expect("=")?;
            self.scan.take_while(char::is_whitespace);
            let quote = self.scan.next().filter(|c| matches!(c, '\'' | '"'))?;
            self.scan.enter(Frame::Attribute(quote))?;
            loop {
                match self.scan.peek()? {
                    '<' => return None,
                    '&' => self.reference()?,
                    c if c == quote => break,
                    _ => {
                        self.scan.next();
                    }
                }
            }
            self.scan.leave();
            self.scan.next();
        }
        self.scan.leave();
        if self.scan.take("/>") {
            return Some(());
        }
        self.scan.expect(">")?;
        self.scan.enter(Frame::Element(name.clone()))?;
        self.content()?;
        self.scan.leave();
        self.scan.expect("</")?;
        self.scan.expect(&name)?;
        self.scan.take_while(char::is_whitespace);
        self.scan.expect(">")
    }
}

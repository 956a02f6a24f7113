//! A position in a text that is parsed, and the constructs that are open at the marker.

/// A cursor that notes what is open when it passes the marker.
pub(super) struct Scan<'a, F> {
    text: &'a str,
    at: usize,
    /// The byte at which the marker begins.
    watch: Option<usize>,
    pub(super) stack: Vec<F>,
    pub(super) place: Option<Vec<F>>,
    depth: usize,
}

/// Deeper than any text that a person or program writes; a parser's own stack must hold it.
const DEEPEST: usize = 160;

impl<'a, F: Clone> Scan<'a, F> {
    pub(super) fn new(text: &'a str, watch: Option<usize>) -> Scan<'a, F> {
        Scan { text, at: 0, watch, stack: Vec::new(), place: None, depth: 0 }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn before(&self) -> &'a str {
        &self.text[..self.at]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn starts_with(&self, text: &str) -> bool {
        self.rest().starts_with(text)
    }

    /// Goes on by so many bytes.
    pub(super) fn skip(&mut self, bytes: usize) {
        let end = self.at + bytes;
        if self.watch.is_some_and(|watch| self.at <= watch && watch < end) {
            self.place = Some(self.stack.clone());
        }
        self.at = end;
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.skip(c.len_utf8());
        Some(c)
    }

    /// Consumes `text` if it comes next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let comes = self.starts_with(text);
        if comes {
            self.skip(text.len());
        }
        comes
    }

    /// Consumes `text`, which must come next.
    pub(super) fn expect(&mut self, text: &str) -> Option<()> {
        self.take(text).then_some(())
    }

    /// Consumes characters while they satisfy `test`, and returns them.
    pub(super) fn take_while(&mut self, test: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !test(c)).unwrap_or(rest.len());
        self.skip(length);
        &rest[..length]
    }

    /// Consumes everything up to `end`, which stays. `None` if it does not come.
    pub(super) fn until(&mut self, end: &str) -> Option<()> {
        let length = self.rest().find(end)?;
        self.skip(length);
        Some(())
    }

    pub(super) fn enter(&mut self, frame: F) -> Option<()> {
        self.depth += 1;
        self.stack.push(frame);
        (self.depth < DEEPEST).then_some(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
        self.stack.pop();
    }

    /// One more level of the parser without a construct of the text.
    pub(super) fn deeper(&mut self) -> Option<()> {
        self.depth += 1;
        (self.depth < DEEPEST).then_some(())
    }

    pub(super) fn back_up(&mut self) {
        self.depth -= 1;
    }
}

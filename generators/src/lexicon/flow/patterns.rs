//! Declarations, destructuring, comparisons, loops and types.

use serde_json::Value;

use super::{
    super::{
        gather::Tier,
        reference::{Chain, Root},
        token::Token,
        vocabulary,
    },
    COMPARERS, Layout, Walk,
};

impl<'a> Walk<'_, 'a> {
    fn value(&self, start: usize, end: usize) -> Option<Chain> {
        let references = self.references();
        references.value(start, end, &self.scope)
    }

    /// `import …`, `from … import …`, `require(…)`: remembers names that are no data.
    pub(super) fn import(&mut self, at: usize, word: &str) -> usize {
        if word == "require" || self.is(at + 1, "(") || self.is(at + 1, ".") {
            // The name of the module is no literal.
            let module = self.tokens.get(at + 2).and_then(Token::text);
            if let Some(module) = module {
                self.gather.module(module);
            }
            return if word == "require" && module.is_some() { at + 3 } else { at + 1 };
        }
        if word == "from" && self.layout == Layout::Braces {
            return at + 1;
        }
        let mut end = at + 1;
        while end < self.tokens.len() && end < at + 80 {
            match &self.tokens[end] {
                Token::Line(_) if self.layout == Layout::Indentation => return end,
                Token::Word(name) => {
                    self.modules.insert(name);
                    self.gather.module(name);
                }
                Token::Text(module) => {
                    self.gather.module(module);
                    return end + 1;
                }
                Token::Mark(";" | "=") => return end,
                _ => {}
            }
            end += 1;
        }
        end
    }

    /// `const x = …`, `const { a, b: c } = …`, `for (const x of …)`.
    pub(super) fn declaration(&mut self, at: usize) -> usize {
        let target = at + 1;
        let mut next = match self.tokens.get(target) {
            Some(Token::Word(_)) => target + 1,
            Some(Token::Mark("{" | "[")) => self.partners[target] + 1,
            _ => return at + 1,
        };
        if self.is(next, ":") {
            // TypeScript: the type stands between.
            let equals = (next + 1..next + 12).find(|it| self.is(*it, "=") || self.is(*it, ";"));
            next = equals.unwrap_or(next);
        }
        let looping = self.tokens.get(next).is_some_and(|it| it.is_word("of"));
        if !looping && !self.is(next, "=") {
            return at + 1;
        }
        let end = self.expression_end(next + 1);
        if let Some(Token::Word("require" | "import")) = self.value_word(next + 1) {
            let names = &self.tokens[target..next.min(self.tokens.len())];
            self.modules.extend(names.iter().filter_map(Token::word));
            return next;
        }
        let chain = self.value(next + 1, end);
        // A loop's variable belongs to the block after the bracket that is open here.
        let depth = if looping { self.function_depth() } else { self.depth };
        match &self.tokens[target] {
            Token::Mark("{") => {
                let chain = chain.unwrap_or(Chain::new(Root::Unknown));
                if looping {
                    self.looped(next + 1, end, &chain, 3);
                }
                self.pattern(target, &chain, depth);
                next
            }
            Token::Word(name) => {
                if let Some(table) = self.taken_from(next + 1).filter(|_| !looping) {
                    self.dispatchers.insert(name, table);
                }
                if let Some(chain) = chain {
                    if looping {
                        self.looped(next + 1, end, &chain, 3);
                    }
                    self.gather.word(name);
                    self.scope.bind(name, depth, if looping { chain.one() } else { chain });
                } else if self.scope.get(name).is_some() {
                    self.scope.bind(name, depth, Chain::new(Root::Unknown));
                }
                self.wrapped_handler(name, next + 1, end);
                next
            }
            _ => {
                if let Some(chain) = chain {
                    if looping {
                        self.looped(next + 1, end, &chain, 3);
                    }
                    // The first of an entry is its key.
                    let words = self.tokens[next + 1..end.max(next + 1)].iter();
                    let keyed = words.filter_map(Token::word).any(|it| it == "entries");
                    self.elements(target, usize::from(keyed), &chain.one(), depth);
                }
                next
            }
        }
    }

    /// `({ a, b: c } = …)`: variables that were declared before. What else may stand there, with a default (`({ a } = {}) => …`),
    /// is the head of a function.
    pub(super) fn reassignment(&mut self, at: usize) {
        let target = at + 1;
        if !self.is(target, "{") || !self.is(self.partners[target] + 1, "=") {
            return;
        }
        let value = self.partners[target] + 2;
        if let Some(chain) = self.value(value, self.expression_end(value)) {
            self.pattern(target, &chain, self.function_depth());
        }
    }

    /// Binds what the pattern of a list at `open` names, from the element number `first` on: each stands for what the list
    /// stands for, as positions do.
    fn elements(&mut self, open: usize, first: usize, chain: &Chain, depth: usize) {
        let close = self.partners[open].min(self.tokens.len());
        let (mut at, mut index) = (open + 1, 0);
        while at < close {
            match &self.tokens[at] {
                Token::Mark(",") => index += 1,
                Token::Mark("{") if index >= first => self.pattern(at, chain, depth),
                Token::Word(name) if index >= first => self.scope.bind(name, depth, chain.clone()),
                _ => {}
            }
            if matches!(self.tokens[at], Token::Mark("(" | "[" | "{")) {
                at = self.partners[at].max(at);
            }
            at += 1;
        }
    }

    fn value_word(&self, at: usize) -> Option<&Token<'a>> {
        let token = self.tokens.get(at)?;
        if token.is_word("await") { self.tokens.get(at + 1) } else { Some(token) }
    }

    /// `handler = wrapper(async (e) => …)`: the function inside is the handler.
    fn wrapped_handler(&mut self, name: &str, start: usize, end: usize) {
        let named = name.to_ascii_lowercase().contains("handler") || self.aliases.contains(name);
        let wrapper = matches!(self.tokens.get(start), Some(Token::Word(word)) if *word != "async" && *word != "function");
        if named && wrapper {
            self.handler_until = end;
        }
    }

    /// `x = …` and `exports.handler = …`.
    pub(super) fn assignment(&mut self, at: usize, word: &'a str) {
        let mut equals = at + 1;
        let mut name = word;
        while self.is(equals, ".") && equals < at + 6 {
            let Some(Token::Word(member)) = self.tokens.get(equals + 1) else {
                return;
            };
            name = member;
            equals += 2;
        }
        // Python: `x: Type = …`.
        if self.layout == Layout::Indentation && self.is(equals, ":") {
            let typed = (equals + 1..equals + 8)
                .take_while(|it| !matches!(self.tokens.get(*it), None | Some(Token::Line(_))))
                .find(|it| self.is(*it, "="));
            equals = typed.unwrap_or(equals);
        }
        if !self.is(equals, "=") && !self.is(equals, ":=") {
            return;
        }
        let end = self.expression_end(equals + 1);
        self.wrapped_handler(name, equals + 1, end);
        if name != word {
            return;
        }
        if let Some(table) = self.taken_from(equals + 1) {
            self.dispatchers.insert(word, table);
        }
        // An unknown value leaves the name as it is: `body = {}` is often the other branch.
        if let Some(chain) = self.value(equals + 1, end) {
            self.scope.bind(word, self.function_depth(), chain);
        }
    }

    /// Binds the names in the pattern that begins at `open`, as members of `chain`.
    pub(super) fn pattern(&mut self, open: usize, chain: &Chain, depth: usize) {
        if chain.keys.len() > 8 {
            return;
        }
        let close = self.partners[open].min(self.tokens.len());
        let mut at = open + 1;
        while at < close {
            let key: &str = match &self.tokens[at] {
                Token::Word(key) => key,
                Token::Text(key) => key,
                _ => {
                    at += 1;
                    continue;
                }
            };
            let rest = self.is(at - 1, "...");
            let member = if rest { chain.clone() } else { chain.member(key) };
            self.gather.word(key);
            if !rest && chain.root == Root::Event && !chain.guessed {
                self.gather.chain(&member.keys);
            } else if !rest && !self.sparse {
                self.gather.name(key, Tier::Field);
            }
            if self.is(at + 1, ":") && self.is(at + 2, "{") {
                self.pattern(at + 2, &member, depth);
            } else if self.is(at + 1, ":") {
                if let Some(Token::Word(name)) = self.tokens.get(at + 2) {
                    self.scope.bind(name, depth, member);
                }
            } else if let Token::Word(name) = &self.tokens[at] {
                self.scope.bind(name, depth, member);
            }
            // On to the next comma: defaults are no names.
            while at < close && !self.is(at, ",") {
                if matches!(self.tokens[at], Token::Mark("(" | "[" | "{")) {
                    at = self.partners[at].max(at);
                }
                at += 1;
            }
        }
    }

    /// `for x in …`, `for k, v in ….items()`; the last variable is the element.
    pub(super) fn python_for(&mut self, at: usize) {
        let mut next = at + 1;
        let mut name = None;
        while next < at + 8 {
            match self.tokens.get(next) {
                Some(Token::Word("in")) => break,
                Some(Token::Word(word)) => name = Some(*word),
                Some(Token::Mark("," | "(" | ")")) => {}
                _ => return,
            }
            next += 1;
        }
        let end = self.expression_end(next + 1);
        // In a comprehension the condition follows: `for x in xs if x`.
        let end =
            (next + 1..end).find(|it| self.tokens[*it].is_word("if") || self.is(*it, ":")).unwrap_or(end);
        if let (Some(name), Some(chain)) = (name, self.value(next + 1, end)) {
            let statement = at == 0 || matches!(self.tokens[at - 1], Token::Line(_));
            // `any(c in BAD for c in name)` looks at the characters of a string.
            if statement || !matches!(name, "c" | "ch" | "char") {
                self.looped(next + 1, end, &chain, if statement { 3 } else { 2 });
            }
            self.scope.bind(name, self.function_depth(), chain.one());
        }
    }

    /// `switch (x) {` and `match x:`.
    pub(super) fn switch(&mut self, at: usize) {
        let start = if self.is(at + 1, "(") { at + 2 } else { at + 1 };
        let references = self.references();
        let Some(reference) = references.read(start, &self.scope) else {
            return;
        };
        let sure = reference.chain.root == Root::Event && !reference.chain.guessed;
        if self.sparse && !sure {
            return;
        }
        let word = self.tokens[start].word();
        let Some(name) = reference.chain.keys.last().map(String::as_str).or(word) else {
            return;
        };
        let end = match self.layout {
            Layout::Braces if self.is(at + 1, "(") => {
                let body = self.partners[at + 1] + 1;
                if !self.is(body, "{") {
                    return;
                }
                self.partners[body]
            }
            Layout::Braces => return,
            Layout::Indentation => {
                let outside =
                    |it: &usize| matches!(self.tokens[*it], Token::Line(line) if line <= self.depth);
                (at..self.tokens.len()).take(800).find(outside).unwrap_or(self.tokens.len())
            }
        };
        self.switches.push((end, name.to_owned()));
    }

    /// `case 'x':`, `case "a" | "b":`.
    pub(super) fn case(&mut self, at: usize) {
        self.switches.retain(|(end, _)| at < *end);
        let Some((_, name)) = self.switches.last().cloned() else {
            return;
        };
        let mut text = at + 1;
        while let Some(literal) = self.tokens.get(text).and_then(Token::text) {
            self.gather.pair(&name, literal);
            if !self.is(text + 1, "|") {
                break;
            }
            text += 2;
        }
    }

    /// Constants that the reference at `at..end` is compared with.
    pub(super) fn comparison(&mut self, at: usize, end: usize, name: &str) {
        let is_equality = |it: &Token<'_>| matches!(it, Token::Mark("==" | "===" | "!=" | "!=="));
        let word = |at: usize| self.tokens.get(at).and_then(Token::word);
        if at >= 1 && matches!(word(at - 1), Some("typeof")) {
            return;
        }
        let mut literals: Vec<Value> = Vec::new();
        if self.tokens.get(end).is_some_and(is_equality) {
            literals.extend(self.tokens.get(end + 1).and_then(Token::text).map(Value::from));
        }
        if at >= 2 && is_equality(&self.tokens[at - 1]) {
            literals.extend(self.tokens[at - 2].text().map(Value::from));
        }
        // `for x in (…)` is no comparison.
        let mut before = (0..at).rev().take(6);
        let loops = before
            .find(|it| !matches!(self.tokens[*it], Token::Mark("," | "(" | ")")) && word(*it) != Some("_"))
            .is_some_and(|it| {
                let first = word(it) == Some("for");
                first || self.is(it + 1, ",") && it >= 1 && word(it - 1) == Some("for")
            });
        let set = match (word(end), word(end + 1)) {
            _ if loops => self.tokens.len(),
            (Some("in"), _) => end + 1,
            (Some("not"), Some("in")) => end + 2,
            _ => self.tokens.len(),
        };
        if matches!(self.tokens.get(set), Some(Token::Mark("(" | "[" | "{"))) {
            literals.extend(self.constants(set, self.partners[set]));
        }
        let method = word(end + 1).is_some_and(|it| COMPARERS.contains(&it));
        if method && (self.is(end, ".") || self.is(end, "?.")) && self.is(end + 2, "(") {
            let texts = self.constants(end + 2, self.partners[end + 2]);
            literals.extend(texts.into_iter().filter(Value::is_string));
        }
        // `['a', 'b'].includes(x)`.
        let asked = at >= 5 && self.is(at - 1, "(") && self.is(at - 3, ".") && self.is(at - 4, "]");
        if asked && matches!(word(at - 2), Some("includes" | "indexOf")) {
            let list = (0..at - 4).rev().take(40).find(|it| self.is(*it, "["));
            literals.extend(list.map(|open| self.constants(open, at - 4)).unwrap_or_default());
        }
        if let Some(keys) = self.looked_up(at, end).filter(|_| !loops) {
            literals.extend(keys.iter().cloned());
        }
        for literal in literals {
            match literal {
                Value::String(literal) => self.gather.pair(name, &literal),
                literal => self.gather.typed_pair(name, literal),
            }
        }
    }

    /// Fields of a type: `interface X { a: string }`, `class X(BaseModel):` with `a: str` lines.
    pub(super) fn fields(&mut self, at: usize, word: &str) {
        if self.sparse {
            return;
        }
        if self.layout == Layout::Indentation {
            if word == "class" {
                self.class_fields(at);
            }
            return;
        }
        if word == "class" {
            return;
        }
        let ahead = at + 1..self.tokens.len().min(at + 12);
        let Some(open) =
            ahead.take_while(|it| !self.is(*it, ";") && !self.is(*it, "(")).find(|it| self.is(*it, "{"))
        else {
            return;
        };
        self.typed_members(open);
    }

    fn class_fields(&mut self, at: usize) {
        let indent = self.depth;
        let mut fields = Vec::new();
        let ahead = self.tokens.len().min(at + 500);
        for index in at..ahead {
            let Token::Line(line) = self.tokens[index] else {
                continue;
            };
            if line <= indent {
                break;
            }
            if let Some(Token::Word(name)) = self.tokens.get(index + 1)
                && self.is(index + 2, ":")
                && fields.len() < 64
            {
                fields.push((line, *name));
            }
        }
        // Only the outermost lines of the class: the others are annotated variables.
        let outer = fields.iter().map(|(line, _)| *line).min().unwrap_or(0);
        for (_, name) in fields.into_iter().filter(|(line, _)| *line == outer) {
            if !matches!(name, "else" | "try" | "finally") {
                self.gather.name(name, Tier::Field);
            }
        }
    }

    /// `z.object({ a: … })`, `Joi.object({…})` and `properties: {…}` in a JSON schema.
    pub(super) fn schema(&mut self, open: usize) {
        if self.sparse || open < 2 {
            return;
        }
        let called = self.is(open - 1, "(")
            && matches!(self.tokens[open - 2].word(), Some("object" | "keys" | "strictObject"));
        let properties = self.is(open - 1, ":")
            && (self.tokens[open - 2].is_word("properties")
                || self.tokens[open - 2].text() == Some("properties"));
        if called || properties {
            self.typed_members(open);
        }
    }

    fn typed_members(&mut self, open: usize) {
        let close = self.partners[open].min(self.tokens.len());
        let mut at = open + 1;
        while at < close {
            let colon = self.is(at + 1, ":") || self.is(at + 1, "?") && self.is(at + 2, ":");
            let member = match &self.tokens[at] {
                Token::Word(word) => Some(*word),
                Token::Text(text) => Some(text.as_ref()),
                _ => None,
            };
            if let Some(member) = member.filter(|it| colon && !vocabulary::is_aws(it)) {
                self.gather.word(member);
                self.gather.name(member, Tier::Field);
            }
            if matches!(self.tokens[at], Token::Mark("(" | "[" | "{")) {
                at = self.partners[at].max(at);
            }
            at += 1;
        }
    }
}

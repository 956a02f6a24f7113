//! Reading and changing a tree by paths.

use super::{Node, Path, Step};

/// The value of a member of which only the name matters.
pub(crate) const FILLER: &str = "1";

impl Node {
    /// The part at `path`.
    pub fn get(&self, path: &Path) -> Option<&Node> {
        path.0.iter().try_fold(self, |node, step| match (node, step) {
            (Node::Opened(codec, content), Step::Open(wanted)) if codec == wanted => Some(&**content),
            (Node::Object(members), Step::Member { name, nth }) => {
                members.iter().filter(|(it, _)| it == name).nth(*nth).map(|(_, node)| node)
            }
            (Node::Array(elements), Step::Element(index)) => elements.get(*index),
            _ => None,
        })
    }

    /// The first member of that name, if this is an object.
    pub(crate) fn member(&self, name: &str) -> Option<&Node> {
        match self {
            Node::Object(members) => members.iter().find(|(it, _)| it == name).map(|(_, node)| node),
            _ => None,
        }
    }

    /// As [`Node::get`], for names of members and indices of elements.
    pub(crate) fn at(&self, steps: &[&str]) -> Option<&Node> {
        steps.iter().try_fold(self, |node, step| match node {
            Node::Array(elements) => elements.get(step.parse::<usize>().ok()?),
            node => node.member(step),
        })
    }

    /// As [`Node::get`], to change it.
    pub fn get_mut(&mut self, path: &Path) -> Option<&mut Node> {
        path.0.iter().try_fold(self, |node, step| match (node, step) {
            (Node::Opened(codec, content), Step::Open(wanted)) if codec == wanted => Some(&mut **content),
            (Node::Object(members), Step::Member { name, nth }) => {
                members.iter_mut().filter(|(it, _)| it == name).nth(*nth).map(|(_, node)| node)
            }
            (Node::Array(elements), Step::Element(index)) => elements.get_mut(*index),
            _ => None,
        })
    }

    /// The text of the leaf at `path`; numbers as they are written.
    pub fn leaf_text(&self, path: &Path) -> Option<String> {
        let node = self.get(path)?;
        node.is_leaf().then(|| node.to_text())
    }

    /// Every leaf, in order.
    pub fn leaves(&self) -> Vec<Path> {
        let mut found = Vec::new();
        self.walk(&Path::root(), &mut |path, node| {
            if node.is_leaf() {
                found.push(path.clone());
            }
        });
        found
    }

    /// Every part that can take one more named member, in order.
    pub fn objects(&self) -> Vec<Path> {
        let mut found = Vec::new();
        self.walk(&Path::root(), &mut |path, node| {
            if matches!(node, Node::Object(_)) {
                found.push(path.clone());
            }
        });
        found
    }

    /// Calls `visit` for every part, from the outside in.
    pub fn walk(&self, at: &Path, visit: &mut dyn FnMut(&Path, &Node)) {
        self.walk_on(&mut at.clone(), visit);
    }

    /// As [`Node::walk`], with one path that grows and shrinks.
    fn walk_on(&self, at: &mut Path, visit: &mut dyn FnMut(&Path, &Node)) {
        visit(at, self);
        let mut step = |step: Step, below: &Node| {
            at.0.push(step);
            below.walk_on(at, visit);
            at.0.pop();
        };
        match self {
            Node::Opened(codec, content) => step(Step::Open(*codec), content),
            Node::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    step(Step::Element(index), element);
                }
            }
            Node::Object(members) => {
                for (index, (name, member)) in members.iter().enumerate() {
                    let nth = members[..index].iter().filter(|(it, _)| it == name).count();
                    step(Step::Member { name: name.clone(), nth }, member);
                }
            }
            _ => {}
        }
    }

    /// Replaces the leaf at `path` by a text.
    pub fn set_leaf(&mut self, path: &Path, text: &str) -> bool {
        match self.get_mut(path) {
            Some(node) if node.is_leaf() => {
                *node = Node::text(text);
                true
            }
            _ => false,
        }
    }

    /// Replaces the part at `path`.
    pub fn set(&mut self, path: &Path, new: Node) -> bool {
        match self.get_mut(path) {
            Some(node) => {
                *node = new;
                true
            }
            None => false,
        }
    }

    /// Adds a member of that name to the object at `path`; one of that name is replaced.
    pub fn add_name(&mut self, path: &Path, name: &str) -> bool {
        let Some(Node::Object(members)) = self.get_mut(path) else { return false };
        match members.iter_mut().find(|(it, _)| it == name) {
            Some((_, member)) => *member = Node::text(FILLER),
            None => members.push((name.to_owned(), Node::text(FILLER))),
        }
        true
    }

    /// Removes the member or element at `path`. Neither the root nor the content of a text can be removed.
    pub fn remove(&mut self, path: &Path) -> bool {
        let Some((last, parents)) = path.0.split_last() else { return false };
        match (self.get_mut(&Path(parents.to_vec())), last) {
            (Some(Node::Object(members)), Step::Member { name, nth }) => {
                let index =
                    members.iter().enumerate().filter(|(_, (it, _))| it == name).nth(*nth).map(|it| it.0);
                index.map(|index| members.remove(index)).is_some()
            }
            (Some(Node::Array(elements)), Step::Element(index)) if *index < elements.len() => {
                elements.remove(*index);
                true
            }
            _ => false,
        }
    }

    /// Puts `new` at `path`, making the objects and arrays on the way. Leaves on the way are replaced.
    pub fn insert(&mut self, path: &Path, new: Node) -> bool {
        let mut node = self;
        for step in &path.0 {
            node = match step {
                Step::Member { name, nth } => {
                    if !matches!(node, Node::Object(_)) {
                        *node = Node::Object(Vec::new());
                    }
                    let Node::Object(members) = node else { return false };
                    let count = members.iter().filter(|(it, _)| it == name).count();
                    if *nth > count {
                        return false;
                    }
                    if *nth == count {
                        members.push((name.clone(), Node::Null));
                    }
                    match members.iter_mut().filter(|(it, _)| it == name).nth(*nth) {
                        Some((_, member)) => member,
                        None => return false,
                    }
                }
                Step::Element(index) => {
                    if !matches!(node, Node::Array(_)) {
                        *node = Node::Array(Vec::new());
                    }
                    let Node::Array(elements) = node else { return false };
                    // A hole is not filled: an index far away is a mistake, not an event.
                    if *index > elements.len() {
                        return false;
                    }
                    if *index == elements.len() {
                        elements.push(Node::Null);
                    }
                    &mut elements[*index]
                }
                Step::Open(codec) => {
                    if !matches!(node, Node::Opened(known, _) if known == codec) {
                        *node = Node::Null.inside(*codec);
                    }
                    let Node::Opened(_, content) = node else { return false };
                    content
                }
            };
        }
        *node = new;
        true
    }
}

//! The parts of an event that places name, found in one walk: the same as asking [`inside`](super::rule::inside) for every
//! part, but nothing is looked at that no place leads to, and no path is made.

use crate::{
    codec::Codec,
    tree::{Node, Path, Step},
};

/// One step of a walk. See [`Step`].
#[derive(Clone, Copy)]
enum Hop<'t> {
    /// To this member of these.
    Member(&'t [(String, Node)], usize),
    Element(usize),
    Open(Codec),
}

impl Hop<'_> {
    fn step(self) -> Step {
        match self {
            Hop::Member(members, index) => {
                let name = &members[index].0;
                let nth = members[..index].iter().filter(|(it, _)| it == name).count();
                Step::Member { name: name.clone(), nth }
            }
            Hop::Element(index) => Step::Element(index),
            Hop::Open(codec) => Step::Open(codec),
        }
    }

    /// Whether `wanted`, a step of a place, can be this.
    fn fits(self, wanted: &Step) -> bool {
        match (self, wanted) {
            (Hop::Member(..) | Hop::Element(_), Step::Member { name, .. }) if name == "*" => true,
            (Hop::Member(members, index), Step::Member { name, nth }) => {
                let (before, here) = members.split_at(index);
                here[0].0 == *name && before.iter().filter(|(it, _)| it == name).count() == *nth
            }
            (Hop::Element(index), Step::Element(wanted)) => index == *wanted,
            (Hop::Open(codec), Step::Open(wanted)) => codec == *wanted,
            _ => false,
        }
    }
}

/// How far a walk has come to a place.
#[derive(Clone, Copy)]
enum Way<'p> {
    /// These steps are left.
    Left(&'p [Step]),
    /// There.
    There,
    /// Somewhere below `**`, which is there, too.
    Below,
    /// In the text that is there.
    Inside,
}

impl<'p> Way<'p> {
    fn of(place: &'p [Step]) -> Way<'p> {
        match place.first() {
            None => Way::There,
            Some(Step::Member { name, .. }) if name == "**" => Way::Below,
            Some(_) => Way::Left(place),
        }
    }

    fn after(self, hop: Hop<'_>) -> Option<Way<'p>> {
        match (self, hop) {
            (Way::Left([wanted, rest @ ..]), hop) => hop.fits(wanted).then(|| Way::of(rest)),
            (Way::There | Way::Below, Hop::Open(_)) | (Way::Inside, _) => Some(Way::Inside),
            (Way::Below, _) => Some(Way::Below),
            (Way::There | Way::Left(_), _) => None,
        }
    }
}

/// A part of an event that a place names.
pub(crate) struct Visit<'v, 't> {
    /// The index of the first of the places that is there or around it.
    pub(crate) place: usize,
    pub(crate) node: &'t Node,
    hops: &'v [Hop<'t>],
}

impl Visit<'_, '_> {
    /// Where the part is.
    pub(crate) fn path(&self) -> Path {
        Path(self.hops.iter().map(|hop| hop.step()).collect())
    }
}

/// Calls `visit` for every part of `event` for which the first of `places` that it is in or at names the part itself, and
/// not only a text around it.
pub(crate) fn visit<'p, 't>(
    places: impl Iterator<Item = &'p [Step]>,
    event: &'t Node,
    visit: &mut dyn FnMut(Visit<'_, 't>),
) {
    let ways = places.map(Way::of).enumerate().collect();
    Walk { ways, hops: Vec::new(), visit }.walk(event, 0);
}

struct Walk<'p, 't, 'f> {
    /// A stack: for each part on the way here, the places that can still be reached, in their order.
    ways: Vec<(usize, Way<'p>)>,
    hops: Vec<Hop<'t>>,
    visit: &'f mut dyn FnMut(Visit<'_, 't>),
}

impl<'t> Walk<'_, 't, '_> {
    /// `first`: where in the stack the places for `node` begin.
    fn walk(&mut self, node: &'t Node, first: usize) {
        let found = self.ways[first..].iter().find(|(_, way)| !matches!(way, Way::Left(_)));
        if let Some((place, Way::There | Way::Below)) = found {
            (self.visit)(Visit { place: *place, node, hops: &self.hops });
        }
        match node {
            Node::Opened(codec, content) => self.step(Hop::Open(*codec), content, first),
            Node::Array(elements) => {
                for (index, element) in elements.iter().enumerate() {
                    self.step(Hop::Element(index), element, first);
                }
            }
            Node::Object(members) => {
                for (index, (_, member)) in members.iter().enumerate() {
                    self.step(Hop::Member(members, index), member, first);
                }
            }
            _ => {}
        }
    }

    fn step(&mut self, hop: Hop<'t>, node: &'t Node, first: usize) {
        let end = self.ways.len();
        for index in first..end {
            let (place, way) = self.ways[index];
            self.ways.extend(way.after(hop).map(|way| (place, way)));
        }
        let leads_on = |(_, way): &(usize, Way<'_>)| !matches!(way, Way::Inside);
        if self.ways[end..].iter().any(leads_on) {
            self.hops.push(hop);
            self.walk(node, end);
            self.hops.pop();
        }
        self.ways.truncate(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        case::tests::all_seeds,
        wire::{
            Wire,
            event::{rule::inside, rules},
        },
    };

    /// What is asked for path by path.
    fn one_by_one(places: &[&[Step]], event: &Node) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        event.walk(&Path::root(), &mut |path, _| {
            let mut all = places.iter().enumerate();
            let first = all.find_map(|(index, place)| Some((index, inside(place, &path.0)?)));
            if let Some((index, [])) = first {
                found.push((index, path.to_string()));
            }
        });
        found
    }

    fn at_once(places: &[&[Step]], event: &Node) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        visit(places.iter().copied(), event, &mut |it| {
            assert_eq!(event.get(&it.path()), Some(it.node));
            found.push((it.place, it.path().to_string()));
        });
        found
    }

    #[test]
    fn a_walk_finds_what_each_path_says() {
        let mut count = 0;
        for seed in all_seeds() {
            let Wire::Event(event) = &seed.wire else { continue };
            let places: Vec<&[Step]> = rules(seed.source, event).iter().map(|rule| &*rule.place.0).collect();
            let found = at_once(&places, event);
            assert_eq!(found, one_by_one(&places, event), "{} {}", seed.source.id(), seed.name);
            count += found.len();
        }
        assert!(count > 200, "{count}");
    }

    #[test]
    fn names_that_occur_twice_and_texts_in_texts_are_told_apart() {
        let inner = Node::json(Node::Object(vec![("x".to_owned(), Node::text("1"))]));
        let twice = Node::Object(vec![
            ("a".to_owned(), Node::text("1")),
            ("b".to_owned(), Node::Array(vec![inner.clone(), Node::text("2")])),
            ("a".to_owned(), inner),
        ]);
        let places = ["/a", "/a~41", "/b/*", "/b/1", "/b/*»json»/x", "/**", "/b/0"]
            .map(|it| Path::from(it.to_owned()));
        // In every order: the first counts.
        for turn in 0..places.len() {
            let turned: Vec<&[Step]> =
                places.iter().cycle().skip(turn).take(places.len()).map(|it| &*it.0).collect();
            assert_eq!(at_once(&turned, &twice), one_by_one(&turned, &twice), "{turn}");
        }
    }
}

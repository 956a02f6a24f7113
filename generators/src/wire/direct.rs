//! Direct invocation: the event is what the caller says, all of it.
//!
//! Step Functions, a test button, `aws lambda invoke`: only principals with permission can do
//! this, so every leaf is conditional.

use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Role},
    source::EventSource,
    tree::Node,
    wire::{
        Leaves, MAX_EVENT_BYTES,
        leaves::{self, below, is_named, named_object},
    },
};

impl Leaves for Node {
    fn locators(&self, _source: EventSource) -> Vec<Locator> {
        let leaves = Node::leaves(self).into_iter().map(|path| Locator::Json { path });
        leaves.chain(named_object(self).map(|path| Locator::JsonName { path })).collect()
    }

    fn describe(&self, _source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (inside, path, role) = match at {
            Locator::Json { path } if self.get(path)?.is_leaf() => (path, below("", path), Role::Data),
            Locator::JsonName { path } if matches!(self.get(path)?, Node::Object(_)) && is_named(path) => {
                (path, format!("{}/ (name)", below("", path)), Role::Routing)
            }
            _ => return None,
        };
        Some(InjectionPoint {
            locator: at.clone(),
            control: Control::Conditional,
            charset: leaves::charset(Charset::Any, inside),
            // Leaves room for the rest of the event and for escapes.
            max_bytes: MAX_EVENT_BYTES / 8,
            role,
            path: if path.is_empty() { "/".to_owned() } else { path },
        })
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::Json { path } => self.leaf_text(path),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Json { path } => self.set_leaf(path, text),
            Locator::JsonName { path } => self.add_name(path, text),
            _ => false,
        }
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Json { path } => self.insert(path, Node::text(text)),
            _ => Leaves::set(self, at, text),
        }
    }

    fn remove(&mut self, at: &Locator) -> bool {
        match at {
            Locator::Json { path } => Node::remove(self, path),
            _ => false,
        }
    }

    fn set_node(&mut self, at: &Locator, node: &Node) -> bool {
        match at {
            Locator::Json { path } => Node::set(self, path, node.clone()),
            _ => false,
        }
    }

    fn edit(&mut self, _edit: &Edit) -> bool {
        false
    }

    /// Lambda takes JSON that its parser takes.
    fn sendable(&self) -> bool {
        self.to_value().is_some()
    }
}

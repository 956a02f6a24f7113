//! Direct invocation: the event is what the caller says, all of it.
//!
//! Step Functions, a test button, `aws lambda invoke`: only principals with permission can do
//! this, so every leaf is conditional.

use serde_json::Value;

use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, JsonPath, Locator, Role},
    source::EventSource,
    wire::{
        Leaves, MAX_EVENT_BYTES,
        body::{self, add_leaf, add_name, leaf_text, set_leaf},
        json,
    },
};

impl Leaves for Value {
    fn locators(&self, _source: EventSource) -> Vec<Locator> {
        let mut found: Vec<Locator> =
            json::leaves(self).into_iter().map(|path| Locator::Json { path }).collect();
        if self.is_object() {
            found.push(Locator::JsonName { path: JsonPath::root() });
        }
        found
    }

    fn describe(&self, _source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (path, role) = match at {
            Locator::Json { path } if body::has_leaf(self, path) => (path.pointer(), Role::Data),
            Locator::JsonName { path } if body::has_object(self, path) => {
                (format!("{}/ (name)", path.pointer()), Role::Routing)
            }
            _ => return None,
        };
        Some(InjectionPoint {
            locator: at.clone(),
            control: Control::Conditional,
            charset: Charset::Any,
            // Leaves room for the rest of the event and for escapes.
            max_bytes: MAX_EVENT_BYTES / 8,
            role,
            path: if path.is_empty() { "/".to_owned() } else { path },
        })
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::Json { path } => leaf_text(self, path),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Json { path } => set_leaf(self, path, text),
            Locator::JsonName { path } => add_name(self, path, text),
            _ => false,
        }
    }

    fn add(&mut self, at: &Locator, text: &str) -> bool {
        match at {
            Locator::Json { path } => add_leaf(self, &path.0, text),
            _ => self.set(at, text),
        }
    }

    fn remove(&mut self, at: &Locator) -> bool {
        match at {
            Locator::Json { path } => json::remove(self, path),
            _ => false,
        }
    }

    fn set_json(&mut self, at: &Locator, value: &Value) -> bool {
        match at {
            Locator::Json { path } => json::set(self, path, value),
            _ => false,
        }
    }

    fn edit(&mut self, _edit: &Edit) -> bool {
        false
    }

    fn sendable(&self) -> bool {
        true
    }
}

//! What the sender controls in a notification: the key, and the name of whoever acts.

use super::S3Operation;
use crate::{
    edit::Edit,
    point::{Charset, Control, InjectionPoint, Locator, Role},
    source::EventSource,
    tree::Node,
    wire::Leaves,
};

impl Leaves for S3Operation {
    fn locators(&self, _source: EventSource) -> Vec<Locator> {
        let mut found = vec![Locator::ObjectKey];
        found.extend(self.event.has_principal().then_some(Locator::Uploader));
        found
    }

    fn describe(&self, _source: EventSource, at: &Locator) -> Option<InjectionPoint> {
        let (control, charset, max_bytes, path) = match at {
            // Amazon S3 user guide, object keys: UTF-8 of at most 1,024 bytes.
            Locator::ObjectKey => {
                let path = "/Records/0/s3/object/key»s3-key»";
                (Control::Attacker, Charset::ObjectKey, 1_024, path)
            }
            Locator::Uploader if self.event.has_principal() => {
                let path = "/Records/0/userIdentity/principalId";
                (Control::Conditional, Charset::SessionName, 64, path)
            }
            _ => return None,
        };
        let (locator, path, role) = (at.clone(), path.to_owned(), Role::Data);
        Some(InjectionPoint { locator, control, charset, max_bytes, role, path })
    }

    fn text(&self, at: &Locator) -> Option<String> {
        match at {
            Locator::ObjectKey => Some(self.key.clone()),
            Locator::Uploader => Some(self.uploader.clone()),
            _ => None,
        }
    }

    fn set(&mut self, at: &Locator, text: &str) -> bool {
        let place = match at {
            Locator::ObjectKey => &mut self.key,
            // AWS STS API, AssumeRole: a session name has two characters at least.
            Locator::Uploader if text.len() >= 2 => &mut self.uploader,
            _ => return false,
        };
        text.clone_into(place);
        true
    }

    fn add(&mut self, _at: &Locator, _text: &str) -> bool {
        false
    }

    fn remove(&mut self, _at: &Locator) -> bool {
        false
    }

    fn set_node(&mut self, _at: &Locator, _node: &Node) -> bool {
        false
    }

    fn edit(&mut self, edit: &Edit) -> bool {
        match edit {
            Edit::EventName(event) => self.event = *event,
            Edit::Size(size) => self.size = *size,
            Edit::Versioned(versioned) => self.versioned = *versioned && !self.event.needs_versions(),
            _ => return false,
        }
        true
    }

    fn most_bytes(&self) -> usize {
        8 * 1024 + 3 * self.key.len() + 6 * (self.uploader.len() + self.bucket.len() + self.region.len())
    }

    fn sendable(&self, _source: EventSource) -> bool {
        // Amazon S3 user guide, since December 2025: an object has at most 50 TB.
        !self.key.is_empty() && self.key.len() <= 1_024 && self.size <= 50 << 40
    }
}

//! Slugs and damaged entries.

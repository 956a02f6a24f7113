//! Starts one confined process tree, reports what it does, ends it completely.

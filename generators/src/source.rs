//! Event sources: the kinds of sender that evfuzz can stand in for.

//! The corpus of nasty files: each was met in the wild, and each has one outcome.

//! Names and constants learnt from the function's own files.

//! Many images of one crystal in one process: which there are, what each one's command line is, which are done already.
//!
//! Not here: rendering them (`run`), the table of options and the help (`cli`).

pub(crate) mod journal;
pub(crate) mod name_pattern;
pub(crate) mod options;
pub(crate) mod plan;

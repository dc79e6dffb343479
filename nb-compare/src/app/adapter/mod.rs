//! Commands that know a program by its adapter: running both sides of one (`run`), writing a first one (`init`).
//!
//! Not here: adapters themselves (`crate::adapter`).

pub(super) mod init;
pub(super) mod run;

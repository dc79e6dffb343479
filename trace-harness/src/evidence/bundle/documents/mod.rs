//! Files of a bundle that are made of its summary: for people, for a shell, and for other programs.
//!
//! Not here: the summary itself and the facts of the machine, which are read back (`summary`, `environment`).

pub mod analysis;
pub mod commands;
pub mod layout;
pub mod ro_crate;

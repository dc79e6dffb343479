//! The program with real simulators, or with scripts in front of them: what the two sides do and what is made of it.
//!
//! Not here: the command line as such (`command_line`) and the page in a browser (`browser`).

#[path = "../../../trace-harness/tests/support/markdown.rs"]
mod markdown;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "not all of it is needed here")]
mod support;

mod adapter;
mod adapters_page;
mod apart;
mod baseline;
mod built_in;
mod c_program;
mod cache;
mod capture;
mod clean;
mod effective;
mod examples;
mod explain;
mod hostile;
mod init;
mod interrupt;
mod kinds;
mod matrix;
mod matrix_of_adapter;
mod memory;
mod noise;
mod pipes;
mod recompute;
mod recomputed_matrix;
mod second_run;
mod tables;
mod traces;
mod variants;

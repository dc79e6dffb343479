//! One list of cases for every matrix: read, prepared, and run several at a time.
//!
//! `trace-harness matrix` judges a case by what is stored of it (digests, ULP, traces), `nb-compare matrix` by the metrics of
//! two images, and the simulator's own tests by its golden data; all of them read the same TOML. Not here: judging.

/// How a list is written, for the help of the programs that read it.
pub const HELP: &str = include_str!("help.txt");

pub mod baseline;
mod fault;
mod former;
pub mod libm;
mod list;
pub mod pack;
mod run;
mod workplace;

pub use fault::{CannotRun, CaseFault, FolderFault, ListError, ListFault, NoPartition};
pub use list::{Case, Cases, ImagePiece, OtherLibm, Wanted, Words, check, in_text, partition};
pub use run::{Judge, run};
pub use workplace::{Prepared, Workplace, folder_of, stored_file};

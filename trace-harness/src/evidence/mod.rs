//! The evidence layer: programs run and measured, what they left kept in bundles, and the pages that show it.
//!
//! Not here: what any program computes, and what a comparison makes of it.

pub mod bundle;
pub mod clock;
pub mod exit;
pub mod failure;
pub mod given;
pub mod held;
pub mod junit;
pub mod page;
pub mod process;
#[cfg(feature = "cli")]
pub mod progress;
pub mod terminal;
pub mod verdict;
pub mod wording;

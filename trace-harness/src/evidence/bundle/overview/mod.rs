//! Over many bundles: what there is, and what is worth remembering.
//!
//! Not here: one bundle.

pub mod index;
pub mod ledger;
pub mod leftovers;

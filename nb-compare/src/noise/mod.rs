//! The reference's own noise: how far its outputs move when its inputs move in their last digit, when it runs with other settings
//! that should not matter, and when it is built otherwise. A candidate that stays within that is as near as the reference is to itself.
//!
//! `moves` moves numbers in texts, `draws` plans the runs, `spread` keeps how far every element moves, `traces` every key, `known`
//! reads that of a bundle for a comparison. A candidate is held against it in `adapter::inside`. Not here: what may move (`adapter`), running programs (`app`), pages (`report`).

pub(crate) mod draws;
pub(crate) mod known;
pub(crate) mod moves;
pub(crate) mod spread;
pub(crate) mod traces;

/// The kind of bundles of it.
pub(crate) const KIND: &str = "noise";

//! Which pixels the spots of a crystal can light, for shapes whose spots end.
//!
//! How far a spot reaches (`extent`), the lattice points near an Ewald sphere (`lattice_points`, `lines`), the pixels that their
//! rays meet (`panel`), the list of all spots of a slab of rows
//! (`list`), slab after slab (`slabs`), and those of a band of rows (`band`); whether that is worth it (`choice`). Not here: the
//! light itself (`shape`).

pub(crate) mod band;
pub(crate) mod choice;
pub(crate) mod extent;
mod lattice_points;
mod lines;
pub(crate) mod list;
pub(crate) mod panel;
pub(crate) mod slabs;

#[cfg(test)]
mod tests;

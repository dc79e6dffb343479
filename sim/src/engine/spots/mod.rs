//! Which pixels the spots of a crystal can light, for shapes whose spots end.
//!
//! How far a spot reaches (`extent`), the lattice points near an Ewald sphere (`lattice_points`, `lines`), the pixels that their
//! rays meet (`panel`), and the lists of all of that (`map`). Not here: the light itself (`shape`).

pub(crate) mod extent;
mod lattice_points;
mod lines;
pub(crate) mod map;
pub(crate) mod panel;

#[cfg(test)]
mod tests;

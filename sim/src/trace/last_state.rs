//! Keeps the last state of a pixel, which is what `-printout` prints.
//!
//! Not here: its text (`text`).

use super::observer::{Amplitude, Lattice, Observer, Outcome, Ray, Step};
use crate::pixel::Pixel;

/// The last state of a pixel.
#[derive(Debug, Clone, Default)]
pub struct LastState {
    /// The pixel.
    pub pixel: Pixel,
    pub(super) ray: Option<Ray>,
    pub(super) step: Option<Step>,
    pub(super) f_latt: f64,
    pub(super) f_cell: f64,
    pub(super) outcome: Option<Outcome>,
}

impl LastState {
    /// Nothing known yet of this pixel.
    pub fn new(pixel: Pixel) -> Self {
        Self { pixel, ..Self::default() }
    }
}

impl Observer for LastState {
    const ENABLED: bool = true;

    fn ray(&mut self, event: &Ray) {
        self.ray = Some(*event);
    }
    fn step(&mut self, event: &Step) {
        self.step = Some(*event);
    }
    fn lattice(&mut self, event: &Lattice) {
        self.f_latt = event.total;
    }
    fn amplitude(&mut self, event: &Amplitude<'_>) {
        self.f_cell = event.f_cell;
    }
    fn outcome(&mut self, event: &Outcome) {
        self.outcome = Some(*event);
    }
}

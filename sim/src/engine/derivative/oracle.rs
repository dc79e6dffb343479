//! Single pixels from the reference engine in double precision, before they become floats of an image.
//!
//! What derivatives are checked against: `photons` for differences, `photons_over` for other numbers with derivatives. Not
//! here: images.

use super::scalar::ScalarPixels;
use crate::engine::reference::carry::Carry;
use crate::engine::reference::pixel::Context;
use crate::model::experiment::Experiment;
use crate::model::quantities::Quantities;
use crate::physics::scalar::Scalar;
use crate::pixel::Pixel;
use crate::trace::observer::{Amplitude, Lattice, Observer, Outcome, Ray, Step};

/// Keeps the photons.
struct Photons(f64);

impl Observer for Photons {
    const ENABLED: bool = true;
    fn ray(&mut self, _: &Ray) {}
    fn step(&mut self, _: &Step) {}
    fn lattice(&mut self, _: &Lattice) {}
    fn amplitude(&mut self, _: &Amplitude<'_>) {}
    fn source_done(&mut self, _: usize, _: f64, _: f64) {}
    fn outcome(&mut self, outcome: &Outcome) {
        self.0 = outcome.photons;
    }
}

/// Photons of pixels, each from the state in which the pixel before it leaves the engine, interpolation always
/// as it starts.
pub fn photons(e: &Experiment, pixels: &[Pixel]) -> Vec<f64> {
    let context = Context::new(e);
    let mut settled = Carry::initial(e);
    let mut one = |pixel: Pixel| {
        let mut kept = Photons(0.0);
        let mut carry = settled;
        context.pixel(pixel, &mut carry, &mut kept);
        settled = carry.with_interpolation(e.interpolate);
        kept.0
    };
    if let Some(pixel) = pixels.first() {
        // The first pixel of all may see an unrotated crystal.
        one(*pixel);
    }
    pixels.iter().map(|pixel| one(*pixel)).collect()
}

/// Photons of pixels over any kind of number, by the plain formulas; `vary` puts the numbers into the experiment's quantities.
/// Interpolation always as it starts.
pub fn photons_over<T: Scalar>(
    e: &Experiment,
    vary: impl FnOnce(&mut Quantities<T>),
    pixels: &[Pixel],
) -> Vec<T> {
    let mut quantities = e.basis.quantities.lifted::<T>();
    vary(&mut quantities);
    let variable = e.basis.variable(&quantities);
    let context = Context::new(e);
    let all = ScalarPixels::new(&context, &variable);
    pixels.iter().map(|pixel| all.photons(*pixel, e.interpolate).0).collect()
}

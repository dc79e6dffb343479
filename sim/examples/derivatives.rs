//! Renders an image with its derivatives by two parameters, and predicts with them what a slightly larger cell would give.
//!
//! `cargo run -p nanobragg --example derivatives`
//!
//! Not here: what a derivative is worth (docs/derivatives.md).

use nanobragg::ndarray::Array2;
use nanobragg::prelude::*;
use std::error::Error;

const FLAGS: &str = "-default_F 100 -cell 70 80 90 90 90 90 -N 6 -misset 10 20 30 -lambda 1 -distance 100 \
                     -detpixels 64 -pixel 0.8";

/// Photons per pixel as they are, as derivatives predict them with a cell longer by `step` angstroms, and as they are then.
pub fn predicted(step: f64) -> Result<[Array2<f64>; 3], Box<dyn Error>> {
    let e = experiment(FLAGS, None)?;
    let parameters = Parameter::list("cell_a,misset_x")?;
    let request = GradientRequest { parameters: &parameters, ..GradientRequest::default() };
    let (_, now) = image_and_gradients(&e, &RenderOptions::default(), &request)?;
    let kept = "the request keeps them";
    let photons = now.photons().ok_or(kept)?;
    let predicted = &photons + &(&now.by(0) * step);

    let longer = e.moved_by(parameters[0], step).ok_or("an experiment with a cell")?;
    let then = gradients(&longer, &GradientRequest::default())?;
    Ok([photons.to_owned(), predicted, then.photons().ok_or(kept)?.to_owned()])
}

/// The largest difference of two images, photons.
pub fn largest_difference(a: &Array2<f64>, b: &Array2<f64>) -> f64 {
    (a - b).iter().fold(0.0, |largest: f64, x| largest.max(x.abs()))
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let [now, predicted, then] = predicted(1e-3)?;
    println!(
        "a cell longer by 0.001 angstroms changes pixels by up to {:e}",
        largest_difference(&then, &now)
    );
    println!("derivatives predict that to within {:e}", largest_difference(&then, &predicted));
    Ok(())
}

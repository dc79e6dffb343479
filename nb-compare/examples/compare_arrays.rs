//! Compares two arrays in memory: one that agrees but for rounding, and one that correlates perfectly and is 126,451 times too
//! bright.

use std::error::Error;

use nb_compare::prelude::*;

/// A reference image of some spots on a background.
pub fn reference() -> Raster<f64> {
    let data = (0..64 * 48_u32).map(|i| {
        let (fast, slow) = (f64::from(i % 64), f64::from(i / 64));
        3.0 + 500.0 * (-((fast % 16.0 - 8.0).powi(2) + (slow % 16.0 - 8.0).powi(2)) / 6.0).exp()
    });
    Raster { fast: 64, slow: 48, data: data.collect() }
}

/// What gates say of an image that should be the reference.
///
/// # Errors
/// The images have different shapes.
pub fn judge(candidate: Raster<f64>, gates: Gates) -> Result<Judgement, Misfit> {
    let (a, b) = (Image::from(reference()), Image::from(candidate));
    let settings = Settings { gates, ..Settings::default() };
    Ok(compare(&a, &b, &settings)?.judgement)
}

/// Prints what comes of it.
///
/// # Errors
/// Those of the library.
pub fn main() -> Result<(), Box<dyn Error>> {
    let rounded =
        judge(reference().map(|v| v * (1.0 + 1e-15)), Gates { max_ulp: Some(8), ..Gates::default() })?;
    println!("{}: {}", rounded.verdict, rounded.reason);
    let bright = judge(reference().map(|v| v * 126_451.0), Gates::default())?;
    println!("{}: {}", bright.verdict, bright.reason);
    Ok(())
}

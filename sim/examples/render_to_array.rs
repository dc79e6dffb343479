//! Renders a small crystal into an array of shape (slow, fast), and finds its brightest pixel.
//!
//! `cargo run -p nanobragg --example render_to_array`
//!
//! Not here: files, which the program `nanobragg` writes.

use nanobragg::ndarray::Array2;
use nanobragg::prelude::*;
use std::error::Error;

/// Structure factors of a list of reflections, in electrons: F falls off with the index.
fn reflections() -> Result<ReflectionGrid, Box<dyn Error>> {
    let mut list = Vec::new();
    for h in -20..=20 {
        for k in -20..=20 {
            for l in -20..=20 {
                list.push(([h, k, l], 200.0 / f64::from(1 + h * h + k * k + l * l).sqrt()));
            }
        }
    }
    Ok(ReflectionGrid::from_list(&list, 0.0)?)
}

/// Photons per pixel.
pub fn photons() -> Result<Array2<f32>, Box<dyn Error>> {
    let e = ExperimentBuilder::new()
        .cell(UnitCell::new(70.0, 80.0, 90.0, 90.0, 90.0, 90.0))
        .cells(6, 6, 6)
        .misset_degrees(10.0, 20.0, 30.0)
        .structure_factors(reflections()?)
        .wavelength_angstroms(1.0)
        .distance_mm(100.0)
        .pixels(96, 64)
        .pixel_size_mm(0.8)
        .build()?;
    let render = render(&e, &RenderOptions::default())?;
    Ok(render.image.view().ok_or("an image of the size it says")?.to_owned())
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let photons = photons()?;
    let brightest = photons.indexed_iter().max_by(|a, b| a.1.total_cmp(b.1)).ok_or("an image with pixels")?;
    let ((slow, fast), value) = brightest;
    println!("{:?} pixels; the brightest, slow {slow}, fast {fast}, has {value} photons", photons.dim());
    Ok(())
}

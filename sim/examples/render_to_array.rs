//! Renders a small crystal into an array of shape (slow, fast), and finds its brightest pixel.
//!
//! `cargo run -p nanobragg --example render_to_array`
//!
//! Not here: files, which the program `nanobragg` writes.

use nanobragg::ndarray::Array2;
use nanobragg::prelude::*;
use std::error::Error;

const FLAGS: &str = "-cell 70 80 90 90 90 90 -N 6 -misset 10 20 30 -lambda 1 -distance 100 \
                     -detpixels_x 96 -detpixels_y 64 -pixel 0.8";

/// Structure factors of a list of reflections, in electrons: F falls off with the index.
fn reflections() -> Result<ReflectionGrid, Box<dyn Error>> {
    let mut grid = ReflectionGrid::from_fn([(-20, 20); 3], |_| 0.0)?;
    for h in -20..=20 {
        for k in -20..=20 {
            for l in -20..=20 {
                let at = grid.index(h, k, l).ok_or("an index inside the list")?;
                grid.values[at] = 200.0 / f64::from(1 + h * h + k * k + l * l).sqrt();
            }
        }
    }
    Ok(grid)
}

/// Photons per pixel.
pub fn photons() -> Result<Array2<f32>, Box<dyn Error>> {
    let e = experiment(FLAGS, Some(reflections()?))?;
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

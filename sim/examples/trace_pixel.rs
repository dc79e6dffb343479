//! Says how the value of one pixel comes about: the reference's own keys and order, then each rotation step.
//!
//! `cargo run -p nanobragg --example trace_pixel`
//!
//! Not here: comparing two traces (`trace-harness diff`).

use nanobragg::prelude::*;
use nanobragg::trace::text;
use std::error::Error;

const FLAGS: &str = "-default_F 100 -cell 70 80 90 90 90 90 -N 6 -misset 10 20 30 -lambda 1 -distance 100 \
                     -detpixels 64 -pixel 0.8 -oversample 1 -phi 1 -osc 2 -phisteps 3";

/// The trace of a pixel as text, and its photons in the image.
pub fn trace(pixel: Pixel) -> Result<(String, f32), Box<dyn Error>> {
    let e = experiment(FLAGS, None)?;
    let options = RenderOptions { trace: &[pixel], depth: TraceDepth::Phi, ..RenderOptions::default() };
    let render = render(&e, &options)?;
    let log = render.traces.first().ok_or("a pixel of the rendered region")?;
    let photons = render.image.get(pixel).ok_or("a pixel of the image")?;
    Ok((text::pixel(&e, &Defects::default(), log), *photons))
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let (text, photons) = trace(Pixel { slow: 20, fast: 40 })?;
    println!("{text}photons: {photons}");
    Ok(())
}

//! Compares two traces of a pixel and says which quantity differs first, and what follows from it.

use std::error::Error;
use std::path::Path;

use trace_harness::prelude::*;

/// A trace as a simulator prints it; `fluence` in photons per square metre.
fn trace(fluence: f64) -> String {
    const R_E_SQR: f64 = 7.94e-30;
    let (i_before_scaling, polar, omega) = (4.0e6, 0.91, 1.0e-6);
    let photons = R_E_SQR * fluence * i_before_scaling * polar * omega;
    format!(
        "TRACE_C: r_e_sqr {R_E_SQR:e}\nTRACE_C: fluence_photons_per_m2 {fluence:e}\n\
         TRACE_C: I_before_scaling {i_before_scaling:e}\nTRACE_C: polar {polar}\nTRACE_C: omega_pixel_sr {omega:e}\n\
         TRACE_C: I_pixel_final {photons:e}\n"
    )
}

/// The comparison of a reference with a candidate that never computed its fluence from the flux.
///
/// # Errors
/// A text is no trace.
pub fn comparison() -> Result<Comparison, Box<dyn Error>> {
    let schema = Schema::built_in()?;
    let mut traces = Vec::new();
    for (name, fluence) in [("reference.log", 1.0e24), ("candidate.log", 1.264_51e29)] {
        let mut trace = read_bytes(trace(fluence).as_bytes(), Path::new(name))?;
        trace.apply(&schema);
        traces.push(trace);
    }
    let settings = Settings { tolerances: Tolerances::default(), min_compared: 1, ..Settings::default() };
    Ok(compare(&schema, [&traces[0], &traces[1]], &settings))
}

/// Prints what comes of it.
///
/// # Errors
/// Those of the library.
pub fn main() -> Result<(), Box<dyn Error>> {
    let found = comparison()?;
    println!("{}: {}", found.verdict, found.reason);
    for cause in &found.root_causes {
        let [reference, candidate] = &cause.first.values;
        println!("{}: {reference:?} and {candidate:?}, from which follow {:?}", cause.key, cause.downstream);
    }
    Ok(())
}

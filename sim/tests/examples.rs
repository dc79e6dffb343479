//! The examples of `sim/examples/` run, and show what they say.
//!
//! Not here: the example of the crate's documentation, which `cargo test --doc` runs.

#[path = "../examples/derivatives.rs"]
mod derivatives;
#[path = "../examples/render_to_array.rs"]
mod render_to_array;
#[path = "../examples/trace_pixel.rs"]
mod trace_pixel;

use nanobragg::prelude::Pixel;

#[test]
fn every_example_ends_well() {
    let examples = [render_to_array::main, derivatives::main, trace_pixel::main];
    for example in examples {
        example().expect("an example runs");
    }
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let files = std::fs::read_dir(folder).expect("the folder of examples").count();
    assert_eq!(files, examples.len(), "an example is not run here");
}

#[test]
fn an_array_of_the_image_has_rows_and_columns_in_this_order_and_spots() {
    let photons = render_to_array::photons().expect("an image");
    assert_eq!(photons.dim(), (64, 96));
    let mean = photons.mean().expect("pixels");
    assert!(photons.iter().any(|x| *x > 100.0 * mean), "no spot stands out");
}

#[test]
fn what_derivatives_predict_is_wrong_only_in_second_order() {
    let error = |step| {
        let [now, predicted, then] = derivatives::predicted(step).expect("derivatives");
        let [change, rest] = [&now, &predicted].map(|x| derivatives::largest_difference(&then, x));
        assert!(rest < 0.1 * change, "{rest} of {change}");
        rest
    };
    // Half the step leaves a quarter of the error.
    let ratio = error(2e-3) / error(1e-3);
    assert!((ratio - 4.0).abs() < 0.5, "{ratio}");
}

#[test]
fn a_trace_ends_with_the_photons_of_its_pixel() {
    let (text, photons) = trace_pixel::trace(Pixel { slow: 20, fast: 40 }).expect("a trace");
    assert!(text.starts_with("TRACE_RS_PIXEL 20 40\n"), "{text}");
    assert_eq!(text.matches("TRACE_RS_PHI ").count(), 3, "{text}");
    let last = text.lines().rev().find_map(|line| line.strip_prefix("TRACE_RS: I_pixel_final "));
    let traced: f64 = last.expect("the last key of the reference").parse().expect("a number");
    assert!(photons > 0.0 && traced as f32 == photons, "{traced} {photons}");
}

//! What a session renders is what one call renders, whatever was rendered in it before.
//!
//! Not here: that one call gives the reference's bytes (`golden_parity`), derivatives their values (`derivatives`).

use std::sync::Arc;

use nanobragg::prelude::*;

const COMMON: &str = "-cell 34.77 39.17 48.31 90 95 90 -misset 10 20 30 -lambda 1 -distance 100 -seed 1";

/// Shapes, sizes, what is looked up and what is left out: each differs from the one before in something a session keeps.
const COMMANDS: [&str; 11] = [
    "-detpixels 96 -N 12 -gauss_xtal -mosaic 0.3 -mosaic_dom 10 -phi 0 -osc 1 -phisteps 5 -oversample 1",
    "-detpixels 96 -N 40 -gauss_xtal -oversample 1",
    "-detpixels 96 -N 8 -tophat_spots -mosaic 0.3 -mosaic_dom 10 -oversample 1",
    "-detpixels 96 -N 12 -oversample 2",
    "-detpixels 96 -N 12 -oversample 1 -roi 10 70 20 50",
    "-detpixels_x 70 -detpixels_y 131 -N 12 -round_xtal -oversample 1",
    "-detpixels 96 -N 12 -default_F 100 -oversample 1",
    "-detpixels 96 -N 3 -interpolate -oversample 1 -phi 0 -osc 1 -phisteps 3",
    "-detpixels 96 -N 12 -gauss_xtal -oversample 1 -dmin 2",
    "-detpixels 96 -N 12 -gauss_xtal -oversample 1 -water 1",
    "-detpixels 96 -N 12 -curved_det -oversample 1",
];

fn amplitudes(scale: f64) -> Arc<ReflectionGrid> {
    let amplitude = |i: usize| scale * (10.0 + (i * 7919 % 101) as f64);
    Arc::new(ReflectionGrid::from_fn([(-30, 30); 3], amplitude).expect("a small list"))
}

/// All commands with one list, then two of them with another one, which has its size, and one with a mask.
fn experiments() -> Vec<(String, Experiment)> {
    let [list, other] = [1.0, 3.0].map(amplitudes);
    let build = |flags: &str, list: &Arc<ReflectionGrid>, mask: Option<Vec<u16>>| {
        let builder = ExperimentBuilder::from_flags(&format!("{COMMON} {flags}")).expect("flags");
        let builder = builder.structure_factors(Arc::clone(list));
        let e = mask.into_iter().fold(builder, ExperimentBuilder::mask).build().expect("a small experiment");
        (flags.to_owned(), e)
    };
    let every_third = (0..96 * 96).map(|i| u16::from(i % 3 != 0)).collect();
    let mut all: Vec<_> = COMMANDS.iter().map(|flags| build(flags, &list, None)).collect();
    all.extend([COMMANDS[0], COMMANDS[3]].map(|flags| build(flags, &other, None)));
    all.push(build(COMMANDS[0], &list, Some(every_third)));
    all
}

fn bits(image: &Raster<f32>) -> Vec<u32> {
    image.data.iter().map(|photons| photons.to_bits()).collect()
}

#[test]
fn every_image_of_a_session_has_the_bits_of_one_by_itself() {
    for (engine, threads) in
        [(Engine::Exact, 1), (Engine::Exact, 2), (Engine::Fast, 1), (Engine::Reference, 1)]
    {
        let options = RenderOptions { engine, threads, ..RenderOptions::default() };
        let mut session = Session::default();
        for (flags, e) in experiments() {
            // Memory in which every pixel that is not written shows.
            let [fast, slow] = e.pixels();
            session.reuse(Raster { fast, slow, data: vec![f32::NAN; fast * slow] });
            let [ours, alone] =
                [session.render(&e, &options), render(&e, &options)].map(|r| r.expect("an image"));
            assert_eq!(bits(&ours.image), bits(&alone.image), "{engine:?}, {threads} threads: {flags}");
            assert_eq!(ours.paths, alone.paths, "{flags}");
            assert_eq!(ours.solid_angle_sum.to_bits(), alone.solid_angle_sum.to_bits(), "{flags}");
            session.reuse(ours.image);
        }
    }
}

#[test]
fn derivatives_of_a_session_have_the_bits_of_those_by_themselves() {
    let all: Vec<Parameter> = Parameter::all().chain([Parameter::Reflection([1, 2, 3])]).collect();
    let mut session = Session::default();
    let mut compared = 0;
    for (flags, e) in experiments() {
        let parameters: Vec<Parameter> =
            all.iter().copied().filter(|p| gradients(&e, &wanted(std::slice::from_ref(p))).is_ok()).collect();
        for threads in [1, 2] {
            let request = GradientRequest { threads, ..wanted(&parameters) };
            let options = RenderOptions { threads, ..RenderOptions::default() };
            let (image, alone) = image_and_gradients(&e, &options, &request).expect("derivatives");
            for again in 0..2 {
                let (ours, derivatives) =
                    session.image_and_gradients(&e, &options, &request).expect("derivatives");
                assert_eq!(bits(&ours.image), bits(&image.image), "{flags}, {again}");
                assert!(derivatives.photons() == alone.photons(), "{flags}, {again}");
                for (i, parameter) in parameters.iter().enumerate() {
                    assert!(derivatives.by(i) == alone.by(i), "{flags} by {parameter}, {again}");
                    compared += 1;
                }
                // The next is computed into these.
                session.reuse(ours.image);
                session.reuse_gradients(derivatives);
            }
        }
    }
    assert!(compared > 300, "{compared} derivatives compared");
}

fn wanted(parameters: &[Parameter]) -> GradientRequest<'_> {
    GradientRequest { parameters, ..GradientRequest::default() }
}

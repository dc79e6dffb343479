//! What derivatives cost beside the image alone: both in turn, in one process, printed as ratios.
//! Not here: whole runs of the program (`whole_process`).
//!
//! `cargo bench -p nanobragg --bench derivatives -- [--rounds N] [--threads N] [--row WORD] [--only image|both]`
//!
//! Rows are made-up cells, and the everyday commands of a small protein. `--only` computes each row once and prints nothing: for counting instructions.

#[path = "everyday/mod.rs"]
mod everyday;

use everyday::SMALL_CELL;
use nanobragg::builder;
use nanobragg::engine::derivative::{GradientRequest, gradients};
use nanobragg::engine::{RenderOptions, Session};
use nanobragg::input::grid::ReflectionGrid;
use nanobragg::model::experiment::Experiment;
use nanobragg::model::parameter::Parameter;
use rustix::time::{ClockId, clock_gettime};
use std::hint::black_box;
use std::time::Instant;

const COMMON: &str = "-cell 100 110 120 85 95 100 -default_F 100 -lambda 1 -distance 150 -pixel 0.2 -detpixels 512 \
                      -misset 10 20 30 -oversample 1 -seed 1";
const ROWS: &[(&str, &str)] = &[
    ("square, 10 rotation steps", "-N 20 -phi 0 -osc 1 -phisteps 10"),
    ("square, one step", "-N 20"),
    (
        "square, 10 steps x 4 domains",
        "-N 20 -phi 0 -osc 1 -phisteps 10 -mosaic 0.3 -mosaic_dom 4 -detpixels 256",
    ),
    ("round, 10 rotation steps", "-N 20 -round_xtal -phi 0 -osc 1 -phisteps 10"),
    ("gauss, 10 rotation steps", "-N 20 -gauss_xtal -phi 0 -osc 1 -phisteps 10"),
    ("curved detector", "-N 20 -curved_det"),
    ("interpolated, 10 rotation steps", "-N 20 -interpolate -phi 0 -osc 1 -phisteps 10 -detpixels 256"),
    (
        "interpolated, long wavelength",
        "-lambda 6.2 -N 5 -interpolate -phi 0 -osc 1 -phisteps 5 -detpixels 256",
    ),
    ("polarised, 2x2 sub-pixels", "-N 20 -polar 0.9 -oversample 2"),
];
const EIGHT: &str = "misset_x,misset_y,misset_z,cell_a,cell_b,cell_c,distance,wavelength";

fn experiment(flags: &str) -> Experiment {
    let reflections = flags
        .contains("-interpolate")
        .then(|| ReflectionGrid::from_fn([(-30, 30); 3], |i| 10.0 + (i * 7919 % 101) as f64).expect("small"));
    builder::experiment(&format!("{COMMON} {flags}"), reflections).expect("a small experiment")
}

/// All rows, those of every day last.
fn experiments(row: &str) -> impl Iterator<Item = (&'static str, Experiment)> {
    let made_up = ROWS
        .iter()
        .filter(move |(name, _)| name.contains(row))
        .map(|(name, flags)| (*name, experiment(flags)));
    let small = everyday::ROWS.iter().filter(move |(name, _)| name.contains(row)).map(|(name, flags)| {
        let list = ReflectionGrid::from_list(&everyday::reflections(), 0.0).expect("a list");
        (
            *name,
            builder::experiment(&format!("{SMALL_CELL} {flags} -seed 1"), Some(list))
                .expect("a small experiment"),
        )
    });
    made_up.chain(small)
}

fn on_threads(threads: usize) -> RenderOptions<'static> {
    RenderOptions { threads, ..RenderOptions::default() }
}

fn image(session: &mut Session, e: &Experiment, threads: usize) {
    let render = session.render(e, &on_threads(threads)).expect("an image");
    session.reuse(black_box(render).image);
}

fn both(session: &mut Session, e: &Experiment, parameters: &[Parameter], threads: usize) {
    // The image has the photons.
    let wanted = GradientRequest { parameters, threads, no_photons: true, ..GradientRequest::default() };
    let both = session.image_and_gradients(e, &on_threads(threads), &wanted);
    let (render, gradients) = black_box(both).expect("an image and derivatives");
    session.reuse(render.image);
    session.reuse_gradients(gradients);
}

/// As programs do that need one image only: memory is the system's to find, and to clear.
fn both_alone(e: &Experiment, parameters: &[Parameter], threads: usize) {
    both(&mut Session::default(), e, parameters, threads);
}

fn derivatives(e: &Experiment, parameters: &[Parameter], threads: usize, scalar: bool) {
    black_box(
        gradients(e, &GradientRequest { parameters, threads, scalar, ..GradientRequest::default() })
            .expect("derivatives"),
    );
}

/// Processor time of this thread so far, s: on a machine that others use too it is what can be compared.
fn processor_time() -> f64 {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    now.tv_sec as f64 + now.tv_nsec as f64 / 1e9
}

/// Processor time of what one thread does; with more of them the time that passes.
fn seconds(threads: usize, work: &mut dyn FnMut()) -> f64 {
    let (start, before) = (Instant::now(), processor_time());
    work();
    if threads == 1 { processor_time() - before } else { start.elapsed().as_secs_f64() }
}

/// Medians of what is run in turn.
fn medians((rounds, threads): (usize, usize), work: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut times = vec![vec![]; work.len()];
    for _ in 0..rounds {
        for (work, times) in work.iter_mut().zip(&mut times) {
            times.push(seconds(threads, work));
        }
    }
    times
        .iter_mut()
        .map(|times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect()
}

/// What the command line asks for.
struct Options {
    rounds: usize,
    threads: usize,
    row: String,
    only: Option<String>,
}

fn options() -> Options {
    let mut options = Options { rounds: 5, threads: 1, row: String::new(), only: None };
    let mut arguments = std::env::args().skip(1);
    while let Some(word) = arguments.next() {
        let mut value = || arguments.next().expect("a value after the flag");
        let count = |text: String| text.parse().expect("a whole number after the flag");
        match word.as_str() {
            "--rounds" => options.rounds = count(value()),
            "--threads" => options.threads = count(value()),
            "--row" => options.row = value(),
            "--only" => options.only = Some(value()),
            // Cargo adds it.
            "--bench" => {}
            _ => panic!("unknown word `{word}`, expected --rounds, --threads, --row or --only"),
        }
    }
    options
}

fn main() {
    let Options { rounds, threads, row, only } = options();
    let eight = Parameter::list(EIGHT).expect("names");
    if let Some(only) = only {
        for (_, e) in experiments(&row) {
            match only.as_str() {
                "image" => image(&mut Session::default(), &e, threads),
                "both" => both_alone(&e, &eight, threads),
                _ => panic!("unknown value `{only}` of --only, expected image or both"),
            }
        }
        return;
    }
    println!(
        "{rounds} rounds in turn, {threads} thread(s), medians; memory is used again unless fresh; engine exact; 8 parameters: {EIGHT}"
    );
    for (name, e) in experiments(&row) {
        let [mut images, mut ones, mut eights] = [(); 3].map(|()| Session::default());
        let times = medians(
            (rounds, threads),
            &mut [
                &mut || image(&mut images, &e, threads),
                &mut || both(&mut ones, &e, &eight[..1], threads),
                &mut || both(&mut eights, &e, &eight, threads),
                &mut || image(&mut Session::default(), &e, threads),
                &mut || both_alone(&e, &eight, threads),
            ],
        );
        let [value, one, all] = [times[0], times[1], times[2]];
        println!(
            "{name:<32} image {:>8.1} ms; with 1 derivative {:.2}x, with 8 {:.2}x; each further one {:.3}x; in fresh memory \
             {:.1} ms, with 8 {:.2}x",
            value * 1e3,
            one / value,
            all / value,
            (all - one) / value / 7.0,
            times[3] * 1e3,
            times[4] / times[3],
        );
    }
    let e = experiment("-N 20 -detpixels 128");
    let times = medians(
        (rounds, threads),
        &mut [&mut || derivatives(&e, &eight, threads, false), &mut || {
            derivatives(&e, &eight, threads, true)
        }],
    );
    println!(
        "numbers that carry eight derivatives, pixel by pixel: {:.0}x the kernel's time",
        times[1] / times[0]
    );
}

//! What 40 images of one crystal cost in one process beside 40 runs of the program.
//! Not here: single runs (`whole_process`).
//!
//! `cargo bench -p nanobragg --bench series -- [--rounds N]`
//!
//! Images of a rotation by the recipe of `everyday`, on one thread, each from its own angle. Runs and the program's own series write
//! the float and the integer image, the other two the float image; each in place of the one before but for the program's series, which
//! writes them all. All take turns, and every image of the runs and of the program's series is held against that of a session.

#[path = "everyday/mod.rs"]
mod everyday;

use everyday::{DIALS, ROWS, SMALL_CELL};
use nanobragg::prelude::*;
use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use wait4::Wait4;

const IMAGES: usize = 40;
const FLOAT: &str = "float.bin";
/// Rotation of an image, degrees.
const RANGE: f64 = 0.5;

/// The same command, with the angle at which an image starts.
fn flags(image: usize) -> String {
    let (_, flags) = ROWS.iter().find(|(name, _)| *name == DIALS).expect("the recipe is a row");
    format!("{SMALL_CELL} {flags} -seed 1 -phi {}", image as f64 * RANGE)
}

/// Writes an image as the program does: whole, then in place of the one before.
fn write_float(folder: &Path, pixels: &[f32]) {
    let new = folder.join("new.bin");
    std::fs::write(&new, bytemuck::cast_slice(pixels)).expect("a temporary folder takes files");
    std::fs::rename(new, folder.join(FLOAT)).expect("files can be renamed");
}

fn list() -> Arc<ReflectionGrid> {
    Arc::new(ReflectionGrid::from_list(&everyday::reflections(), 0.0).expect("a list"))
}

fn experiment(list: &Arc<ReflectionGrid>, image: usize) -> Experiment {
    let builder = ExperimentBuilder::from_flags(&flags(image)).expect("flags");
    builder.structure_factors(Arc::clone(list)).build().expect("an experiment")
}

/// All images through one session.
fn in_a_session(folder: &Path) {
    let (list, mut session) = (list(), Session::default());
    for image in 0..IMAGES {
        let options = RenderOptions { threads: 1, ..RenderOptions::default() };
        let render = session.render(&experiment(&list, image), &options).expect("an image");
        write_float(folder, &render.image.data);
        session.reuse(render.image);
    }
}

/// All images by single calls.
fn by_calls(folder: &Path) {
    let list = list();
    for image in 0..IMAGES {
        let options = RenderOptions { threads: 1, ..RenderOptions::default() };
        let render = render(&experiment(&list, image), &options).expect("an image");
        write_float(folder, &render.image.data);
    }
}

/// Processor seconds of a program from start to exit.
fn cost(command: &mut Command) -> f64 {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let used = command.spawn().expect("a program").wait4().expect("its resources");
    assert!(used.status.success(), "{command:?}: {}", used.status);
    (used.rusage.utime + used.rusage.stime).as_secs_f64()
}

/// The program, with what all images share.
fn program(folder: &Path, before: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nanobragg"));
    command.args(before).args(["--threads", "1", "-hkl", "protein.hkl", "-nonoise", "-nopgm", "-noprogress"]);
    command.current_dir(folder);
    command
}

/// Processor seconds of `nanobragg series`; its images are held against those of `ours`.
fn by_series(folder: &Path, ours: &[Vec<f32>]) -> f64 {
    let count = IMAGES.to_string();
    let mut command = program(folder, &["series", "--images", &count, "--first", "0", "--again", "--quiet"]);
    command
        .args(["-floatfile", "series_%d.bin", "-intfile", "series_%d.img"])
        .args(flags(0).split_whitespace());
    let seconds = cost(&mut command);
    for (image, ours) in ours.iter().enumerate() {
        let theirs = std::fs::read(folder.join(format!("series_{image}.bin"))).expect("an image");
        assert!(theirs == bytemuck::cast_slice::<f32, u8>(ours), "image {image} of the series differs");
    }
    seconds
}

/// Processor seconds of 40 runs of the program; its images are held against those of `ours`.
fn by_runs(folder: &Path, ours: &[Vec<f32>]) -> f64 {
    let mut seconds = 0.0;
    for (image, ours) in ours.iter().enumerate() {
        let mut command = program(folder, &[]);
        command.args(["-floatfile", FLOAT, "-intfile", "int.img"]).args(flags(image).split_whitespace());
        seconds += cost(&mut command);
        let theirs = std::fs::read(folder.join(FLOAT)).expect("an image");
        assert!(theirs == bytemuck::cast_slice::<f32, u8>(ours), "image {image} differs");
    }
    seconds
}

/// Processor seconds of this program doing one of the other two.
fn by_self(how: &str, folder: &Path) -> f64 {
    let this = std::env::current_exe().expect("this program");
    cost(Command::new(this).args([how, "."]).current_dir(folder))
}

/// The images of a session.
fn images() -> Vec<Vec<f32>> {
    let (list, mut session) = (list(), Session::default());
    let options = RenderOptions { threads: 1, ..RenderOptions::default() };
    let mut one = |image| session.render(&experiment(&list, image), &options).expect("an image").image.data;
    (0..IMAGES).map(&mut one).collect()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let rounds = match arguments[..] {
        ["session", folder] => return in_a_session(Path::new(folder)),
        ["calls", folder] => return by_calls(Path::new(folder)),
        [] => 5,
        ["--rounds", number] => number.parse().expect("a whole number after --rounds"),
        _ => panic!("unknown words {arguments:?}, expected --rounds N"),
    };
    let images = images();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut text = String::new();
    for ([h, k, l], f) in everyday::reflections() {
        writeln!(text, "{h} {k} {l} {f}").expect("a string takes everything");
    }
    std::fs::write(folder.path().join("protein.hkl"), text).expect("a temporary folder takes files");
    let mut taken = [const { Vec::new() }; 4];
    for _ in 0..rounds {
        taken[0].push(by_runs(folder.path(), &images));
        taken[1].push(by_self("calls", folder.path()));
        taken[2].push(by_self("session", folder.path()));
        taken[3].push(by_series(folder.path(), &images));
    }
    let [runs, calls, session, series] = taken.map(median);
    println!("{IMAGES} images of `{DIALS}`, {rounds} rounds in turn, one thread, processor seconds, medians");
    println!(
        "runs of the program {runs:.3} s; calls of `render` {calls:.3} s ({:.0} %); a session {session:.3} s ({:.0} %); \
         `nanobragg series` {series:.3} s ({:.0} %)",
        100.0 * calls / runs,
        100.0 * session / runs,
        100.0 * series / runs
    );
}

//! What `nb-compare files` costs on two images of 4096 x 4096 floats, whole and metric by metric, on one core.
//!
//! `cargo bench -p nb-compare --bench large_images` prints it; `same_in_python.py` beside this file then computes the same
//! figures with NumPy, SciPy and scikit-image from the files that this leaves, whose folder is its argument.
//! Not here: whether the figures are right (`tests/independent.rs`).

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nanobragg::image::float_raw;
use nanobragg::image::raster::Raster;
use nb_compare::compare::metrics::{agreement, correlation, differences, rank, shift, ssim, ulp};
use nb_compare::compare::peaks::{PeakOptions, compare};
use nb_compare::compare::region::{Region, Roi};
use wait4::Wait4;

const SIDE: usize = 4096;

/// Spots on a sloping background with noise; `seed` changes the noise only.
fn image(seed: u64) -> Raster<f32> {
    let mut state = seed;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32 - 0.5
    };
    let mut data = Vec::with_capacity(SIDE * SIDE);
    for slow in 0..SIDE {
        for fast in 0..SIDE {
            let (x, y) = ((fast % 64) as f32 - 31.3, (slow % 64) as f32 - 30.8);
            let spot =
                5000.0 * (-(x * x + y * y) / 5.0).exp() * ((fast / 64 * 7 + slow / 64 * 13) % 11) as f32;
            data.push(20.0 + slow as f32 * 0.01 + spot + noise() * 4.0);
        }
    }
    Raster { fast: SIDE, slow: SIDE, data }
}

fn files(folder: &Path, images: &[Raster<f32>; 2]) -> [PathBuf; 2] {
    let write = |name: &str, image: &Raster<f32>| {
        let path = folder.join(name);
        let mut file = std::io::BufWriter::new(fs::File::create(&path).expect("a file"));
        float_raw::write(&mut file, image).expect("an image");
        path
    };
    [write("a.bin", &images[0]), write("b.bin", &images[1])]
}

/// User and system seconds of the whole program, and its largest memory in bytes: the best of three.
fn whole(paths: &[PathBuf; 2]) -> (f64, u64) {
    let once = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_nb-compare"));
        command.arg("files").args(paths).arg("--quiet").env("RAYON_NUM_THREADS", "1").stdout(Stdio::null());
        let ended = command.spawn().and_then(|mut child| child.wait4()).expect("a run");
        ((ended.rusage.utime + ended.rusage.stime).as_secs_f64(), ended.rusage.maxrss)
    };
    (0..3).map(|_| once()).min_by(|x, y| x.0.total_cmp(&y.0)).expect("three runs")
}

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let clock = Instant::now();
    let result = black_box(work());
    println!("  {name:<24}{:>8.3} s", clock.elapsed().as_secs_f64());
    result
}

fn by_metric(images: &[Raster<f32>; 2]) {
    let [a, b] = images;
    let region = Region::new(a, b, Roi::whole(SIDE, SIDE), None);
    let totals = timed("sums and differences", || differences::totals(&a.data, &b.data));
    timed("residual", || differences::residual(&a.data, &b.data, &totals));
    timed("correlation", || correlation::pearson(&a.data, &b.data, &totals));
    timed("log correlation", || correlation::log_pearson(&a.data, &b.data, &totals));
    timed("rank correlation", || rank::spearman(&a.data, &b.data, &totals));
    timed("agreement", || agreement::agreement(&a.data, &b.data, agreement::TOLERANCE));
    timed("ULP", || ulp::summary(&a.data, &b.data));
    timed("SSIM", || ssim::ssim(&region, &totals));
    timed("shift", || shift::shift(&region, &totals));
    timed("peaks", || compare(&region, &PeakOptions::default()));
}

fn main() {
    // Cargo also builds benchmarks to test them: nothing to time then.
    if !std::env::args().any(|word| word == "--bench") {
        return;
    }
    rayon::ThreadPoolBuilder::new().num_threads(1).build_global().expect("one thread");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let images = [image(1), image(2)];
    let paths = files(folder, &images);
    println!("two images of {SIDE} x {SIDE} floats in {}", folder.display());
    let (seconds, memory) = whole(&paths);
    let both = (2 * SIDE * SIDE * 4) as f64;
    println!(
        "nb-compare files, one core: {seconds:.2} s user and system, {:.2} times the images' memory",
        memory as f64 / both
    );
    println!("in one process, wall time:");
    by_metric(&images);
}

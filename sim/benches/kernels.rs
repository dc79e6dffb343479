//! What single pieces of the engines cost: sine, lattice factor, tricubic interpolation, a block of a row.
//! Not here: whole runs (`whole_process`), derivatives.
//!
//! `cargo bench -p nanobragg --features benches --bench kernels -- [WORD]`; throughput is in sines, factors or terms per second.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use nanobragg::Pixel;
use nanobragg::builder;
use nanobragg::engine::Precision;
use nanobragg::engine::for_benches::{PIXELS, Rows, sines};
use nanobragg::model::experiment::Experiment;
use nanobragg::physics::interpolation::tricubic;
use nanobragg::physics::lattice::{sinc3, sincg};

const COMMON: &str = "-cell 79 79 38 90 90 90 -default_F 100 -lambda 0.9768 -distance 231 -pixel 0.172 -detpixels 512 \
                      -misset 10 20 30 -oversample 1 -nointerpolate -seed 1";

/// Name and flags of what a block is rendered of.
const BLOCKS: &[(&str, &str)] = &[
    ("square, 10 rotation steps", "-Na 36 -Nb 47 -Nc 29 -phi 1 -osc 0.1 -phisteps 10"),
    ("square, one step", "-N 30"),
    ("round, 10 rotation steps", "-N 30 -round_xtal -phi 1 -osc 0.1 -phisteps 10"),
    ("gauss, 10 rotation steps", "-N 30 -gauss_xtal -phi 1 -osc 0.1 -phisteps 10"),
    ("tophat, 10 rotation steps", "-N 30 -tophat_spots -phi 1 -osc 0.1 -phisteps 10"),
];

/// Arguments as the engines meet them: π times an index, times the number of cells.
fn arguments() -> [f64; PIXELS] {
    std::array::from_fn(|i| std::f64::consts::PI * (3.0 + 0.137 * i as f64) * 36.0)
}

fn sine(c: &mut Criterion) {
    let mut group = c.benchmark_group("sine");
    group.throughput(Throughput::Elements(PIXELS as u64));
    let x = arguments();
    let mut out = [0.0; PIXELS];
    group.bench_function("platform", |b| {
        b.iter(|| {
            for (x, sine) in black_box(&x).iter().zip(&mut out) {
                *sine = x.sin();
            }
            black_box(out[PIXELS - 1])
        });
    });
    if sines(&x, &mut out) {
        group.bench_function("vector, 7 terms", |b| b.iter(|| black_box(sines(black_box(&x), &mut out))));
    } else {
        println!("sine/vector: not run, this machine has none of the instruction sets");
    }
    group.finish();
}

fn lattice_factor(c: &mut Criterion) {
    let mut group = c.benchmark_group("lattice factor");
    group.throughput(Throughput::Elements(PIXELS as u64));
    let x = arguments();
    group.bench_function("square, one axis", |b| {
        b.iter(|| black_box(&x).iter().map(|x| sincg(x / 36.0, 36.0)).sum::<f64>());
    });
    group.bench_function("round", |b| b.iter(|| black_box(&x).iter().map(|x| sinc3(*x)).sum::<f64>()));
    group.finish();
}

fn interpolation(c: &mut Criterion) {
    let mut group = c.benchmark_group("tricubic");
    group.throughput(Throughput::Elements(1));
    let nodes = [[-1.0, 0.0, 1.0, 2.0]; 3];
    let values =
        std::array::from_fn(|i| std::array::from_fn(|j| std::array::from_fn(|k| (7 * i + 3 * j + k) as f64)));
    group.bench_function("4 x 4 x 4", |b| {
        b.iter(|| tricubic(black_box(&nodes), black_box(&values), black_box([0.3, 0.4, 0.7])))
    });
    group.finish();
}

fn experiment(flags: &str) -> Experiment {
    builder::experiment(&format!("{COMMON} {flags}"), None).expect("a small experiment")
}

fn row_kernel(c: &mut Criterion) {
    let mut group = c.benchmark_group("row kernel");
    for (name, flags) in BLOCKS {
        let e = experiment(flags);
        let terms = PIXELS as u64 * u64::from(e.sampling().steps.unsigned_abs());
        group.throughput(Throughput::Elements(terms));
        for (engine, fast) in
            [("exact", None), ("fast f64", Some(Precision::Double)), ("fast f32", Some(Precision::Single))]
        {
            let Some(mut rows) = Rows::new(&e, fast) else {
                println!("row kernel/{name}, {engine}: not run, left to the reference engine here");
                continue;
            };
            let mut at = 0;
            group.bench_function(format!("{name}, {engine}"), |b| {
                b.iter(|| {
                    // Another block every time, so that branches cannot learn one.
                    at = (at + 1) % (512 * 8);
                    black_box(rows.block(Pixel { slow: at / 8, fast: at % 8 * PIXELS }).1)
                });
            });
        }
    }
    group.finish();
}

criterion_group! {
    name = kernels;
    config = Criterion::default().without_plots().warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = sine, lattice_factor, interpolation, row_kernel
}
criterion_main!(kernels);

//! Interpolated blocks against the reference's function, bit for bit. Not here: whole images (`tests/exact_engine.rs`).

// Several arrays are walked in step.
#![allow(clippy::needless_range_loop)]

use super::nodes::*;
use crate::engine::simd::Level;
use crate::engine::simd::{LANES, Lanes};
use crate::input::grid::ReflectionGrid;
use crate::model::structure_factors::StructureFactors;
use crate::physics::interpolation::tricubic;

/// Numbers between 0 and 1 that look random.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn listed(numbers: &mut Numbers) -> StructureFactors {
    let mut grid = ReflectionGrid::zeros([(-6, 5), (-4, 9), (-7, 3)]).expect("small");
    grid.count = 1;
    for value in &mut grid.values {
        // Amplitudes of both signs and of all sizes, and many that are 0.
        *value =
            if numbers.next() < 0.2 { 0.0 } else { (numbers.next() - 0.3) * (30.0 * numbers.next()).exp() };
    }
    StructureFactors::new(Some(grid.into()), 5.0)
}

/// Compares a block with the reference's function; how many pixels were inside.
fn compare(level: Level, factors: &StructureFactors, hkl: &[Lanes; 3]) -> usize {
    let nodes = Nodes::new(factors).expect("ordinary amplitudes");
    let mut out = Amplitudes::new();
    interpolate(level, &nodes, factors, hkl, &mut out);
    let mut inside = 0;
    for i in 0..LANES {
        let at = [hkl[0][i], hkl[1][i], hkl[2][i]];
        let expected = factors.neighbourhood(at).map(|(nodes, values)| tricubic(&nodes, &values, at));
        assert_eq!(out.outside[i] == 0, expected.is_some(), "{level:?}, {at:?}");
        let expected = expected.map_or(0.0, |f| f * f);
        assert_eq!(out.squared[i].to_bits(), expected.to_bits(), "{level:?}, {at:?}");
        inside += usize::from(out.outside[i] == 0);
    }
    inside
}

#[test]
fn blocks_have_the_bits_of_the_reference_wherever_they_lie() {
    let mut numbers = Numbers(88_172_645_463_325_252);
    for level in Level::available() {
        let (mut inside, mut blocks) = (0, 0);
        for step in [0.0, 1e-9, 0.003, 0.05, 0.3, 1.7] {
            for _ in 0..300 {
                let factors = listed(&mut numbers);
                let (start, along) =
                    ([(); 3].map(|()| numbers.next()), [(); 3].map(|()| numbers.next() - 0.5));
                let hkl = [0, 1, 2].map(|axis| {
                    std::array::from_fn(|i| 6.0 * (start[axis] - 0.5) + step * along[axis] * i as f64)
                });
                inside += compare(level, &factors, &hkl);
                blocks += 1;
            }
        }
        assert!(inside > blocks * LANES / 3 && inside < blocks * LANES, "{inside} of {blocks} blocks");
    }
}

#[test]
fn whole_indices_edges_and_nan_are_as_in_the_reference() {
    let mut numbers = Numbers(17);
    let factors = listed(&mut numbers);
    let odd = [
        0.0,
        -0.0,
        1.0,
        -2.0,
        2.0,
        3.0,
        -4.0,
        -5.0,
        1.0 - f64::EPSILON / 2.0,
        0.5,
        1e-3,
        f64::NAN,
        1e300,
        -1e300,
    ];
    for level in Level::available() {
        let mut inside = 0;
        for a in odd {
            for b in odd {
                let hkl = [[a; LANES], [b; LANES], std::array::from_fn(|i| odd[i % odd.len()])];
                inside += compare(level, &factors, &hkl);
            }
        }
        assert!(inside > 0);
    }
}

#[test]
fn indices_that_could_underflow_are_left_to_the_reference_engine() {
    let factors = listed(&mut Numbers(5));
    let nodes = Nodes::new(&factors).expect("ordinary amplitudes");
    for level in Level::available() {
        let mut out = Amplitudes::new();
        interpolate(level, &nodes, &factors, &[[0.5; LANES], [1e-30; LANES], [-1.5; LANES]], &mut out);
        assert!(out.outside.iter().all(|outside| *outside != 0), "{level:?}");
    }
}

#[test]
fn amplitudes_out_of_all_proportion_have_no_nodes() {
    for f in [1e-100, 1e100, f64::INFINITY, f64::NAN] {
        let mut grid = ReflectionGrid::zeros([(-3, 3), (-3, 3), (-3, 3)]).expect("small");
        grid.count = 1;
        grid.values[7] = f;
        assert!(Nodes::new(&StructureFactors::new(Some(grid.into()), 1.0)).is_none(), "{f}");
    }
}

#[test]
fn a_sixth_is_the_rounded_quotient() {
    let mut numbers = Numbers(3);
    for _ in 0..2_000_000 {
        let x = (1.0 + numbers.next()) * if numbers.next() < 0.5 { 1.0 } else { -1e-60 };
        assert_eq!(sixth(x).to_bits(), (x / 6.0).to_bits(), "{x:e}");
    }
}

//! Flag families of crystal, sampling and outputs.
//! Not here: beam and detector (`instrument`), how families are chosen.

use super::{Draw, FINE};

/// Cell or matrix, and reflections from a text, the cache, or nowhere.
pub(super) fn crystal(d: &mut Draw) {
    if d.chance(20) {
        let name = d.pick(&["tri.mat", "ortho.mat", "left.mat"]);
        let path = d.input(name);
        d.add("-mat", &[path]);
    } else {
        let lengths = d.numbers(3, 15.0, 60.0);
        let angles = if d.chance(60) { d.numbers(3, 78.0, 104.0) } else { vec!["90".to_owned(); 3] };
        let cell = if d.chance(12) { lengths } else { [lengths, angles].concat() };
        d.add("-cell", &cell);
    }
    let texts = [
        "pattern.hkl",
        "pattern.hkl",
        "smooth.hkl",
        "smooth_small.hkl",
        "half.hkl",
        "sparse.hkl",
        "negative.hkl",
        "six.hkl",
        "duplicate.hkl",
        "freeform.hkl",
        "crlf.hkl",
        "extra_int.hkl",
        "comment_inside.hkl",
    ];
    match d.rng.u32(0..10) {
        0 => d.cwd_files.push(("Fdump.bin", "cache.bin")),
        1 | 2 => return d.add_number("-default_F", 5.0, 200.0),
        _ => {
            let name = d.pick(&texts);
            let path = d.input(name);
            d.add("-hkl", &[path]);
        }
    }
    if d.chance(25) {
        d.add_number("-default_F", -10.0, 90.0);
    }
}

/// Missetting angles, given or random.
pub(super) fn orientation(d: &mut Draw) {
    if d.chance(20) {
        // The seed's flag also counts as `-misset` itself, so it must stand before the word `random`.
        let seed = d.rng.i32(0..100_000).to_string();
        d.groups.push(["-misset_seed", &seed, "-misset", "random"].map(str::to_owned).to_vec());
    } else {
        let angles = d.numbers(3, -180.0, 180.0);
        d.add("-misset", &angles);
    }
}

/// Crystal size in cells or millimetres.
pub(super) fn size(d: &mut Draw) {
    match d.rng.u32(0..6) {
        0 | 1 => {
            for flag in ["-Na", "-Nb", "-Nc"] {
                let n = d.rng.usize(1..10);
                d.add(flag, &[n]);
            }
        }
        2 => {
            let flag = d.pick(&["-samplesize", "-xtalsize"]);
            let millimetres = format!("{:.7}", 4e-6 + 1.6e-5 * d.rng.f64());
            d.add(flag, &[millimetres]);
        }
        3 => {
            for flag in ["-sample_x", "-sample_y", "-sample_z"] {
                let millimetres = format!("{:.7}", 4e-6 + 1.6e-5 * d.rng.f64());
                d.add(flag, &[millimetres]);
            }
        }
        _ => {
            // Sharp spots for fine pixels.
            let n = if d.pixels.0 < FINE { d.rng.usize(1..9) } else { d.rng.usize(8..40) };
            d.add("-N", &[n]);
        }
    }
}

/// Crystal shape.
pub(super) fn shape(d: &mut Draw) {
    let flag = d.pick(&[
        "-round_xtal",
        "-round_xtal",
        "-gauss_xtal",
        "-gauss_xtal",
        "-tophat_spots",
        "-square_xtal",
    ]);
    d.switch(flag);
    if d.chance(40) {
        d.add_number("-fudge", 0.3, 2.0);
    }
}

/// Spindle rotation.
pub(super) fn rotation(d: &mut Draw) {
    if d.chance(60) {
        let start = if d.chance(40) { "0".to_owned() } else { d.number(-20.0, 20.0) };
        d.add("-phi", &[start]);
    }
    let n = d.steps(4);
    match d.rng.u32(0..4) {
        0 if d.afford(2) => d.add_number("-osc", 0.1, 2.0),
        1 => d.add("-phisteps", &[n]),
        2 if d.afford(2) => d.add_number("-phistep", 0.1, 1.0),
        _ => {
            d.add_number("-osc", 0.1, 3.0);
            d.add("-phisteps", &[n]);
        }
    }
}

/// Mosaic spread and domains.
pub(super) fn mosaic(d: &mut Draw) {
    let spread = d.number(0.05, 3.0);
    if d.chance(15) && d.afford(10) {
        return d.add("-mosaic", &[spread]); // ten domains by itself
    }
    let n = d.steps(6);
    d.add("-mosaic", &[spread]);
    d.add("-mosaic_dom", &[n]);
    if n == 1 {
        d.budget /= 2;
    }
    if d.chance(50) {
        let seed = d.rng.i32(-50..5000);
        d.add("-mosaic_seed", &[seed]);
    }
}

/// Subpixels and the three switches.
pub(super) fn oversampling(d: &mut Draw) {
    let most = if d.budget >= 9 {
        3
    } else if d.budget >= 4 {
        2
    } else {
        1
    };
    let n = d.rng.usize(1..=most);
    d.budget /= n * n;
    d.add("-oversample", &[n]);
    for flag in ["-oversample_thick", "-oversample_polar", "-oversample_omega"] {
        // Without solid angles, multiplying the sum after every term leads beyond the largest float.
        let overflows = flag == "-oversample_omega" && d.has("-point_pixel");
        if !overflows && d.chance(15) {
            d.switch(flag);
        }
    }
}

/// Resolution limit.
pub(super) fn resolution_limit(d: &mut Draw) {
    d.add_number("-dmin", 1.2, 5.0);
}

/// Background.
pub(super) fn water(d: &mut Draw) {
    d.add_number("-water", 0.001, 0.05);
}

/// Interpolation on or off.
pub(super) fn interpolation(d: &mut Draw) {
    let flag = d.pick(&["-interpolate", "-nointerpolate"]);
    d.switch(flag);
}

/// Scales and offset of the integer images.
pub(super) fn scaling(d: &mut Draw) {
    if d.chance(45) {
        d.add_number("-scale", 0.0, 3000.0);
    }
    if d.chance(45) {
        d.add_number("-adc", 0.0, 90.0);
    }
    if d.chance(35) {
        d.add_number("-pgmscale", 0.1, 60.0);
    }
}

/// What changes little or nothing: unknown flags, numbers with letters behind, a scattering table.
pub(super) fn passed_over(d: &mut Draw) {
    match d.rng.u32(0..5) {
        0 => d.add("-frobnicate", &["7", "word"]),
        1 => d.add("-printout_pixel", &["3", "4"]),
        2 => d.switch("-coherent"),
        3 => {
            let (flag, path) = (d.pick(&["-stol", "-4stol", "-Q"]), d.input("scatter.stol"));
            d.add(flag, &[path]);
        }
        _ => d.add("-fudge", &["1.25x"]),
    }
}

//! Flag families of beam, sources and detector.
//! Not here: the crystal and the outputs (`sample`), how families are chosen.

use super::{Draw, FINE, FINE_BUDGET};

/// Size, pixel and distance; or a mask or image header that brings them along.
pub(super) fn detector(d: &mut Draw) {
    if d.chance(18) {
        d.pixels = (72, 64);
        let mask = d.chance(60);
        if mask {
            let name = d.pick(&["mask_bare.img", "mask_big_endian.img", "mask_geometry.img"]);
            let path = d.input(name);
            d.add("-mask", &[path]);
        }
        if !mask || d.chance(25) {
            let names = [
                "header_close.img",
                "header_close_first.img",
                "header_phi.img",
                "header_plain.img",
                "header_swing.img",
            ];
            let name = d.pick(&names);
            let path = d.input(name);
            d.add("-img", &[path]);
        }
    } else if d.chance(10) {
        // Fine pixels, where spots light few blocks and most are passed over.
        let pixels = d.rng.usize(FINE..=700);
        d.pixels = (pixels, pixels);
        d.budget = FINE_BUDGET;
        d.add("-detpixels", &[pixels]);
        d.add_number("-pixel", 0.02, 0.06);
        for (percent, flag) in [(50, "-gauss_xtal"), (20, "-tophat_spots"), (50, "-interpolate")] {
            if d.chance(percent) {
                d.switch(flag);
            }
        }
        return;
    } else {
        let (fast, slow) = (d.rng.usize(20..=90), d.rng.usize(20..=90));
        d.pixels = (fast, slow);
        match d.rng.u32(0..4) {
            0 => {
                d.pixels = (slow, slow);
                d.add("-detpixels", &[slow]);
            }
            1 => {
                d.add("-detpixels_x", &[fast]);
                d.add("-detpixels_y", &[slow]);
            }
            2 => return sized_in_millimetres(d),
            _ => {
                d.add("-detpixels_f", &[fast]);
                d.add("-detpixels_s", &[slow]);
            }
        }
    }
    d.add_number("-pixel", 0.2, 0.6);
    let flag = d.pick(&["-distance", "-distance", "-distance", "-close_distance"]);
    d.add_number(flag, 40.0, 130.0);
}

fn sized_in_millimetres(d: &mut Draw) {
    let (fast, slow) = (d.pixels.0 as f64 * 0.25 + 0.05, d.pixels.1 as f64 * 0.25);
    d.add("-detsize_f", &[format!("{fast:.3}")]);
    d.add("-detsize_s", &[format!("{slow:.3}")]);
    d.add("-pixel", &["0.25"]);
    d.add_number("-distance", 40.0, 90.0);
}

/// Wavelength or energy.
pub(super) fn beam_energy(d: &mut Draw) {
    match d.rng.u32(0..4) {
        0 => d.add_number("-energy", 8000.0, 13000.0),
        1 => d.add_number("-wave", 0.9, 1.6),
        _ => d.add_number("-lambda", 0.9, 1.6),
    }
}

/// One of the named conventions.
pub(super) fn convention(d: &mut Draw) {
    let flag = d.pick(&["-adxv", "-mosflm", "-denzo", "-xds", "-dials"]);
    d.switch(flag);
}

/// A whole frame looking down the z axis, or a few vectors near those of mosflm, which the others then keep. Some are
/// not of unit length.
pub(super) fn custom_frame(d: &mut Draw) {
    let frame = [
        ("-fdet_vector", [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
        ("-sdet_vector", [0.0, -1.0, 0.0], [0.0, -1.0, 0.0]),
        ("-odet_vector", [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]),
        ("-beam_vector", [0.0, 0.0, -1.0], [1.0, 0.0, 0.0]),
        ("-polar_vector", [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
        ("-spindle_axis", [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]),
        ("-twotheta_axis", [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]),
    ];
    let whole = d.chance(65);
    for (flag, own, mosflm) in frame {
        if whole || d.chance(25) {
            let vector = if whole { own } else { mosflm };
            let vector = vector.map(|x| format!("{:.4}", x + 0.06 * (d.rng.f64() - 0.5)));
            d.add(flag, &vector);
        }
    }
    if d.chance(25) {
        let flag = d.pick(&["-pix0_vector", "-pix0_vector_mm"]);
        let values = d.numbers(3, -0.05, 0.05);
        d.add(flag, &values);
    }
}

/// Where the beam meets the detector, in one of three ways.
pub(super) fn beam_centre(d: &mut Draw) {
    let (x, y) =
        d.pick(&[("-Xbeam", "-Ybeam"), ("-Xbeam", "-Ybeam"), ("-Xclose", "-Yclose"), ("-ORGX", "-ORGY")]);
    let scale = if x == "-ORGX" { 1.0 } else { 0.3 };
    let (fast, slow) = (d.pixels.0 as f64 * scale, d.pixels.1 as f64 * scale);
    d.add_number(x, 0.0, fast);
    d.add_number(y, 0.0, slow);
}

/// Rotations of the detector.
pub(super) fn tilt(d: &mut Draw) {
    for flag in ["-detector_rotx", "-detector_roty", "-detector_rotz", "-twotheta"] {
        if d.chance(55) {
            d.add_number(flag, -25.0, 25.0);
        }
    }
}

/// What the rotations turn about.
pub(super) fn pivot(d: &mut Draw) {
    let to = d.pick(&["beam", "sample"]);
    d.add("-pivot", &[to]);
}

/// Solid angle switched off, or a curved detector.
pub(super) fn pixel_shape(d: &mut Draw) {
    let flag = d.pick(&["-point_pixel", "-curved_det"]);
    d.switch(flag);
}

/// A part of the detector, inclusive limits.
pub(super) fn region(d: &mut Draw) {
    let (fast, slow) = d.pixels;
    let (f0, s0) = (d.rng.usize(0..fast / 2), d.rng.usize(0..slow / 2));
    let limits = [f0, d.rng.usize(f0..fast), s0, d.rng.usize(s0..slow)];
    d.add("-roi", &limits);
}

/// Horizontal and vertical divergence.
pub(super) fn divergence(d: &mut Draw) {
    match d.rng.u32(0..5) {
        0 if d.afford(9) => {
            d.add_number("-divergence", 2.0, 30.0);
            d.add("-divsteps", &[3]);
        }
        1 if d.afford(2) => d.add_number("-hdivrange", 2.0, 30.0),
        2 if d.afford(2) => d.add_number("-vdivstep", 2.0, 30.0),
        3 if d.afford(4) => {
            d.add_number("-hdivrange", 20.0, 30.0);
            d.add_number("-hdivstep", 9.0, 12.0);
        }
        _ if d.afford(6) => {
            d.add_number("-hdivrange", 2.0, 30.0);
            d.add("-hdivsteps", &[2]);
            d.add_number("-vdivrange", 2.0, 30.0);
            d.add("-vdivsteps", &[3]);
        }
        _ => {}
    }
    if d.chance(40) {
        let flag = d.pick(&["-square_div", "-round_div"]);
        d.switch(flag);
    }
}

/// Wavelength spread.
pub(super) fn dispersion(d: &mut Draw) {
    if d.chance(30) && d.afford(2) {
        d.add_number("-dispersion", 0.3, 5.0);
    } else if d.afford(3) {
        d.add_number("-dispersion", 0.3, 5.0);
        d.add("-dispsteps", &[3]);
    }
}

/// Sources from a file.
pub(super) fn source_file(d: &mut Draw) {
    if d.afford(3) {
        let names =
            ["src1.txt", "src2.txt", "src3.txt", "src4.txt", "src5.txt", "src_mixed.txt", "src_comment.txt"];
        let name = d.pick(&names);
        let path = d.input(name);
        d.add("-sourcefile", &[path]);
    }
}

/// Degree of polarisation, or none.
pub(super) fn polarisation(d: &mut Draw) {
    match d.rng.u32(0..3) {
        0 => d.switch("-nopolar"),
        _ => d.add_number("-polar", -1.0, 1.0),
    }
}

/// Sensor layers.
pub(super) fn absorption(d: &mut Draw) {
    let layers = d.steps(3);
    if d.chance(80) {
        d.add_number("-detector_thick", 100.0, 500.0);
        if layers == 1 {
            d.budget /= 2;
        }
    }
    if d.chance(80) {
        let depth = if d.chance(10) { "inf".to_owned() } else { d.number(100.0, 500.0) };
        d.add("-detector_abs", &[depth]);
    }
    if d.chance(75) {
        d.add("-thicksteps", &[layers]);
    }
}

/// Fluence, or flux and its companions.
pub(super) fn intensity(d: &mut Draw) {
    let (mantissa, power) = (d.number(1.0, 2.0), d.rng.u32(24..31));
    match d.rng.u32(0..3) {
        0 => {
            d.add("-flux", &[format!("{mantissa}e{}", power - 8)]);
            d.add_number("-exposure", 0.1, 2.0);
            d.add_number("-beamsize", 0.01, 0.3);
        }
        _ => d.add("-fluence", &[format!("{mantissa}e{power}")]),
    }
}

//! The set-up lines of the trace, `TRACE_RS:key=value`: how the detector came to stand where it stands.
//!
//! Same keys as the reference's, which prints them for the beam pivot only and partly as fixed text; ours are printed for
//! every run and hold what the run really used. Not here: the pixel level (`text`).

use crate::c_number::g;
use crate::config::{Config, Convention};
use crate::defects::Defect;
use crate::model::experiment::Experiment;
use crate::physics::rotation::{rotate_axis, rotate_xyz};
use crate::physics::vec3::Vec3;
use crate::units::in_millimetres;
use std::fmt::Write;

fn n(x: f64) -> String {
    g(x, 15)
}

fn v(x: Vec3) -> String {
    x.to_array().map(n).join(" ")
}

/// The matrix whose columns are the images of x, y, z under `turn`, row by row.
fn matrix(turn: impl Fn(Vec3) -> Vec3) -> String {
    let columns = [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.]].map(|e| turn(Vec3::from(e)));
    let rows: Vec<_> = (0..3).map(|i| columns.map(|c| n(c[i])).join(" ")).collect();
    format!("[{}]", rows.join("; "))
}

/// The lines.
pub fn text(config: &Config, experiment: &Experiment) -> String {
    let (c, f, d) = (&config.detector, &config.frame, &experiment.detector);
    let axes = &f.axes;
    let [rx, ry, rz] = c.rotations;
    // The reference divides metres by 1000 once more here (C-TRACE-001).
    let again = if config.defects.emulates(Defect::TraceLabels) { 1000.0 } else { 1.0 };
    let mut t = String::new();
    let mut line = |key: &str, value: String| {
        let _ = writeln!(t, "TRACE_RS:{key}={value}");
    };
    line("detector_convention", f.convention.name().to_uppercase());
    line("angles_rad", format!("rotx:{} roty:{} rotz:{} twotheta:{}", n(rx), n(ry), n(rz), n(c.twotheta)));
    let [x, y] = f.beam_xy.map(|x| n(x / again));
    line("beam_center_m", format!("X:{x} Y:{y} pixel_mm:{}", n(in_millimetres(c.pixel_size))));
    line("initial_fdet", v(axes.fast));
    line("initial_sdet", v(axes.slow));
    line("initial_odet", v(axes.normal));
    line("Rx", matrix(|e| rotate_xyz(e, [rx, 0.0, 0.0])));
    line("Ry", matrix(|e| rotate_xyz(e, [0.0, ry, 0.0])));
    line("Rz", matrix(|e| rotate_xyz(e, [0.0, 0.0, rz])));
    line("R_total", matrix(|e| rotate_xyz(e, [rx, ry, rz])));
    let turned = [axes.fast, axes.slow, axes.normal].map(|e| rotate_xyz(e, c.rotations));
    for (key, vector) in ["fdet_after_rotz", "sdet_after_rotz", "odet_after_rotz"].iter().zip(turned) {
        line(key, v(vector));
    }
    line("twotheta_axis", v(axes.twotheta));
    let swung = turned.map(|e| rotate_axis(e, axes.twotheta, c.twotheta));
    for (key, vector) in
        ["fdet_after_twotheta", "sdet_after_twotheta", "odet_after_twotheta"].iter().zip(swung)
    {
        line(key, v(vector));
    }
    line("convention_mapping", mapping(f.convention, axes.beam));
    let [fbeam, sbeam] = f.beam_fs;
    line("Fbeam_m", n(fbeam));
    line("Sbeam_m", n(sbeam));
    line("distance_m", n(d.distance));
    let times = |s: f64, e: Vec3| v(Vec3::new(s * e.x, s * e.y, s * e.z));
    line("term_fast", times(-fbeam, d.fast));
    line("term_slow", times(-sbeam, d.slow));
    line("term_beam", times(d.distance, axes.beam));
    line("pix0_vector", v(d.origin));
    t
}

/// How the user's X and Y become fast and slow, in words.
fn mapping(convention: Convention, beam: Vec3) -> String {
    let (fast, slow) = match convention {
        Convention::Mosflm => ("Ybeam_mm(+0.5px)", "Xbeam_mm(+0.5px)"),
        Convention::Denzo => ("Ybeam_mm", "Xbeam_mm"),
        Convention::Adxv => ("Xbeam_mm", "height_mm-Ybeam_mm"),
        Convention::Xds | Convention::Dials | Convention::Custom => ("Xbeam_mm", "Ybeam_mm"),
    };
    let [x, y, z] = beam.to_array().map(n);
    format!("Fbeam←{fast},Sbeam←{slow},beam_vec=[{x} {y} {z}]")
}

//! The summary on standard output: keys, order and number formats that users' scripts already read.
//!
//! Not here: warnings of our own (standard error), the trace, and the JSON form (`summary`).

use crate::c_number::{fixed, g, g6};
use crate::config::notice::Notice;
use crate::config::{Config, Pivot, Shape};
use crate::engine::Leave;
use crate::engine::statistics::Statistics;
use crate::input::provenance::Provenance;
use crate::model::experiment::Experiment;
use crate::physics::vec3::Vec3;
use crate::units::{DEGREES_PER_RADIAN, in_angstroms, in_micrometres, in_percent};
use std::fmt::Write;
use std::path::Path;

fn three(v: Vec3) -> String {
    format!("{} {} {}", g6(v.x), g6(v.y), g6(v.z))
}

fn show(path: &Path) -> std::path::Display<'_> {
    path.display()
}

/// Everything that is known before rendering.
pub(crate) fn before(config: &Config, experiment: &Experiment, provenance: &Provenance) -> String {
    let mut t = String::new();
    for header in &provenance.headers {
        line(&mut t, format_args!("reading {}", show(header)));
    }
    notices(&mut t, &config.notices, true);
    line(&mut t, format_args!("nanobragg {} nanocrystal diffraction simulator", env!("CARGO_PKG_VERSION")));
    notices(&mut t, &config.notices, false);
    geometry(&mut t, config, experiment);
    cell(&mut t, experiment, provenance);
    size(&mut t, config, experiment);
    structure_factors(&mut t, config, provenance);
    sweeps(&mut t, config, experiment);
    crystal_and_beam(&mut t, config, experiment);
    detector(&mut t, config, experiment);
    sampling(&mut t, config, experiment);
    t
}

fn line(t: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = writeln!(t, "{text}");
}

fn notices(t: &mut String, notices: &[Notice], before_banner: bool) {
    for text in notices.iter().filter(|n| n.before_banner() == before_banner).filter_map(Notice::console_line)
    {
        line(t, format_args!("{text}"));
    }
}

fn geometry(t: &mut String, config: &Config, e: &Experiment) {
    line(t, format_args!("{} convention selected.", config.frame.convention.name()));
    line(
        t,
        format_args!(
            "pivoting detector around {}",
            match config.frame.pivot {
                Pivot::Sample => "sample",
                Pivot::Beam => "direct beam spot",
            }
        ),
    );
    line(t, format_args!("XDS incident beam: {}", three(e.detector.beam_in_frame)));
    match e.auto_interpolation {
        Some(true) => line(t, format_args!("auto-selected tricubic interpolation of structure factors")),
        Some(false) => line(t, format_args!("auto-selected no interpolation")),
        None => {}
    }
}

fn cell(t: &mut String, e: &Experiment, provenance: &Provenance) {
    if let Some(matrix) = &provenance.matrix {
        line(t, format_args!("reading {}", show(matrix)));
    }
    if let Some(angles) = e.drawn_misset {
        let [x, y, z] = angles.map(|a| fixed(a * DEGREES_PER_RADIAN, 0, 6));
        line(t, format_args!("random orientation misset angles: {x} {y} {z} deg"));
    }
    let c = &e.cell;
    for remark in &c.remarks {
        line(t, format_args!("{remark}"));
    }
    let degrees = |angles: [f64; 3]| angles.map(|a| g6(a * DEGREES_PER_RADIAN)).join(" ");
    line(t, format_args!("Unit Cell: {} {}", c.lengths.map(g6).join(" "), degrees(c.angles)));
    line(
        t,
        format_args!(
            "Recp Cell: {} {}",
            c.reciprocal_lengths.map(g6).join(" "),
            degrees(c.reciprocal_angles)
        ),
    );
    line(t, format_args!("volume = {} A^3", g6(c.volume)));
    matrix(t, "real-space cell vectors (Angstrom):", ["a", "b", "c"], c.direct);
    matrix(t, "reciprocal-space cell vectors (Angstrom^-1):", ["a_star", "b_star", "c_star"], c.reciprocal);
}

fn matrix(t: &mut String, title: &str, names: [&str; 3], vectors: [Vec3; 3]) {
    line(t, format_args!("{title}"));
    line(t, format_args!("     {:<10}  {:<10}  {:<10}", names[0], names[1], names[2]));
    for (i, axis) in ["X", "Y", "Z"].iter().enumerate() {
        let [a, b, c] = vectors.map(|v| fixed(v[i], 11, 8));
        line(t, format_args!("{axis}: {a} {b} {c}"));
    }
}

fn size(t: &mut String, config: &Config, e: &Experiment) {
    let [a, b, c] = e.size.lengths.map(|l| g6(in_micrometres(l)));
    line(t, format_args!("crystal is {a} x {b} x {c} microns"));
    let s = &e.sampling;
    if config.sampling.oversample <= 0 {
        line(t, format_args!("auto-selected {}-fold oversampling", s.oversample));
    }
    if s.oversample < s.recommended_oversample {
        line(t, format_args!("WARNING: maximum dimension of sample is {} A", g6(in_angstroms(e.size.max))));
        line(
            t,
            format_args!("         but reciprocal pixel size is {} A", g6(in_angstroms(s.reciprocal_pixel))),
        );
        line(t, format_args!("         intensity may vary significantly across a pixel!"));
        line(
            t,
            format_args!("         recommend -oversample {} to work around this", s.recommended_oversample),
        );
    }
    line(t, format_args!("approximate MW = {}", g6(e.size.molecular_weight)));
}

fn structure_factors(t: &mut String, config: &Config, provenance: &Provenance) {
    if let Some(cache) = &provenance.cache_read {
        line(t, format_args!("reading Fs from {}", show(cache)));
    }
    if let Some(hkl) = &provenance.hkl {
        line(t, format_args!("counting entries in {}", show(hkl)));
        for remark in &provenance.hkl_remarks {
            line(t, format_args!("WARNING: {remark}"));
        }
        if config.crystal.default_f != 0.0 {
            line(t, format_args!("initializing to default_F = {}:", g6(config.crystal.default_f)));
            line(t, format_args!("done initializing:"));
        }
        line(t, format_args!("re-reading {}", show(hkl)));
    }
    if let Some(cache) = &provenance.cache_written {
        line(t, format_args!("writing dump file for next time: {}", show(cache)));
    }
    if let Some(table) = &provenance.scattering_table {
        line(t, format_args!("reading {}", show(table)));
    }
}

fn sweeps(t: &mut String, config: &Config, e: &Experiment) {
    for layer in 0..e.layers {
        line(t, format_args!("thick{layer} = {} um", g6(in_micrometres(e.layer_step * f64::from(layer)))));
    }
    for (tic, phi) in e.orientations.phi.iter().enumerate() {
        line(t, format_args!("phi{tic} = {}", g6(phi * DEGREES_PER_RADIAN)));
    }
    for [h, v] in &e.sources.deviations {
        line(t, format_args!("divergence deviation: {} {}", g6(*h), g6(*v)));
    }
    for (tic, wavelength) in e.sources.wavelengths.iter().enumerate() {
        line(t, format_args!("lambda{tic} = {}", g(*wavelength, 15)));
    }
    line(t, format_args!("  created a total of {} sources:", e.sources.list.len()));
    for s in &e.sources.list {
        line(t, format_args!("{}   {} {}", three(s.position), g6(s.weight), g6(s.wavelength)));
    }
    line(t, format_args!("  created a total of {} mosaic domains", config.sampling.mosaic_domains));
}

/// Crystal and beam.
fn crystal_and_beam(t: &mut String, config: &Config, e: &Experiment) {
    let count = e.structure_factors.count();
    line(t, format_args!("  {count} initialized hkls (all others ={})", g6(config.crystal.default_f)));
    let shape = match e.shape {
        Shape::Round => "ellipsoidal",
        Shape::Square => "parallelpiped",
        Shape::Gauss => "gaussian",
        Shape::Tophat => "tophat-spot",
    };
    let [na, nb, nc] = e.size.cells.map(|n| fixed(n, 0, 0));
    line(t, format_args!("  {shape} xtal: {na}x{nb}x{nc} cells"));
    let b = &config.beam;
    let (wave, spread) = (g6(b.wavelength), g6(in_percent(b.dispersion.range)));
    line(t, format_args!("  wave={wave} meters +/- {spread}% in {} steps", b.dispersion.steps));
    if b.no_polarization {
        line(t, format_args!("  polarization effect disabled"));
    } else {
        line(t, format_args!("  Kahn polarization factor: {}", fixed(b.kahn_factor, 0, 6)));
    }
    if e.curved {
        line(t, format_args!("  curved detector: all pixels same distance from origin"));
    }
    if e.point_pixel {
        line(t, format_args!("  pixel obliquity effect disabled"));
    }
    line(t, format_args!("  incident fluence: {} photons/m^2", g6(b.fluence)));
}

/// Detector, frame and region.
fn detector(t: &mut String, config: &Config, e: &Experiment) {
    let (c, f, d) = (&config.detector, &config.frame, &e.detector);
    let pair = |x: [f64; 2]| (g6(x[0]), g6(x[1]));
    let (width, height) = pair(c.size);
    let [fast, slow] = c.pixels;
    line(
        t,
        format_args!(
            "  distance={} detsize={width}x{height}  pixel={} meters ({fast}x{slow} pixels)",
            g6(d.distance),
            g6(c.pixel_size)
        ),
    );
    line(
        t,
        format_args!(
            "  sensor is {} m thick in {} layers with mu= {}",
            g6(e.thickness),
            e.layers,
            g6(e.attenuation)
        ),
    );
    for (x, y, values) in [
        ("Xbeam", "Ybeam", f.beam_xy),
        ("Fbeam", "Sbeam", d.beam_fs),
        ("Xclose", "Yclose", f.close_xy),
        ("Fclose", "Sclose", d.close_fs),
    ] {
        let (a, b) = pair(values);
        line(t, format_args!("  {x}={a} {y}={b}"));
    }
    let axes = &f.axes;
    let normal = axes.beam.cross(axes.polarization);
    for (name, v) in [
        ("DIRECTION_OF_DETECTOR_X-AXIS", d.fast),
        ("DIRECTION_OF_DETECTOR_Y-AXIS", d.slow),
        ("DIRECTION_OF_DETECTOR_Z-AXIS", d.normal),
        ("INCIDENT_BEAM_DIRECTION", axes.beam),
        ("spindle ROTATION_AXIS", axes.spindle),
        ("POLARIZATION_PLANE_NORMAL", normal),
        ("dials origin", Vec3::from(d.dials_origin)),
    ] {
        line(t, format_args!("  {name}= {}", three(v)));
    }
    let [x0, x1, y0, y1] = c.roi;
    line(t, format_args!("  roi: {x0} < x < {x1} && {y0} < y < {y1}"));
}

/// Sampling, mask and noise.
fn sampling(t: &mut String, config: &Config, e: &Experiment) {
    let (b, s) = (&config.beam, &config.sampling);
    for (name, sweep) in [("hdiv", b.horizontal_divergence), ("vdiv", b.vertical_divergence)] {
        line(t, format_args!("  {name}range={} {name}step={}  radians", g6(sweep.range), g6(sweep.step)));
    }
    line(t, format_args!("  {} divergence steps", e.sources.deviations.len()));
    line(t, format_args!("  {} sources", e.sources.list.len()));
    let degrees = |x: f64| g6(x * DEGREES_PER_RADIAN);
    let spread = degrees(s.mosaic_spread);
    line(t, format_args!("  {} mosaic domains over mosaic spread of {spread} degrees", s.mosaic_domains));
    let (from, to) = (degrees(s.phi_start), degrees(s.phi_start + s.phi.range));
    line(t, format_args!("  {} phi steps from {from} to {to} degrees", s.phi.steps));
    let side = e.sampling.oversample;
    let _ = write!(t, "  {side}x{side} pixel oversample steps");
    for (on, name) in
        [(s.oversample_thick, " +thick"), (s.oversample_polar, " +polar"), (s.oversample_omega, " +omega")]
    {
        if on {
            t.push_str(name);
        }
    }
    t.push('\n');
    if let (Some(_), Some(mask)) = (&e.mask, &config.files.mask) {
        line(t, format_args!("  skipping zero-flagged pixels in {}", show(mask)));
    }
    if config.files.noise.is_some() {
        line(t, format_args!("\n  noise image paramters:"));
        line(t, format_args!("  seed: {}", config.seeds.noise));
        line(t, format_args!("  water droplet size: {} m", g6(s.water_size)));
    }
}

/// What rendering showed, up to the float file.
pub(crate) fn rendered(
    config: &Config,
    e: &Experiment,
    statistics: &Statistics,
    left_list: Option<&Leave>,
) -> String {
    let mut t = String::new();
    if let Some(leave) = left_list {
        let hkl = leave.hkl.map(g6).join(",");
        let [h, k, l] = leave.nearest;
        line(
            &mut t,
            format_args!(
                "WARNING: out of range for three point interpolation: h,k,l,h0,k0,l0: {hkl},{h},{k},{l} "
            ),
        );
        t.push_str("WARNING: further warnings will not be printed! ");
    }
    let sphere = 100.0 * statistics.solid_angle / 4.0 / std::f64::consts::PI;
    line(
        &mut t,
        format_args!(
            "\nsolid angle subtended by detector = {} steradian ( {}% sphere)",
            g6(statistics.solid_angle),
            g6(sphere)
        ),
    );
    let pixels = e.pixels[0] * e.pixels[1];
    line(&mut t, format_args!("writing {} as {pixels} 4-byte floats", show(&config.files.float)));
    let [x, y] = statistics.max_at.map(g6);
    line(&mut t, format_args!("max_I = {}  at {x} {y}", g6(statistics.max)));
    let [mean, rms, rmsd] = [statistics.mean, statistics.rms, statistics.rmsd].map(g6);
    line(&mut t, format_args!("mean= {mean} rms= {rms} rmsd= {rmsd}"));
    t
}

/// Scale of the integer image.
pub(crate) fn int_file(path: &Path, scale: f64) -> String {
    format!("intfile_scale = {}\nwriting {} as 2-byte integers\n", g6(scale), show(path))
}

/// Scale of the grey map.
pub(crate) fn pgm_file(path: &Path, scale: f64) -> String {
    format!("pgm_scale = {}\nwriting {} as 1-byte integers\n", g6(scale), show(path))
}

/// What the noise image holds.
pub(crate) fn noise_file(path: &Path, photons: f64, overloads: usize) -> String {
    let photons = fixed(photons, 0, 0);
    format!(
        "{photons} photons on noise image ({overloads} overloads)\nwriting {} as 2-byte integers\n",
        show(path)
    )
}

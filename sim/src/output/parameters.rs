//! The middle of the summary: the run's parameters one by one, as the engine will use them.
//!
//! Not here: what comes before and after (`report`).

use super::report::{line, show, three};
use crate::c_number::{fixed, g6};
use crate::config::{Config, Shape};
use crate::model::experiment::Experiment;
use crate::physics::vec3::Vec3;
use crate::units::DEGREES_PER_RADIAN;
use std::fmt::Write;

/// Crystal and beam.
pub(super) fn parameters(t: &mut String, config: &Config, e: &Experiment) {
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
    let (wave, spread) = (g6(b.wavelength), g6(b.dispersion.range * 100.0));
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
pub(super) fn detector(t: &mut String, config: &Config, e: &Experiment) {
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
pub(super) fn steps(t: &mut String, config: &Config, e: &Experiment) {
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

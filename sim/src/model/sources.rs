//! Sources: directions and wavelengths of the incident rays, generated from divergence and dispersion or read from a file.
//!
//! Not here: reading the file (`input::source_file`).

use crate::config::BeamConfig;
use crate::config::frame::Axes;
use crate::config::steps::Sweep;
use crate::constants::SOURCE_DISTANCE;
use crate::physics::rotation::rotate_axis;
use crate::physics::vec3::Vec3;

/// One incident ray.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Source {
    /// Unit vector from the sample to the source.
    pub direction: Vec3,
    /// Position as given or generated, m.
    pub position: Vec3,
    /// Weight: listed, and without effect, as in the reference.
    pub weight: f64,
    /// Wavelength, m.
    pub wavelength: f64,
    /// Derivative of its wavelength by the beam's.
    pub follows: f64,
}

/// All sources, with the sweeps that made them (for the summary).
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Sources {
    /// Incident rays in the order of evaluation.
    pub list: Vec<Source>,
    /// Horizontal and vertical deviation of each generated direction, radians; empty when read from a file.
    pub deviations: Vec<[f64; 2]>,
    /// Wavelengths of the dispersion sweep, m; empty when read from a file.
    pub wavelengths: Vec<f64>,
}

fn source(position: Vec3, weight: f64, wavelength: f64, follows: f64) -> Source {
    Source { direction: position.unitized().0, position, weight, wavelength, follows }
}

impl Sources {
    /// The divergence grid (an ellipse or the full rectangle), each direction with every wavelength.
    pub(crate) fn generated(beam: &BeamConfig, axes: &Axes) -> Self {
        let (h, v) = (beam.horizontal_divergence, beam.vertical_divergence);
        let value = |sweep: Sweep, tic: i32| sweep.step * f64::from(tic) - sweep.range / 2.0;
        let mut deviations = Vec::new();
        for h_tic in 0..h.steps {
            for v_tic in 0..v.steps {
                let (dh, dv) = (value(h, h_tic), value(v, v_tic));
                if !(beam.round_divergence && ellipse(dh, h) + ellipse(dv, v) > 1.1) {
                    deviations.push([dh, dv]);
                }
            }
        }
        let d = beam.dispersion;
        let wavelengths: Vec<f64> = (0..d.steps)
            .map(|tic| beam.wavelength * (1.0 + d.step * f64::from(tic) - d.range / 2.0))
            .collect();

        let vertical = axes.beam.cross(axes.polarization).unitized().0;
        let weight = 1.0 / (deviations.len() * wavelengths.len()) as f64;
        let b = axes.beam;
        let towards = Vec3::new(-SOURCE_DISTANCE * b.x, -SOURCE_DISTANCE * b.y, -SOURCE_DISTANCE * b.z);
        let list = deviations
            .iter()
            .flat_map(|[dh, dv]| {
                let turned = rotate_axis(rotate_axis(towards, axes.polarization, *dv), vertical, *dh);
                wavelengths.iter().map(move |w| source(turned, weight, *w, *w / beam.wavelength))
            })
            .collect();
        Self { list, deviations, wavelengths }
    }

    /// Rows of a source file: X Y Z (m), weight, wavelength (m); what a row lacks takes the beam's own value.
    pub(crate) fn from_rows(rows: &[[Option<f64>; 5]], beam: &BeamConfig, axes: &Axes) -> Self {
        let default = [axes.beam.x, axes.beam.y, axes.beam.z].map(|x| -SOURCE_DISTANCE * x);
        let list = rows
            .iter()
            .map(|row| {
                let value = |i: usize, default: f64| row[i].filter(|x| !x.is_nan()).unwrap_or(default);
                let position = Vec3::new(value(0, default[0]), value(1, default[1]), value(2, default[2]));
                let follows = if row[4].is_some_and(|x| !x.is_nan()) { 0.0 } else { 1.0 };
                source(position, value(3, 1.0), value(4, beam.wavelength), follows)
            })
            .collect();
        Self { list, ..Self::default() }
    }
}

/// Four times the share of a deviation in the equation of the ellipse; NaN (no cut) for a sweep without range.
fn ellipse(deviation: f64, sweep: Sweep) -> f64 {
    let even = f64::from(1 - sweep.steps % 2);
    (deviation * deviation - sweep.step * sweep.step / 4.0 * even) / sweep.range / sweep.range * 4.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::defaults;

    fn beam(h: Sweep, v: Sweep, round: bool) -> BeamConfig {
        let one = Sweep { range: 0.0, step: 0.0, steps: 1 };
        BeamConfig {
            wavelength: 1e-10,
            dispersion: one,
            horizontal_divergence: h,
            vertical_divergence: v,
            round_divergence: round,
            fluence: defaults::FLUENCE,
            flux: 0.0,
            exposure: 1.0,
            beam_size: 1e-4,
            kahn_factor: 0.0,
            no_polarization: false,
        }
    }

    #[test]
    fn a_parallel_monochromatic_beam_is_one_source_upstream() {
        let one = Sweep { range: 0.0, step: 0.0, steps: 1 };
        let sources = Sources::generated(&beam(one, one, true), &Axes::CUSTOM);
        assert_eq!(sources.list.len(), 1);
        assert_eq!(sources.list[0].direction, Vec3::new(-1.0, 0.0, 0.0));
    }

    #[test]
    fn a_round_grid_loses_its_corners() {
        let five = Sweep { range: 4e-3, step: 1e-3, steps: 5 };
        let round = Sources::generated(&beam(five, five, true), &Axes::CUSTOM).list.len();
        let square = Sources::generated(&beam(five, five, false), &Axes::CUSTOM).list.len();
        assert_eq!((round, square), (13, 25));
    }

    #[test]
    fn what_a_row_lacks_takes_the_beams_own_value() {
        let one = Sweep { range: 0.0, step: 0.0, steps: 1 };
        let rows = [[Some(-5.0), Some(0.1), Some(0.0), None, None]];
        let sources = Sources::from_rows(&rows, &beam(one, one, true), &Axes::CUSTOM);
        assert_eq!((sources.list[0].weight, sources.list[0].wavelength), (1.0, 1e-10));
    }
}

//! Laboratory frame of a run: convention, pivot, axes, and the beam centres in each of the frames that the header names.
//!
//! Not here: placing the detector (`model::detector`).

use super::convention::{Convention, Pivot};
use crate::physics::vec3::Vec3;
use serde::Serialize;

/// Directions that a convention fixes or the user gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[allow(missing_docs)]
pub struct Axes {
    pub beam: Vec3,
    pub fast: Vec3,
    pub slow: Vec3,
    pub normal: Vec3,
    /// Axis of the detector swing, used without being normalised.
    pub twotheta: Vec3,
    /// Electric vector of the beam.
    pub polarization: Vec3,
    pub spindle: Vec3,
}

const X: Vec3 = Vec3::new(1.0, 0.0, 0.0);
const Y: Vec3 = Vec3::new(0.0, 1.0, 0.0);
const Z: Vec3 = Vec3::new(0.0, 0.0, 1.0);
const MINUS_X: Vec3 = Vec3::new(-1.0, 0.0, 0.0);
const MINUS_Y: Vec3 = Vec3::new(0.0, -1.0, 0.0);
const MINUS_Z: Vec3 = Vec3::new(0.0, 0.0, -1.0);

impl Axes {
    /// The axes of a custom frame before the user's own are put in: MOSFLM's, but for the two-theta axis.
    pub const CUSTOM: Self =
        Self { beam: X, fast: Z, slow: MINUS_Y, normal: X, twotheta: Y, polarization: Z, spindle: Z };

    /// The axes of a named convention; `None` for CUSTOM.
    pub const fn of(convention: Convention) -> Option<Self> {
        Some(match convention {
            Convention::Custom => return None,
            Convention::Adxv => Self {
                beam: Z,
                fast: X,
                slow: MINUS_Y,
                normal: Z,
                twotheta: MINUS_X,
                polarization: X,
                spindle: X,
            },
            Convention::Mosflm | Convention::Denzo => Self {
                beam: X,
                fast: Z,
                slow: MINUS_Y,
                normal: X,
                twotheta: MINUS_Z,
                polarization: Z,
                spindle: Z,
            },
            Convention::Xds => {
                Self { beam: Z, fast: X, slow: Y, normal: Z, twotheta: X, polarization: X, spindle: X }
            }
            Convention::Dials => {
                Self { beam: Z, fast: X, slow: Y, normal: Z, twotheta: Y, polarization: Y, spindle: Y }
            }
        })
    }
}

/// The pivot that a named convention forces.
pub const fn forced_pivot(convention: Convention) -> Option<Pivot> {
    match convention {
        Convention::Custom => None,
        Convention::Adxv | Convention::Mosflm | Convention::Denzo => Some(Pivot::Beam),
        Convention::Xds | Convention::Dials => Some(Pivot::Sample),
    }
}

/// Convention, pivot, unit axes and beam centres (m) of one run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Frame {
    /// Convention in force.
    pub convention: Convention,
    /// What the detector turns about.
    pub pivot: Pivot,
    /// Unit vectors (but for the two-theta axis), before the detector is turned.
    pub axes: Axes,
    /// Direct beam in the convention's own frame.
    pub beam_xy: [f64; 2],
    /// Direct beam along the fast and slow axis.
    pub beam_fs: [f64; 2],
    /// Nearest point in the convention's own frame.
    pub close_xy: [f64; 2],
    /// Nearest point along the fast and slow axis.
    pub close_fs: [f64; 2],
}

/// Beam-centre values as given (m; `None` when not) and the detector they belong to.
#[derive(Debug, Clone, Copy)]
pub struct Centres {
    /// -Xbeam, -Ybeam.
    pub beam: [Option<f64>; 2],
    /// -Xclose, -Yclose.
    pub close: [Option<f64>; 2],
    /// -ORGX, -ORGY, pixels.
    pub origin: [Option<f64>; 2],
    /// Detector size along fast and slow, m.
    pub size: [f64; 2],
    /// Pixel size, m.
    pub pixel: f64,
}

impl Frame {
    /// Applies a convention's rules to the centres given.
    pub fn new(convention: Convention, pivot: Pivot, axes: Axes, centres: &Centres) -> Self {
        let Centres { beam, close, origin, size, pixel } = *centres;
        let org = |i: usize| origin[i].map(|o| (o - 0.5) * pixel);
        let mut close_fs = [
            org(0).unwrap_or((size[0] - 0.0 * pixel) / 2.0),
            org(1).unwrap_or((size[1] + 0.0 * pixel) / 2.0),
        ];
        let close_xy = [close[0].unwrap_or(close_fs[0]), close[1].unwrap_or(close_fs[1])];
        let (beam_xy, beam_fs) = match convention {
            Convention::Adxv => {
                let xy =
                    [beam[0].unwrap_or((size[0] + pixel) / 2.0), beam[1].unwrap_or((size[1] - pixel) / 2.0)];
                (xy, [xy[0], size[1] - xy[1]])
            }
            Convention::Mosflm | Convention::Denzo => {
                let xy =
                    [beam[0].unwrap_or((size[1] + pixel) / 2.0), beam[1].unwrap_or((size[0] + pixel) / 2.0)];
                let half = if convention == Convention::Mosflm { 0.5 } else { 0.0 };
                (xy, [xy[1] + half * pixel, xy[0] + half * pixel])
            }
            Convention::Xds | Convention::Dials | Convention::Custom => {
                let xy = [beam[0].unwrap_or(close_xy[0]), beam[1].unwrap_or(close_xy[1])];
                if convention == Convention::Custom {
                    close_fs = xy;
                }
                (xy, xy)
            }
        };
        Self { convention, pivot, axes, beam_xy, beam_fs, close_xy, close_fs }
    }
}

/// Brings the axes to unit length; a normal whose length is not exactly 1 is rebuilt as fast × slow.
///
/// Returns the axes and whether the normal was rebuilt.
pub fn normalized(axes: Axes) -> (Axes, bool) {
    let (fast, slow) = (axes.fast.unitized().0, axes.slow.unitized().0);
    let (given, length) = axes.normal.unitized();
    let rebuilt = length != 1.0;
    let normal = if rebuilt { fast.cross(slow).unitized().0 } else { given };
    let axes = Axes {
        beam: axes.beam.unitized().0,
        fast,
        slow,
        normal,
        twotheta: axes.twotheta,
        polarization: axes.polarization.unitized().0,
        spindle: axes.spindle.unitized().0,
    };
    (axes, rebuilt)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CENTRES: Centres = Centres {
        beam: [Some(0.010), Some(0.020)],
        close: [None; 2],
        origin: [None; 2],
        size: [0.1, 0.2],
        pixel: 0.001,
    };

    fn frame(convention: Convention, centres: &Centres) -> Frame {
        Frame::new(convention, Pivot::Beam, Axes::of(convention).unwrap_or(Axes::CUSTOM), centres)
    }

    #[test]
    fn mosflm_swaps_the_axes_and_adds_half_a_pixel() {
        assert_eq!(frame(Convention::Mosflm, &CENTRES).beam_fs, [0.020 + 0.0005, 0.010 + 0.0005]);
        assert_eq!(frame(Convention::Denzo, &CENTRES).beam_fs, [0.020, 0.010]);
    }

    #[test]
    fn adxv_counts_y_from_the_far_edge() {
        assert_eq!(frame(Convention::Adxv, &CENTRES).beam_fs, [0.010, 0.2 - 0.020]);
    }

    #[test]
    fn a_custom_frame_takes_the_beam_centre_for_the_nearest_point() {
        assert_eq!(frame(Convention::Custom, &CENTRES).close_fs, [0.010, 0.020]);
        assert_eq!(frame(Convention::Xds, &CENTRES).close_fs, [0.05, 0.1]);
    }

    #[test]
    fn an_xds_origin_is_counted_from_half_a_pixel() {
        let centres = Centres { origin: [Some(10.5), None], ..CENTRES };
        assert_eq!(frame(Convention::Xds, &centres).close_fs[0], 0.01);
    }

    #[test]
    fn a_normal_of_another_length_is_rebuilt() {
        let (axes, rebuilt) = normalized(Axes { normal: Vec3::new(2.0, 0.0, 0.0), ..Axes::CUSTOM });
        assert!(rebuilt);
        assert_eq!(axes.normal, Vec3::new(1.0, 0.0, 0.0));
        assert!(!normalized(Axes::CUSTOM).1);
    }
}

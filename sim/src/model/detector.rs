//! The placed detector: axes after all rotations, origin, nearest point, beam spot, and the centres of other programs.
//!
//! Not here: which pixels are rendered and how.

use super::quantities::Quantities;
use crate::config::frame::Frame;
use crate::config::{DetectorConfig, Pivot};
use crate::physics::rotation::{rotate_axis, rotate_xyz};
use crate::physics::scalar::Scalar;
use crate::physics::vec3::Vec3;
use serde::Serialize;

/// A detector in the laboratory frame. Lengths in m.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Detector<T = f64> {
    /// Direction of the fast axis.
    pub fast: Vec3<T>,
    /// Direction of the slow axis.
    pub slow: Vec3<T>,
    /// Direction of the normal, away from the sample.
    pub normal: Vec3<T>,
    /// Corner of the first pixel.
    pub origin: Vec3<T>,
    /// Sample to detector along the beam. Leaves the swing out, as the reference does.
    pub distance: T,
    /// Sample to the nearest point.
    pub close_distance: T,
    /// Direct beam along fast and slow.
    pub beam_fs: [T; 2],
    /// Nearest point along fast and slow.
    pub close_fs: [T; 2],
    /// Origin in XDS's convention, pixels.
    pub xds_origin: [T; 2],
    /// Origin in DIALS's convention, mm.
    pub dials_origin: [T; 3],
    /// Incident beam in the detector's frame.
    pub beam_in_frame: Vec3<T>,
}

/// Turns and places the detector.
pub(crate) fn place<T: Scalar>(config: &DetectorConfig, frame: &Frame, q: &Quantities<T>) -> Detector<T> {
    let axes = &frame.axes;
    let turned = |v: Vec3| rotate_xyz(v.lifted(), q.rotations);
    let swung = |v: Vec3<T>| rotate_axis(v, axes.twotheta.lifted(), q.twotheta);
    let beam: Vec3<T> = axes.beam.lifted();

    // How the two distances are related; this leaves the swing out.
    let mut ratio = beam.dot(turned(axes.normal));
    if ratio.value() == 0.0 {
        ratio = T::from(f64::MIN_POSITIVE);
    }
    let close_distance = config.close_distance.map_or_else(|| (ratio * q.distance).abs(), T::from);
    let distance = close_distance / ratio;

    let (fast, slow, normal) =
        (swung(turned(axes.fast)), swung(turned(axes.slow)), swung(turned(axes.normal)));
    let origin = match (config.origin, frame.pivot) {
        (Some(origin), _) => origin.lifted(),
        (None, Pivot::Sample) => {
            let (fast, slow, normal) = (axes.fast.lifted(), axes.slow.lifted(), axes.normal.lifted());
            let unturned = corner(q.centre, fast, slow, close_distance, normal);
            swung(rotate_xyz(unturned, q.rotations))
        }
        (None, Pivot::Beam) => corner(q.centre, fast, slow, distance, beam),
    };

    let close_fs = [-origin.dot(fast), -origin.dot(slow)];
    let close_distance = origin.dot(normal);
    let along = close_distance / ratio;
    let spot = Vec3::new(along * beam.x, along * beam.y, along * beam.z) - origin;
    let pixel = T::from(config.pixel_size);
    Detector {
        fast,
        slow,
        normal,
        origin,
        distance: close_distance / ratio,
        close_distance,
        beam_fs: [fast.dot(spot), slow.dot(spot)],
        close_fs,
        xds_origin: close_fs.map(|x| x / pixel + T::from(0.5)),
        // In mm; the axes are those of DIALS.
        dials_origin: [(0., 0., 1.), (0., 1., 0.), (-1., 0., 0.)]
            .map(|(x, y, z)| T::from(1000.0) * origin.dot(Vec3::new(x, y, z).lifted())),
        beam_in_frame: Vec3::new(beam.dot(fast), beam.dot(slow), beam.dot(normal)),
    }
}

/// The first pixel's corner, from the point at (fast, slow) that lies `length` along `direction`.
fn corner<T: Scalar>(fs: [T; 2], fast: Vec3<T>, slow: Vec3<T>, length: T, direction: Vec3<T>) -> Vec3<T> {
    let component = |f: T, s: T, d: T| -fs[0] * f - fs[1] * s + length * d;
    Vec3::new(
        component(fast.x, slow.x, direction.x),
        component(fast.y, slow.y, direction.y),
        component(fast.z, slow.z, direction.z),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Convention;
    use crate::config::frame::{Axes, Centres};
    use crate::config::steps::Sweep;
    use proptest::prelude::*;

    fn detector(rotations: [f64; 3], twotheta: f64, pivot: Pivot) -> (DetectorConfig, Frame) {
        let config = DetectorConfig {
            pixels: [100, 100],
            pixel_size: 1e-3,
            size: [0.1, 0.1],
            distance: 0.2,
            close_distance: None,
            rotations,
            twotheta,
            curved: false,
            point_pixel: false,
            thickness: Sweep { range: 0.0, step: 0.0, steps: 1 },
            attenuation: -1.0,
            roi: [0, 100, 0, 100],
            origin: None,
        };
        let centres = Centres {
            beam: [Some(0.03), Some(0.04)],
            close: [None; 2],
            origin: [None; 2],
            size: config.size,
            pixel: config.pixel_size,
        };
        let frame = Frame::new(Convention::Custom, pivot, Axes::CUSTOM, &centres);
        (config, frame)
    }

    fn placed(config: &DetectorConfig, frame: &Frame) -> Detector {
        let centre = if frame.pivot == Pivot::Beam { frame.beam_fs } else { frame.close_fs };
        let q = Quantities {
            distance: config.distance,
            centre,
            rotations: config.rotations,
            twotheta: config.twotheta,
            ..Quantities::NONE
        };
        place(config, frame, &q)
    }

    proptest! {
        #[test]
        fn turning_about_the_beam_keeps_the_beam_centre(r in prop::array::uniform3(-0.5..0.5_f64)) {
            let (config, frame) = detector(r, 0.0, Pivot::Beam);
            let placed = placed(&config, &frame);
            prop_assert!((placed.beam_fs[0] - 0.03).abs() < 1e-12);
            prop_assert!((placed.beam_fs[1] - 0.04).abs() < 1e-12);
            prop_assert!((placed.distance - 0.2).abs() < 1e-12);
        }

        #[test]
        fn turning_about_the_sample_keeps_the_nearest_point(r in prop::array::uniform3(-0.5..0.5_f64), swing in -1.0..1.0_f64) {
            let (config, frame) = detector(r, swing, Pivot::Sample);
            let placed = placed(&config, &frame);
            prop_assert!((placed.close_fs[0] - 0.03).abs() < 1e-12);
            prop_assert!((placed.close_fs[1] - 0.04).abs() < 1e-12);
        }
    }

    #[test]
    fn an_untilted_detector_is_where_it_was_put() {
        let (config, frame) = detector([0.0; 3], 0.0, Pivot::Beam);
        let placed = placed(&config, &frame);
        assert_eq!(placed.origin, Vec3::new(0.2, 0.04, -0.03));
        assert_eq!(placed.close_distance, 0.2);
    }
}

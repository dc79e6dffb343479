//! Values that describe no experiment are refused, values that hardly anybody means are named: not under the reference's
//! leniency, but for counts that it forgets.
//!
//! Not here: the ranges of single values (`cli::range`, checked as words are read), images that come out empty.

use super::notice::Notice;
use super::raw::RawConfig;
use super::{Convention, UserCell};
use crate::c_number::g6;
use crate::cli::flags::Id;
use crate::cli::parse::Setting;
use crate::error::UsageError;
use crate::physics::vec3::Vec3;

/// Values that a header may have brought, directions without a direction and cells that cannot be closed.
///
/// # Errors
/// The first value that describes no experiment.
pub(super) fn check(raw: &RawConfig, settings: &[Setting]) -> Result<(), UsageError> {
    for (flag, value, unit) in
        [("-pixel", raw.pixel_size * 1e3, "mm"), ("-lambda", raw.wavelength * 1e10, "Å")]
    {
        if !(value > 0.0 && value.is_finite()) {
            return Err(UsageError::new(
                format!("`{flag}`: unusable value `{value}`"),
                format!("more than 0 {unit}"),
            ));
        }
    }
    if raw.distance == 0.0 && raw.close_distance.is_none_or(|d| d == 0.0) {
        return Err(UsageError::new("`-distance`: unusable value `0`", "a distance in mm that is not 0"));
    }
    let is_pivot = |text: &str| text.contains("sample") || text.contains("beam");
    if let Some(other) = settings.iter().find(|s| s.id == Id::Pivot && !is_pivot(&s.text(0))) {
        return Err(UsageError::new(
            format!("`{}`: unknown pivot `{}`", other.word, other.text(0)),
            "beam or sample",
        ));
    }
    directions(raw, settings)?;
    raw.cell.map_or(Ok(()), cell)
}

fn directions(raw: &RawConfig, settings: &[Setting]) -> Result<(), UsageError> {
    use Id::{BeamVector, FdetVector, OdetVector, PolarVector, SdetVector, SpindleAxis, TwothetaAxis};
    let named = [FdetVector, SdetVector, OdetVector, BeamVector, PolarVector, SpindleAxis, TwothetaAxis];
    // What vanishes when it is squared counts as 0.
    let length = |s: &Setting| Vec3::new(s.number(0), s.number(1), s.number(2)).norm();
    if let Some(setting) = settings.iter().find(|s| named.contains(&s.id) && length(s) < 1e-100) {
        return Err(UsageError::new(
            format!("`{}`: a vector of zeros has no direction", setting.word),
            "three numbers, not all of them 0",
        ));
    }
    let parallel = |a: Vec3, b: Vec3| a.cross(b).norm() <= 1e-9 * a.norm() * b.norm();
    if raw.convention == Convention::Custom && parallel(raw.axes.fast, raw.axes.slow) {
        return Err(UsageError::new(
            "the fast and the slow axis of the detector are parallel",
            "-fdet_vector and -sdet_vector with different directions",
        ));
    }
    // The default is fine until the beam is turned along it, and then only where there is something to polarise or to spread.
    let spreads = [raw.h_div, raw.v_div]
        .iter()
        .any(|requested| requested.range > 0.0 || requested.step > 0.0 || requested.steps > 1);
    let polarizes = raw.kahn_factor != 0.0 && !raw.no_polarization;
    let is_asked_for = settings.iter().any(|s| s.id == PolarVector);
    let matters = spreads || polarizes || is_asked_for;
    if raw.convention == Convention::Custom && matters && parallel(raw.axes.polarization, raw.axes.beam) {
        return Err(UsageError::new(
            "the electric vector of the beam is parallel to the beam",
            "-polar_vector and -beam_vector with different directions",
        ));
    }
    Ok(())
}

/// A cell whose angles leave it a volume. What is not positive counts as not given.
fn cell(cell: UserCell) -> Result<(), UsageError> {
    let angles = cell.angles.map(|angle| if angle > 0.0 { angle } else { std::f64::consts::FRAC_PI_2 });
    let [a, b, c] = angles.map(f64::cos);
    // The square of the volume in units of the lengths: the determinant of the metric.
    if 1.0 - a * a - b * b - c * c + 2.0 * a * b * c > 1e-12 {
        return Ok(());
    }
    let [alpha, beta, gamma] = angles.map(|angle| g6(angle.to_degrees()));
    Err(UsageError::new(
        format!("`-cell`: no cell has the angles `{alpha} {beta} {gamma}` degrees"),
        "each angle less than the sum of the other two, and less than 360 degrees in all",
    ))
}

/// A region with pixels in it: limits in order, on a detector of `pixels` (fast, slow). Warns where it reaches beyond.
///
/// # Errors
/// A region without pixels.
pub(super) fn region(raw: &mut RawConfig, pixels: [usize; 2]) -> Result<(), UsageError> {
    let expected =
        format!("-roi XMIN XMAX YMIN YMAX in order, on a detector of {} x {} pixels", pixels[0], pixels[1]);
    for (axis, name) in ["fast", "slow"].into_iter().enumerate() {
        let [least, most] = [raw.roi[2 * axis], raw.roi[2 * axis + 1]].map(i64::from);
        let count = pixels[axis] as i64;
        if (most >= 0 && least > most) || least >= count {
            return Err(UsageError::new(
                format!("`-roi`: no pixel is from `{least}` to `{most}` along the {name} axis"),
                expected,
            ));
        }
        if most > count {
            raw.notices.push(Notice::Other(format!(
                "-roi reaches to {most} along the {name} axis, beyond the detector of {count} pixels"
            )));
        }
    }
    Ok(())
}

/// Pixels to print and to trace that are on a detector of `pixels` (fast, slow), or negative ones, which stand for none or all.
///
/// # Errors
/// A pixel beside the detector.
pub(super) fn watched_pixels(raw: &RawConfig, pixels: [usize; 2]) -> Result<(), UsageError> {
    let [fast, slow] = pixels.map(|count| count as i64);
    let printed = raw.printout_pixel.map(|p| ("-printout_pixel", p, [p.fast, p.slow]));
    let traced = raw.trace_pixel.map(|p| ("-trace_pixel", p, [p.slow, p.fast]));
    for (flag, pixel, [first, second]) in printed.into_iter().chain(traced) {
        if i64::from(pixel.fast) >= fast || i64::from(pixel.slow) >= slow {
            return Err(UsageError::new(
                format!("`{flag} {first} {second}` is outside the detector"),
                format!("slow below {slow} and fast below {fast}"),
            ));
        }
    }
    Ok(())
}

/// Counts that the reference forgets: beside a step without a range there are always two steps.
pub(super) fn forgotten_counts(raw: &RawConfig) -> Vec<Notice> {
    let sweeps = [
        ("-phisteps", "-phistep", "-osc", raw.phi),
        ("-hdivsteps", "-hdivstep", "-hdivrange", raw.h_div),
        ("-vdivsteps", "-vdivstep", "-vdivrange", raw.v_div),
    ];
    let forgotten = sweeps.into_iter().filter(|(.., requested)| {
        requested.range < 0.0 && requested.step > 0.0 && requested.steps > 0 && requested.steps != 2
    });
    forgotten
        .map(|(count, step, range, requested)| {
            Notice::Other(format!(
                "`{count} {}` has no effect beside {step} without {range}: there are 2 steps, as in the reference",
                requested.steps
            ))
        })
        .collect()
}

/// Warns of an axis that is not of length 1 where the reference's formula needs it to be: the detector is distorted.
pub(super) fn swing_axis(raw: &mut RawConfig) {
    let length = raw.axes.twotheta.norm();
    if raw.convention == Convention::Custom && raw.twotheta != 0.0 && (length - 1.0).abs() > 1e-6 {
        raw.notices.push(Notice::Other(format!(
            "-twotheta_axis has a length of {}: it is used as it is, as in the reference, and the swing distorts the detector; \
             give a vector of length 1",
            g6(length)
        )));
    }
}

/// Warns of a beam that is given beside the detector, as a position in pixels is when it is taken for one in mm.
pub(super) fn beam_position(raw: &mut RawConfig, pixels: [usize; 2]) {
    if raw.twotheta != 0.0 {
        return;
    }
    let longest = raw.detector_size[0].max(raw.detector_size[1]);
    let most_pixels = pixels[0].max(pixels[1]) as f64;
    let names = [["-Xbeam", "-Ybeam"], ["-Xclose", "-Yclose"]];
    for (names, values) in names.into_iter().zip([raw.beam_xy, raw.close_xy]) {
        for (name, value) in names.into_iter().zip(values) {
            let Some(value) = value.filter(|x| *x < 0.0 || *x > longest) else { continue };
            let (given, size) = (g6(value * 1e3), g6(longest * 1e3));
            let looks = if value > 0.0 && value * 1e3 <= most_pixels { "; it looks like pixels" } else { "" };
            raw.notices.push(Notice::Other(format!(
                "`{name} {given}` is beside the detector, which measures {size} mm{looks}"
            )));
        }
    }
}

/// Warnings about values that are allowed but not usual.
pub(super) fn unusual(settings: &[Setting]) -> Vec<Notice> {
    let mut notices = Vec::new();
    for setting in settings {
        let flag = setting.id.flag();
        if setting.id == Id::Cell && ![1, 3, 6].contains(&setting.values.len()) {
            notices.push(Notice::Other(format!(
                "`{}` has {} values, usually 1, 3 or 6: lengths that are missing are taken as the first, angles as 90 degrees",
                setting.word,
                setting.values.len()
            )));
        }
        for i in 0..setting.values.len() {
            let Some(usual) = flag.range(i).and_then(|range| range.unusual(setting.number(i))) else {
                continue;
            };
            let looks = other_unit(setting.id, setting.number(i))
                .map_or_else(String::new, |unit| format!("; it looks like {unit}"));
            let unit = flag.unit_of(i);
            notices.push(Notice::Other(
                format!(
                    "`{} {}` is an unusual value, usually {usual} {unit}{looks}",
                    setting.word,
                    setting.text(i),
                )
                .trim_end()
                .to_owned(),
            ));
        }
    }
    notices
}

/// Units that are taken for the flag's own: which flag, from and to which value it looks like that, the unit.
const OTHER_UNITS: &[(Id, f64, f64, &str)] = &[
    (Id::Wavelength, 0.0, 1e-6, "metres"),
    (Id::Energy, 0.0, 100.0, "keV"),
    (Id::Distance, 0.0, 1.0, "metres"),
    (Id::CloseDistance, 0.0, 1.0, "metres"),
    (Id::DetSize, 0.0, 1.0, "metres"),
    (Id::PixelSize, 0.0, 1e-3, "metres"),
    (Id::PixelSize, 20.0, 1e4, "micrometres"),
    (Id::Cell, 0.0, 1e-6, "metres"),
    (Id::BeamSize, 0.0, 1e-5, "metres"),
];

fn other_unit(id: Id, value: f64) -> Option<&'static str> {
    let fits =
        |(flag, least, most, _): &&(Id, f64, f64, &str)| *flag == id && value > *least && value < *most;
    OTHER_UNITS.iter().find(fits).map(|(.., unit)| *unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_angles(degrees: [f64; 3]) -> Result<(), UsageError> {
        cell(UserCell { lengths: [10.0; 3], angles: degrees.map(f64::to_radians) })
    }

    #[test]
    fn a_cell_is_closed_only_if_each_angle_is_less_than_the_sum_of_the_others() {
        for angles in [[90.0; 3], [60.0; 3], [75.0, 85.0, 95.0], [0.0, 0.0, 120.0], [119.0; 3]] {
            assert!(with_angles(angles).is_ok(), "{angles:?}");
        }
        for angles in [[120.0; 3], [30.0, 40.0, 71.0], [130.0, 120.0, 111.0], [180.0, 90.0, 90.0]] {
            assert!(with_angles(angles).is_err(), "{angles:?}");
        }
    }
}

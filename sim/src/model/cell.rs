//! Unit cell and its orientation: from the user's cell or a MOSFLM matrix to direct and reciprocal vectors.
//!
//! Not here: rotation during exposure and mosaic domains (`orientation`).

use crate::c_number::g;
use crate::config::UserCell;
use crate::physics::rotation::rotate_xyz;
use crate::physics::scalar::Scalar;
use crate::physics::vec3::Vec3;
use crate::units::ANGSTROM;
use serde::Serialize;
use std::f64::consts::PI;

/// The crystal's cell in the laboratory frame, before rotation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Cell<T = f64> {
    /// a, b, c in Å.
    pub direct: [Vec3<T>; 3],
    /// a*, b*, c* in 1/Å.
    pub reciprocal: [Vec3<T>; 3],
    /// |a|, |b|, |c| in Å.
    pub lengths: [T; 3],
    /// α, β, γ in radians.
    pub angles: [T; 3],
    /// |a*|, |b*|, |c*| in 1/Å.
    pub reciprocal_lengths: [T; 3],
    /// α*, β*, γ* in radians.
    pub reciprocal_angles: [T; 3],
    /// Volume in Å³.
    pub volume: T,
    /// The reference's console lines about cells that cannot exist.
    #[serde(skip)]
    pub remarks: Vec<String>,
}

/// The reciprocal vectors of a user cell in the standard orientation (a* along x, b* in the xy plane), the completed
/// lengths a, b, c and the volume.
struct Standard<T> {
    reciprocal: [Vec3<T>; 3],
    lengths: [T; 3],
    volume: T,
}

/// Puts the cell together.
///
/// `matrix` holds a*, b*, c* (columns of the MOSFLM matrix, i.e. times the wavelength); its directions win over the
/// standard orientation, while the lengths of a given cell win over the matrix's. A component that it lacks is the standard
/// orientation's, divided by the wavelength all the same. `misset` turns the reciprocal vectors
/// about x, y, z in radians. `wavelength` is in m. With `skewed` the cell is put together as the reference does it
/// (C-CELL-001): two or more angles other than 90 degrees then come out slightly wrong.
pub(crate) fn build<T: Scalar>(
    user: Option<&UserCell<T>>,
    matrix: Option<[Vec3<Option<f64>>; 3]>,
    misset: Option<[T; 3]>,
    wavelength: T,
    skewed: bool,
) -> Cell<T> {
    let mut remarks = Vec::new();
    let standard = user.map(|cell| standard_orientation(cell, skewed, &mut remarks));
    let mut star = standard.as_ref().map_or([Vec3::ZERO.lifted(); 3], |s| s.reciprocal);
    if let Some(columns) = matrix {
        let or = |given: Option<f64>, standard: T| given.map_or(standard, T::from);
        for (star, v) in star.iter_mut().zip(columns) {
            let whole = Vec3::new(or(v.x, star.x), or(v.y, star.y), or(v.z, star.z));
            *star = whole.scaled(T::from(ANGSTROM) / wavelength);
        }
    }
    if let Some(angles) = misset {
        star = star.map(|v| rotate_xyz(v, angles));
    }

    // a = (b* × c*) / V*, and cyclic.
    let mut cross = [star[1].cross(star[2]), star[2].cross(star[0]), star[0].cross(star[1])];
    let mut reciprocal_volume = star[0].dot(cross[0]);
    if let Some(s) = &standard {
        for (v, length) in cross.iter_mut().zip(s.lengths) {
            *v = v.rescaled(length / s.volume);
        }
        reciprocal_volume = T::from(1.0) / s.volume;
    }
    let volume = T::from(1.0) / reciprocal_volume;
    let direct = cross.map(|v| v.scaled(volume));
    let [a, b, c] = direct;
    // Now that there are direct vectors, the reciprocal ones follow from them.
    let reciprocal = [b.cross(c), c.cross(a), a.cross(b)].map(|v| v.scaled(reciprocal_volume));

    let lengths = direct.map(Vec3::norm);
    let reciprocal_lengths = reciprocal.map(Vec3::norm);
    let angles = angles(reciprocal_lengths, direct, lengths, volume, "", &mut remarks);
    let reciprocal_angles =
        angles_of_star(lengths, reciprocal, reciprocal_lengths, reciprocal_volume, &mut remarks);
    Cell { direct, reciprocal, lengths, angles, reciprocal_lengths, reciprocal_angles, volume, remarks }
}

fn angles<T: Scalar>(
    opposite: [T; 3],
    vectors: [Vec3<T>; 3],
    lengths: [T; 3],
    volume: T,
    star: &str,
    remarks: &mut Vec<String>,
) -> [T; 3] {
    let [p, q, r] = lengths;
    let [u, v, w] = vectors;
    let sin = [opposite[0] * volume / q / r, opposite[1] * volume / p / r, opposite[2] * volume / p / q];
    let cos = [v.dot(w) / q / r, u.dot(w) / p / r, u.dot(v) / p / q];
    bounded_angles(sin, cos, star, remarks)
}

fn angles_of_star<T: Scalar>(
    opposite: [T; 3],
    vectors: [Vec3<T>; 3],
    lengths: [T; 3],
    volume: T,
    remarks: &mut Vec<String>,
) -> [T; 3] {
    angles(opposite, vectors, lengths, volume, "_star", remarks)
}

/// Angles from sines and cosines that rounding may have pushed past 1.
fn bounded_angles<T: Scalar>(sin: [T; 3], cos: [T; 3], star: &str, remarks: &mut Vec<String>) -> [T; 3] {
    if sin.iter().chain(&cos).any(|x| x.value().abs() > 1.000_000_1) {
        let what = if star.is_empty() { "cell" } else { "reciprocal cell" };
        remarks.push(format!("WARNING: oddball {what} angles:"));
        for (i, name) in ["alpha", "beta", "gamma"].iter().enumerate() {
            remarks.push(format!("sin({name}{star}) = {}", g(sin[i].value(), 25)));
            remarks.push(format!("cos({name}{star}) = {}", g(cos[i].value(), 25)));
        }
    }
    std::array::from_fn(|i| {
        let (sin, cos) = bounded(sin[i], cos[i]);
        sin.atan2(cos)
    })
}

fn bounded<T: Scalar>(sin: T, cos: T) -> (T, T) {
    let sin = if sin.value() > 1.0 { T::from(1.0) } else { sin };
    let sin = if sin.value() < -1.0 { T::from(-1.0) } else { sin };
    (sin, if (cos * cos).value() > 1.0 { T::from(1.0) } else { cos })
}

/// The cell with what is missing filled in: lengths take the first one's, angles are right.
pub(super) fn completed<T: Scalar>(user: &UserCell<T>) -> UserCell<T> {
    let [a, b, c] = user.lengths;
    UserCell {
        lengths: [a, if b.value() <= 0.0 { a } else { b }, if c.value() <= 0.0 { a } else { c }],
        angles: user.angles.map(|x| if x.value() <= 0.0 { T::from(PI / 2.0) } else { x }),
    }
}

fn standard_orientation<T: Scalar>(
    user: &UserCell<T>,
    skewed: bool,
    remarks: &mut Vec<String>,
) -> Standard<T> {
    let UserCell { lengths: [a, b, c], angles: [alpha, beta, gamma] } = completed(user);
    let half_sum = (alpha + beta + gamma) / T::from(2.0);
    let mut skew =
        half_sum.sin() * (half_sum - alpha).sin() * (half_sum - beta).sin() * (half_sum - gamma).sin();
    if skew.value() < 0.0 {
        skew = -skew;
    }
    let mut volume = T::from(2.0) * a * b * c * skew.sqrt();
    if volume.value() <= 0.0 {
        remarks.push(format!("WARNING: impossible unit cell volume: {}", g(volume.value(), 6)));
        volume = T::from(f64::MIN_POSITIVE);
    }
    let inverse = T::from(1.0) / volume;
    let mut star =
        [b * c * alpha.sin() * inverse, c * a * beta.sin() * inverse, a * b * gamma.sin() * inverse];
    if star.iter().any(|x| x.value() <= 0.0) {
        let [x, y, z] = star.map(|x| g(x.value(), 6));
        remarks.push(format!("WARNING: impossible reciprocal cell lengths: {x} {y} {z}"));
        star = star.map(|x| if x.value().abs() <= 0.0 { T::from(f64::MIN_POSITIVE) } else { x.abs() });
    }
    let sin =
        [a * inverse / star[1] / star[2], b * inverse / star[0] / star[2], c * inverse / star[0] / star[1]];
    let (ca, cb, cg) = (alpha.cos(), beta.cos(), gamma.cos());
    let (sa, sb, sg) = (alpha.sin(), beta.sin(), gamma.sin());
    let cos = [(cb * cg - ca) / (sb * sg), (cg * ca - cb) / (sg * sa), (ca * cb - cg) / (sa * sb)];
    bounded_angles(sin, cos, "_star", remarks);
    let bound: [(T, T); 3] = std::array::from_fn(|i| bounded(sin[i], cos[i]));
    let [(_, cos_a), (_, cos_b), (sin_g, cos_g)] = bound;

    // The component of c* along z is c* V*/(a* b* c*) / sin γ*; the reference takes V/(a b c) for V*/(a* b* c*), which is
    // the same only while at most one angle is not a right one.
    let reference = star[2] * volume / (a * b * c * sin_g);
    let correct = star[2] * inverse / (star[0] * star[1] * star[2] * sin_g);
    let oblique = [ca, cb, cg].iter().filter(|cos| cos.value().abs() > 1e-12).count();
    let upright = if skewed {
        reference
    } else if oblique <= 1 {
        // The reference's last bit with the derivatives of the right formula: the difference of close numbers is exact.
        correct + T::from(reference.value() - correct.value())
    } else {
        correct
    };
    let zero = T::from(0.0);
    let reciprocal = [
        Vec3::new(star[0], zero, zero),
        Vec3::new(star[1] * cos_g, star[1] * sin_g, zero),
        Vec3::new(star[2] * cos_b, star[2] * (cos_a - cos_b * cos_g) / sin_g, upright),
    ];
    Standard { reciprocal, lengths: [a, b, c], volume }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cell(lengths: [f64; 3], degrees: [f64; 3]) -> UserCell {
        UserCell { lengths, angles: degrees.map(f64::to_radians) }
    }

    proptest! {
        #[test]
        fn direct_and_reciprocal_vectors_are_dual_and_lengths_are_the_users(
            lengths in prop::array::uniform3(5.0..300.0_f64),
            angles in prop::array::uniform3(70.0..110.0_f64),
            misset in prop::array::uniform3(-3.0..3.0_f64),
        ) {
            let built = build(Some(&cell(lengths, angles)), None, Some(misset), 1e-10, false);
            for i in 0..3 {
                prop_assert!((built.lengths[i] / lengths[i] - 1.0).abs() < 1e-12);
                prop_assert!((built.angles[i].to_degrees() - angles[i]).abs() < 1e-9);
                for j in 0..3 {
                    let dual = built.direct[i].dot(built.reciprocal[j]);
                    prop_assert!((dual - f64::from(u8::from(i == j))).abs() < 1e-9, "{} {} {}", i, j, dual);
                }
            }
        }
    }

    #[test]
    fn missing_lengths_equal_the_first_and_missing_angles_are_right() {
        let built = build(Some(&cell([50.0, 0.0, 0.0], [0.0; 3])), None, None, 1e-10, true);
        assert!(built.lengths.iter().all(|l| (l - 50.0).abs() < 1e-10));
        assert!((built.volume - 125_000.0).abs() < 1e-6);
    }

    proptest! {
        #[test]
        fn with_at_most_one_oblique_angle_a_cell_has_the_references_bits(
            lengths in prop::array::uniform3(5.0..300.0_f64),
            angle in 60.0..120.0_f64,
            which in 0..3_usize,
        ) {
            let mut angles = [90.0; 3];
            angles[which] = angle;
            let built = |skewed| build(Some(&cell(lengths, angles)), None, None, 1e-10, skewed).direct;
            prop_assert_eq!(built(true), built(false));
        }
    }

    #[test]
    fn the_references_cell_is_skewed_where_two_angles_are_not_right() {
        let angle_error = |angles: [f64; 3]| {
            let built = build(Some(&cell([70.0, 80.0, 90.0], angles)), None, None, 1e-10, true);
            (0..3).map(|i| (built.angles[i].to_degrees() - angles[i]).abs()).fold(0.0, f64::max)
        };
        assert!(angle_error([90.0, 105.0, 90.0]) < 1e-9);
        // The reference prints 75.0391 for the first of these angles.
        assert!((angle_error([75.0, 85.0, 95.0]) - 0.0391).abs() < 5e-5);
    }

    #[test]
    fn an_impossible_cell_is_remarked_upon() {
        let built = build(Some(&cell([50.0, 50.0, 50.0], [10.0, 20.0, 170.0])), None, None, 1e-10, true);
        assert!(built.remarks.iter().any(|r| r.contains("oddball")), "{:?}", built.remarks);
    }

    #[test]
    fn a_matrix_is_divided_by_the_wavelength() {
        let columns = [Vec3::new(0.02, 0.0, 0.0), Vec3::new(0.0, 0.02, 0.0), Vec3::new(0.0, 0.0, 0.02)];
        let given = columns.map(|v: Vec3| Vec3 { x: Some(v.x), y: Some(v.y), z: Some(v.z) });
        let built = build(None, Some(given), None, 2e-10, true);
        assert!((built.lengths[0] - 100.0).abs() < 1e-9, "{:?}", built.lengths);
    }
}

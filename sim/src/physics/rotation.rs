//! Rotations of vectors: successive turns about x, y, z; a turn about an axis (Rodrigues); a rotation matrix; and the
//! angles that reproduce a matrix.
//!
//! Not here: which rotation is applied to what (see `model`).

use super::scalar::Scalar;
use super::vec3::Vec3;

/// A 3×3 rotation matrix, row by row.
pub(crate) type RotationMatrix<T = f64> = [T; 9];

/// The matrix that changes nothing.
pub(crate) const IDENTITY: RotationMatrix = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];

/// Turns `v` about x, then y, then z, by the angles given in radians.
///
/// A zero angle (one that is zero whatever the parameters) is skipped, and the terms that are zero by construction are still added where the reference adds them
/// (they decide the sign of a zero).
///
/// Each turn makes a new vector. Updating a local copy of `v` instead meets rust-lang/rust#155241 (seen with rustc 1.95 at
/// opt-levels 1 and 2): called through a closure, the function then turns the caller's own field.
pub(crate) fn rotate_xyz<T: Scalar>(v: Vec3<T>, angles: [T; 3]) -> Vec3<T> {
    let [phi_x, phi_y, phi_z] = angles;
    turn_z(turn_y(turn_x(v, phi_x), phi_y), phi_z)
}

fn turn_x<T: Scalar>(v: Vec3<T>, phi: T) -> Vec3<T> {
    if phi == T::from(0.0) {
        return v;
    }
    let (sin, cos) = (phi.sin(), phi.cos());
    Vec3::new(v.x, v.y * cos + v.z * -sin, v.y * sin + v.z * cos)
}

fn turn_y<T: Scalar>(v: Vec3<T>, phi: T) -> Vec3<T> {
    if phi == T::from(0.0) {
        return v;
    }
    let (sin, cos) = (phi.sin(), phi.cos());
    Vec3::new(v.x * cos + v.y * T::from(0.0) + v.z * sin, v.y, v.x * -sin + v.y * T::from(0.0) + v.z * cos)
}

fn turn_z<T: Scalar>(v: Vec3<T>, phi: T) -> Vec3<T> {
    if phi == T::from(0.0) {
        return v;
    }
    let (sin, cos) = (phi.sin(), phi.cos());
    Vec3::new(v.x * cos + v.y * -sin, v.x * sin + v.y * cos, v.z)
}

/// Turns `v` about `axis` by `phi` radians (Rodrigues' formula). The axis is used as it is, normalised or not.
#[inline]
pub(crate) fn rotate_axis<T: Scalar>(v: Vec3<T>, axis: Vec3<T>, phi: T) -> Vec3<T> {
    let (sin, cos) = (phi.sin(), phi.cos());
    let dot = (axis.x * v.x + axis.y * v.y + axis.z * v.z) * (T::from(1.0) - cos);
    Vec3::new(
        axis.x * dot + v.x * cos + (-axis.z * v.y + axis.y * v.z) * sin,
        axis.y * dot + v.y * cos + (axis.z * v.x - axis.x * v.z) * sin,
        axis.z * dot + v.z * cos + (-axis.y * v.x + axis.x * v.y) * sin,
    )
}

/// The product of a rotation matrix with `v`.
pub(crate) fn rotate_matrix<T: Scalar>(v: Vec3<T>, m: &RotationMatrix<T>) -> Vec3<T> {
    Vec3::new(
        m[0] * v.x + m[1] * v.y + m[2] * v.z,
        m[3] * v.x + m[4] * v.y + m[5] * v.z,
        m[6] * v.x + m[7] * v.y + m[8] * v.z,
    )
}

/// The matrix of a turn by `angle` about the unit vector `axis`, with the reference's association.
pub(crate) fn matrix_about<T: Scalar>([v1, v2, v3]: [f64; 3], angle: T) -> RotationMatrix<T> {
    let (cos, sin) = (angle.cos(), angle.sin());
    let versine = T::from(1.0) - cos;
    let [s1, s2, s3] = [v1 * v1, v2 * v2, v3 * v3].map(T::from);
    let [v1, v2, v3] = [v1, v2, v3].map(T::from);
    let (t6, t9, t12, t20) = (versine * v1, sin * v3, sin * v2, sin * v1);
    let (t7, t11, t19) = (t6 * v2, t6 * v3, versine * v2 * v3);
    [
        cos + versine * s1,
        t7 - t9,
        t11 + t12,
        t7 + t9,
        cos + versine * s2,
        t19 - t20,
        t11 - t12,
        t19 + t20,
        cos + versine * s3,
    ]
}

/// The angles (x, y, z, radians) whose successive turns make up the rotation matrix `m`.
///
/// The rows are normalised first. A matrix with null rows is not a rotation and is completed by cross products, which the
/// generator of random orientations never asks for; such a matrix gives angles of the completed one here too.
pub(crate) fn angles_of(m: &RotationMatrix) -> [f64; 3] {
    let row = |i: usize| Vec3::new(m[i], m[i + 1], m[i + 2]);
    let (x, y, z) = (row(0).unitized().0, row(3).unitized().0, row(6).unitized().0);
    // Normalised twice, as the reference does: the second pass can still move the last bit.
    let (x, y, z) = (x.unitized().0, y.unitized().0, z.unitized().0);
    if z.x * z.x < 1.0 {
        [z.y.atan2(z.z), (-z.x).atan2((z.y * z.y + z.z * z.z).sqrt()), y.x.atan2(x.x)]
    } else {
        let quarter = 1.0_f64.atan2(1.0);
        [quarter * 4.0, quarter * 2.0, x.y.atan2(-y.y)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::FRAC_PI_2;

    fn close(a: Vec3, b: Vec3) -> bool {
        (a - b).norm() < 1e-14
    }

    #[test]
    fn turns_are_right_handed_about_each_axis() {
        let (x, y, z) = (Vec3::new(1., 0., 0.), Vec3::new(0., 1., 0.), Vec3::new(0., 0., 1.));
        assert!(close(rotate_xyz(y, [FRAC_PI_2, 0., 0.]), z));
        assert!(close(rotate_xyz(z, [0., FRAC_PI_2, 0.]), x));
        assert!(close(rotate_xyz(x, [0., 0., FRAC_PI_2]), y));
        assert!(close(rotate_axis(x, z, FRAC_PI_2), y));
    }

    #[test]
    fn the_angles_of_a_matrix_reproduce_it() {
        let angles = [0.3, -0.4, 1.2];
        let columns = [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.]].map(|e| rotate_xyz(Vec3::from(e), angles));
        let mut m = [0.0; 9];
        for (c, v) in columns.iter().enumerate() {
            (m[c], m[3 + c], m[6 + c]) = (v.x, v.y, v.z);
        }
        for (found, wanted) in angles_of(&m).iter().zip(angles) {
            assert!((found - wanted).abs() < 1e-14, "{found} {wanted}");
        }
        assert!(close(rotate_matrix(Vec3::new(1., 2., 3.), &m), rotate_xyz(Vec3::new(1., 2., 3.), angles)));
    }
}

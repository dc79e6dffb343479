//! The trace keys: unit, shape, what each is computed from, and what it means. One table for emission order,
//! documentation and comparison.
//!
//! Names are the reference's own, also where they are misleading (C-TRACE-001); the unit column states the true unit. Not
//! here: the values (`text`, `jsonl`).

/// Shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueShape {
    /// One number.
    Scalar,
    /// Three numbers.
    Vector,
    /// Three integers.
    Indices,
    /// One integer.
    Integer,
}

/// One key of the pixel level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// Name in the trace.
    pub name: &'static str,
    /// True unit of the printed number.
    pub unit: &'static str,
    /// Shape.
    pub shape: ValueShape,
    /// Keys it is computed from; empty for what follows from the configuration.
    pub inputs: &'static [&'static str],
    /// Meaning with its equation.
    pub meaning: &'static str,
}

use ValueShape::{Indices, Integer, Scalar, Vector};

const fn key(
    name: &'static str,
    unit: &'static str,
    shape: ValueShape,
    inputs: &'static [&'static str],
    meaning: &'static str,
) -> Key {
    Key { name, unit, shape, inputs, meaning }
}

/// The keys of the pixel level in the order of emission.
pub static PIXEL_KEYS: &[Key] = &[
    key("pix0_vector_meters", "m", Vector, &[], "corner of the first pixel"),
    key("fdet_vec", "", Vector, &[], "direction of the fast axis"),
    key("sdet_vec", "", Vector, &[], "direction of the slow axis"),
    key(
        "pixel_pos_meters",
        "m",
        Vector,
        &["pix0_vector_meters", "fdet_vec", "sdet_vec"],
        "position of the sub-pixel: pix0 + F fdet + S sdet (+ depth x normal)",
    ),
    key(
        "R_distance_meters",
        "m",
        Scalar,
        &["pixel_pos_meters"],
        "distance of the sub-pixel: R = |pixel_pos|",
    ),
    key(
        "omega_pixel_sr",
        "sr",
        Scalar,
        &["R_distance_meters", "close_distance_meters"],
        "solid angle in force: pixel^2 / R^2 x close_distance / R, taken at the pixel's first sub-pixel unless oversampled",
    ),
    key("close_distance_meters", "m", Scalar, &[], "distance of the detector's nearest point"),
    key(
        "obliquity_factor",
        "",
        Scalar,
        &["close_distance_meters", "R_distance_meters"],
        "close_distance / R",
    ),
    key("diffracted_vec", "", Vector, &["pixel_pos_meters"], "unit vector to the sub-pixel"),
    key("incident_vec", "", Vector, &[], "unit vector of the incident ray"),
    key("lambda_meters", "m", Scalar, &[], "wavelength of the source"),
    key("lambda_angstroms", "A", Scalar, &[], "wavelength of the source"),
    key(
        "scattering_vec_A_inv",
        "1/m",
        Vector,
        &["diffracted_vec", "incident_vec", "lambda_meters"],
        "scattering vector (diffracted - incident) / lambda; in 1/m whatever its name says",
    ),
    key("rot_a_angstroms", "A", Vector, &[], "a after rotation and mosaic rotation"),
    key("rot_b_angstroms", "A", Vector, &[], "b after rotation and mosaic rotation"),
    key("rot_c_angstroms", "A", Vector, &[], "c after rotation and mosaic rotation"),
    key("rot_a_star_A_inv", "1/A", Vector, &[], "a* of the unrotated crystal, whatever its name says"),
    key("rot_b_star_A_inv", "1/A", Vector, &[], "b* of the unrotated crystal, whatever its name says"),
    key("rot_c_star_A_inv", "1/A", Vector, &[], "c* of the unrotated crystal, whatever its name says"),
    key(
        "hkl_frac",
        "",
        Vector,
        &["rot_a_angstroms", "rot_b_angstroms", "rot_c_angstroms", "scattering_vec_A_inv"],
        "fractional Miller indices: h = a.q, k = b.q, l = c.q",
    ),
    key("hkl_rounded", "", Indices, &["hkl_frac"], "nearest Miller indices: ceil(x - 0.5)"),
    key("F_latt_a", "", Scalar, &["hkl_frac"], "sin(pi Na h) / sin(pi h)"),
    key("F_latt_b", "", Scalar, &["hkl_frac"], "sin(pi Nb k) / sin(pi k)"),
    key("F_latt_c", "", Scalar, &["hkl_frac"], "sin(pi Nc l) / sin(pi l)"),
    key(
        "F_latt",
        "",
        Scalar,
        &["F_latt_a", "F_latt_b", "F_latt_c"],
        "structure factor of the lattice: product of the three",
    ),
    key(
        "F_cell",
        "electrons",
        Scalar,
        &["hkl_rounded", "hkl_frac"],
        "structure factor of the cell: nearest reflection, or tricubic interpolation",
    ),
    key(
        "I_before_scaling",
        "electrons^2",
        Scalar,
        &["F_cell", "F_latt"],
        "sum of F_cell^2 F_latt^2 over all steps, with the background",
    ),
    key("r_e_meters", "m", Scalar, &["r_e_sqr"], "classical electron radius"),
    key("r_e_sqr", "m^2", Scalar, &[], "its square"),
    key("fluence_photons_per_m2", "photons/m^2", Scalar, &[], "fluence"),
    key("steps", "", Integer, &[], "sources x domains x phi steps x sub-pixels"),
    key("oversample_thick", "", Integer, &[], "capture fraction anew for every sub-pixel"),
    key("oversample_polar", "", Integer, &[], "polarisation anew for every sub-pixel"),
    key("oversample_omega", "", Integer, &[], "solid angle anew for every sub-pixel"),
    key("capture_fraction", "", Scalar, &["diffracted_vec"], "share of the photons absorbed by the layer"),
    key("polar", "", Scalar, &["incident_vec", "diffracted_vec"], "Kahn's polarisation factor"),
    key(
        "omega_pixel",
        "sr",
        Scalar,
        &["R_distance_meters", "close_distance_meters"],
        "solid angle in force at the end",
    ),
    key(
        "cos_2theta",
        "",
        Scalar,
        &["incident_vec", "diffracted_vec"],
        "incident . diffracted of the last ray",
    ),
    key(
        "I_pixel_final",
        "photons",
        Scalar,
        &[
            "I_before_scaling",
            "r_e_sqr",
            "fluence_photons_per_m2",
            "steps",
            "capture_fraction",
            "polar",
            "omega_pixel",
        ],
        "r_e^2 fluence I / steps x capture x polar x omega",
    ),
    key(
        "floatimage_accumulated",
        "photons",
        Scalar,
        &["I_pixel_final"],
        "the pixel as stored, single precision",
    ),
];

/// The key of this name.
pub fn find(name: &str) -> Option<&'static Key> {
    PIXEL_KEYS.iter().find(|k| k.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_inputs_exist() {
        for (i, key) in PIXEL_KEYS.iter().enumerate() {
            assert!(PIXEL_KEYS[..i].iter().all(|k| k.name != key.name), "{}", key.name);
            for input in key.inputs {
                assert!(find(input).is_some(), "{} needs {input}", key.name);
            }
        }
    }

    #[test]
    fn no_key_depends_on_itself() {
        fn reaches(from: &str, to: &str) -> bool {
            find(from).is_some_and(|k| k.inputs.iter().any(|i| *i == to || reaches(i, to)))
        }
        for key in PIXEL_KEYS {
            assert!(!reaches(key.name, key.name), "{}", key.name);
        }
    }
}

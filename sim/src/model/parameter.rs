//! What a user can request a derivative by: names, units, and where in the quantities each one stands.
//!
//! Not here: the derivatives themselves (`engine`).

use super::quantities::Quantities;
use crate::error::UsageError;
use crate::physics::scalar::Scalar;
use crate::units::{ANGSTROM, DEGREES_PER_RADIAN, MILLIMETRE};
use std::fmt;

/// One parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parameter {
    /// Cell length a, b, c.
    CellLength(usize),
    /// Cell angle α, β, γ.
    CellAngle(usize),
    /// Initial turn about x, y, z.
    Misset(usize),
    /// Spindle angle of the first step.
    Phi,
    /// Central wavelength.
    Wavelength,
    /// Fluence.
    Fluence,
    /// Distance of the detector.
    Distance,
    /// Point the detector turns about, along fast and slow.
    Centre(usize),
    /// Rotation of the detector about x, y, z.
    Rotation(usize),
    /// Swing of the detector.
    Twotheta,
    /// Mosaic spread.
    MosaicSpread,
    /// Cells along a, b, c.
    Cells(usize),
    /// Structure factor of one reflection.
    Reflection([i32; 3]),
}

/// Names of all parameters but single reflections, with those others know them by.
const NAMES: &[(&str, &str, Parameter)] = &[
    ("cell_a", "cell_a_A", Parameter::CellLength(0)),
    ("cell_b", "cell_b_A", Parameter::CellLength(1)),
    ("cell_c", "cell_c_A", Parameter::CellLength(2)),
    ("cell_alpha", "cell_alpha_deg", Parameter::CellAngle(0)),
    ("cell_beta", "cell_beta_deg", Parameter::CellAngle(1)),
    ("cell_gamma", "cell_gamma_deg", Parameter::CellAngle(2)),
    ("misset_x", "misset_rot_x", Parameter::Misset(0)),
    ("misset_y", "misset_rot_y", Parameter::Misset(1)),
    ("misset_z", "misset_rot_z", Parameter::Misset(2)),
    ("phi", "phi_deg", Parameter::Phi),
    ("wavelength", "lambda_A", Parameter::Wavelength),
    ("fluence", "fluence", Parameter::Fluence),
    ("distance", "distance_mm", Parameter::Distance),
    ("Fbeam", "Fbeam_mm", Parameter::Centre(0)),
    ("Sbeam", "Sbeam_mm", Parameter::Centre(1)),
    ("detector_rotx", "detector_rotx_deg", Parameter::Rotation(0)),
    ("detector_roty", "detector_roty_deg", Parameter::Rotation(1)),
    ("detector_rotz", "detector_rotz_deg", Parameter::Rotation(2)),
    ("twotheta", "twotheta_deg", Parameter::Twotheta),
    ("mosaic_spread", "mosaic_spread_rad", Parameter::MosaicSpread),
    ("Na", "N_a", Parameter::Cells(0)),
    ("Nb", "N_b", Parameter::Cells(1)),
    ("Nc", "N_c", Parameter::Cells(2)),
];

impl Parameter {
    /// Every parameter but single reflections.
    pub fn all() -> impl Iterator<Item = Self> {
        NAMES.iter().map(|(_, _, parameter)| *parameter)
    }

    /// The user's unit, which derivatives are per.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::CellLength(_) | Self::Wavelength => "angstrom",
            Self::CellAngle(_)
            | Self::Misset(_)
            | Self::Phi
            | Self::Rotation(_)
            | Self::Twotheta
            | Self::MosaicSpread => "degree",
            Self::Fluence => "photon/m^2",
            Self::Distance | Self::Centre(_) => "mm",
            Self::Cells(_) => "cell",
            Self::Reflection(_) => "electron",
        }
    }

    /// One of the user's units in the unit of [`Quantities`].
    pub fn per_unit(self) -> f64 {
        match self {
            Self::CellAngle(_)
            | Self::Misset(_)
            | Self::Phi
            | Self::Rotation(_)
            | Self::Twotheta
            | Self::MosaicSpread => 1.0 / DEGREES_PER_RADIAN,
            Self::Distance | Self::Centre(_) => MILLIMETRE,
            Self::Wavelength => ANGSTROM,
            // The lengths of a cell stay in Å.
            Self::CellLength(_) | Self::Fluence | Self::Cells(_) | Self::Reflection(_) => 1.0,
        }
    }

    /// Where it stands; `None` when there is no such quantity (no cell given, reflection not made variable).
    pub fn place<T: Scalar>(self, q: &mut Quantities<T>) -> Option<&mut T> {
        Some(match self {
            Self::CellLength(i) => &mut q.cell.as_mut()?.lengths[i],
            Self::CellAngle(i) => &mut q.cell.as_mut()?.angles[i],
            Self::Misset(i) => &mut q.misset[i],
            Self::Phi => &mut q.phi_start,
            Self::Wavelength => &mut q.wavelength,
            Self::Fluence => &mut q.fluence,
            Self::Distance => &mut q.distance,
            Self::Centre(i) => &mut q.centre[i],
            Self::Rotation(i) => &mut q.rotations[i],
            Self::Twotheta => &mut q.twotheta,
            Self::MosaicSpread => &mut q.mosaic_spread,
            Self::Cells(i) => &mut q.cells[i],
            Self::Reflection(hkl) => &mut q.reflections.iter_mut().find(|(of, _)| *of == hkl)?.1,
        })
    }

    /// Its value in the user's unit.
    pub fn value(self, quantities: &Quantities) -> Option<f64> {
        let mut q = quantities.clone();
        self.place(&mut q).map(|x| *x / self.per_unit())
    }

    /// Reads a list with commas: names, `all`, and reflections as `F(h,k,l)`.
    ///
    /// # Errors
    /// Unknown names, with the nearest known one; names given twice; an empty list.
    pub fn list(text: &str) -> Result<Vec<Self>, UsageError> {
        let mut parameters = Vec::new();
        for name in split_outside_brackets(text) {
            let added = if name == "all" { Self::all().collect() } else { vec![Self::parse(name)?] };
            for parameter in added {
                if parameters.contains(&parameter) {
                    return Err(UsageError::new(
                        format!("parameter `{parameter}` is given twice"),
                        "each once",
                    ));
                }
                parameters.push(parameter);
            }
        }
        Ok(parameters)
    }

    fn parse(name: &str) -> Result<Self, UsageError> {
        let known = NAMES.iter().find(|(a, b, _)| a.eq_ignore_ascii_case(name) || *b == name);
        if let Some((_, _, parameter)) = known {
            return Ok(*parameter);
        }
        if let Some(indices) = name.strip_prefix("F(").and_then(|rest| rest.strip_suffix(')')) {
            let indices: Vec<i32> = indices.split(',').map_while(|i| i.trim().parse().ok()).collect();
            if let Ok(hkl) = <[i32; 3]>::try_from(indices) {
                return Ok(Self::Reflection(hkl));
            }
        }
        let nearest = NAMES.iter().min_by_key(|(a, _, _)| strsim::damerau_levenshtein(a, name));
        let nearest = nearest.map_or("cell_a", |(a, _, _)| a);
        Err(UsageError::new(
            format!("unknown parameter `{name}`"),
            "a name such as `misset_x`, or `F(1,2,3)`",
        )
        .hint(format!("the nearest known parameter is `{nearest}`; `all` stands for every one")))
    }
}

/// The parts between commas that are not inside brackets, without spaces around them.
fn split_outside_brackets(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth <= 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self, NAMES.iter().find(|(_, _, parameter)| parameter == self)) {
            (Self::Reflection([h, k, l]), _) => write!(f, "F({h},{k},{l})"),
            (_, Some((name, _, _))) => f.write_str(name),
            (_, None) => Err(fmt::Error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_as_its_parameter() {
        for parameter in Parameter::all() {
            assert_eq!(Parameter::list(&parameter.to_string()).expect("a name"), [parameter]);
        }
        let both = Parameter::list("lambda_A, F(1,-2,3)").expect("two names");
        assert_eq!(both, [Parameter::Wavelength, Parameter::Reflection([1, -2, 3])]);
        assert_eq!(Parameter::list("all").expect("all").len(), Parameter::all().count());
    }

    #[test]
    fn what_is_no_parameter_is_refused_with_the_nearest_one() {
        assert!(Parameter::list("miset_x").expect_err("unknown").hint.contains("`misset_x`"));
        for text in ["", "cell_a,cell_a", "F(1,2)", "all,phi"] {
            assert!(Parameter::list(text).is_err(), "{text}");
        }
    }
}

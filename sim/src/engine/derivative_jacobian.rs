//! How each parameter moves the experiment: the constants that turn a pixel's moments into derivatives.
//!
//! Not here: the moments (`derivative_block`), the model's formulas, which carry the derivatives here (`model::variable`).

use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::model::parameter::Parameter;
use crate::model::quantities::Quantities;
use crate::model::variable::Variable;
use crate::physics::dual::Dual;
use crate::physics::vec3::Vec3;

/// Coefficients below this share of the largest are rounding.
const ROUNDING: f64 = 1e-14;

/// Parameters of one pass.
pub(super) const PASS: usize = 8;

/// A number with the derivatives of one pass.
pub(super) type Slope = Dual<PASS>;

/// A vector of derivatives by one parameter.
fn slope_of(v: Vec3<Slope>, p: usize) -> Vec3 {
    Vec3::new(v.x.slopes[p], v.y.slopes[p], v.z.slopes[p])
}

fn value_of(v: Vec3<Slope>) -> Vec3 {
    Vec3::new(v.x.value, v.y.value, v.z.value)
}

/// What one unit of a parameter does.
#[derive(Debug, Clone, Default)]
pub(super) struct Direction {
    /// Change of each cell vector as a sum of the cell vectors, the same at every orientation.
    pub(super) crystal: Option<[[f64; 3]; 3]>,
    /// Turn of the crystal at each orientation of a sweep, where it is not the same for all.
    pub(super) turns: Option<Vec<Vec3>>,
    /// Change of the detector's origin, fast, slow and normal axis.
    pub(super) geometry: Option<[Vec3; 4]>,
    /// Relative change of the distance to the nearest point, where the solid angle has it.
    pub(super) close: f64,
    /// Change of the wavelength, m.
    pub(super) wavelength: f64,
    /// Change of the reciprocal metric: diagonal, then twice kl, hl, hk.
    pub(super) metric: [f64; 6],
    /// Relative change of the fluence.
    pub(super) fluence: f64,
    /// Change of the background.
    pub(super) background: f64,
}

/// One direction per parameter of a pass.
pub(super) fn directions(
    e: &Experiment,
    parameters: &[Parameter],
    variable: &Variable<Slope>,
    steps: &[usize],
) -> Vec<Direction> {
    parameters.iter().enumerate().map(|(p, parameter)| direction(e, *parameter, p, variable, steps)).collect()
}

fn direction(
    e: &Experiment,
    parameter: Parameter,
    p: usize,
    variable: &Variable<Slope>,
    steps: &[usize],
) -> Direction {
    let d = &variable.detector;
    let is_turn = matches!(parameter, Parameter::Phi | Parameter::MosaicSpread);
    let geometry = [d.origin, d.fast, d.slow, d.normal].map(|v| slope_of(v, p));
    let crystal = crystal(variable, p);
    let sweep = || steps.iter().flat_map(|step| variable.orientations.at(*step));
    let stars = variable.cell.reciprocal;
    let pairs = [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (1, 2, 2.0), (0, 2, 2.0), (0, 1, 2.0)];
    Direction {
        crystal: (!is_turn && crystal != [[0.0; 3]; 3]).then_some(crystal),
        turns: is_turn.then(|| sweep().map(|cell| turn(cell, p)).collect()),
        geometry: (geometry != [Vec3::ZERO; 4]).then_some(geometry),
        close: if e.point_pixel { 0.0 } else { d.close_distance.slopes[p] / d.close_distance.value },
        wavelength: variable.wavelength_shift.slopes[p],
        metric: pairs.map(|(i, j, weight)| weight * stars[i].dot(stars[j]).slopes[p]),
        fluence: if e.fluence == 0.0 { 0.0 } else { variable.fluence.slopes[p] / e.fluence },
        background: variable.background.slopes[p],
    }
}

/// Reciprocal vectors of three vectors of any length.
fn reciprocal([a, b, c]: [Vec3; 3]) -> [Vec3; 3] {
    let inverse = 1.0 / a.dot(b.cross(c));
    [b.cross(c), c.cross(a), a.cross(b)].map(|v| v.scaled(inverse))
}

/// The change of the unrotated cell in terms of itself; rotations keep the coefficients.
fn crystal(variable: &Variable<Slope>, p: usize) -> [[f64; 3]; 3] {
    let direct = variable.cell.direct;
    let stars = reciprocal(direct.map(value_of));
    let rough = direct.map(|v| stars.map(|star| slope_of(v, p).dot(star)));
    let largest = rough.iter().flatten().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    // Most of them are zero but for rounding; zeros cost nothing later.
    rough.map(|row| row.map(|x| if x.abs() < ROUNDING * largest { 0.0 } else { x }))
}

/// The angular velocity of a rotated cell: the axial vector of the sum of its velocities times its reciprocal vectors.
fn turn(cell: &CellVectors<Slope>, p: usize) -> Vec3 {
    let stars = reciprocal(cell.map(value_of));
    let mut spin = [[0.0; 3]; 3];
    for (v, star) in cell.iter().zip(stars) {
        let v = slope_of(*v, p).to_array();
        for (i, row) in spin.iter_mut().enumerate() {
            for (j, entry) in row.iter_mut().enumerate() {
                *entry += v[i] * star[j];
            }
        }
    }
    Vec3::new(
        0.5 * (spin[2][1] - spin[1][2]),
        0.5 * (spin[0][2] - spin[2][0]),
        0.5 * (spin[1][0] - spin[0][1]),
    )
}

/// The quantities of an experiment as numbers with derivatives by the parameters of a pass, each per the user's unit.
///
/// `None` if one of them does not exist.
pub(super) fn quantities(e: &Experiment, parameters: &[Parameter]) -> Option<Quantities<Slope>> {
    let mut q = e.basis.quantities.lifted::<Slope>();
    for parameter in parameters {
        if let Parameter::Reflection(hkl) = parameter {
            q.reflections.push((*hkl, Slope::from(e.structure_factors.nearest(*hkl))));
        }
    }
    for (p, parameter) in parameters.iter().enumerate() {
        let place = parameter.place(&mut q)?;
        let slopes = std::array::from_fn(|i| if i == p { parameter.per_unit() } else { 0.0 });
        *place = Slope { value: place.value, slopes };
    }
    Some(q)
}

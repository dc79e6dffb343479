//! How each parameter moves the experiment: the constants that turn a pixel's moments into derivatives.
//!
//! Not here: the moments (`kernel`), the model's formulas, which carry the derivatives here (`model::variable`).

use crate::config::Shape;
use crate::model::experiment::Experiment;
use crate::model::orientation::CellVectors;
use crate::model::parameter::Parameter;
use crate::model::quantities::Quantities;
use crate::model::variable::Variable;
use crate::physics::dual::Dual;
use crate::physics::vec3::Vec3;
use std::ops::Range;

/// Coefficients below this share of the largest are rounding.
const NEGLIGIBLE_SHARE: f64 = 1e-14;

/// Parameters of one pass.
pub(crate) const PASS: usize = 8;

/// A number with the derivatives of one pass.
pub(crate) type Slope = Dual<PASS>;

/// A vector of derivatives by one parameter.
fn slope_of(v: Vec3<Slope>, p: usize) -> Vec3 {
    Vec3::new(v.x.slopes[p], v.y.slopes[p], v.z.slopes[p])
}

fn value_of(v: Vec3<Slope>) -> Vec3 {
    Vec3::new(v.x.value, v.y.value, v.z.value)
}

/// Sums that derivatives are made of, one number per pixel each.
pub(crate) mod moment {
    /// Σ G_i h_j, nine, those of h first; G are a term's derivatives by its indices.
    pub(crate) const CELL: usize = 0;
    /// What origin, fast, slow and normal axis are multiplied with, three components each.
    pub(crate) const GEOMETRY: usize = 9;
    /// What the wavelength is multiplied with.
    pub(crate) const WAVELENGTH: usize = 21;
    /// Derivatives by the reciprocal metric: h², k², l², kl, hl, hk.
    pub(crate) const METRIC: usize = 22;
    /// Turns that differ between orientations: spindle and mosaic spread.
    pub(crate) const TURNS: usize = 28;
    /// Σ G_h (h - h₀) and so on, h₀ the nearest whole index; round shapes only.
    pub(crate) const OFFSETS: usize = 30;
    /// The distance of a curved detector.
    pub(crate) const DISTANCE: usize = 33;
    /// Terms of single reflections.
    pub(crate) const REFLECTIONS: usize = 34;
    /// How many reflections there is room for.
    pub(crate) const MOST_REFLECTIONS: usize = 8;
    /// How many there are.
    pub(crate) const COUNT: usize = REFLECTIONS + MOST_REFLECTIONS;
}

/// What one unit of a parameter does: the weights of a pixel's sums in its derivative.
#[derive(Debug, Clone, Default)]
pub(crate) struct Direction {
    /// Places of moments with their weights.
    pub(crate) weights: Vec<(usize, f64)>,
    /// Weight of the intensity: relative changes of fluence, of the solid angle's distance, and of the number of
    /// cells.
    pub(crate) intensity: f64,
    /// Change of the background.
    pub(crate) background: f64,
    /// Turn of the crystal at each orientation of a sweep, where it is not the same for all.
    pub(crate) turns: Option<Vec<Vec3>>,
    /// Reflection whose terms it sums.
    pub(crate) reflection: Option<[i32; 3]>,
}

impl Direction {
    /// Whether any of these moments has a weight.
    pub(crate) fn weighs(&self, moments: Range<usize>) -> bool {
        self.weights.iter().any(|(place, weight)| *weight != 0.0 && moments.contains(place))
    }
}

/// Rooms for moments that only one parameter needs, as far as they are taken.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    turns: usize,
    reflections: usize,
}

impl Taken {
    /// The next room of what this parameter needs, if it needs one.
    fn room(&mut self, parameter: Parameter) -> Option<usize> {
        let (first, taken) = match parameter {
            Parameter::Phi | Parameter::MosaicSpread => (moment::TURNS, &mut self.turns),
            Parameter::Reflection(_) => (moment::REFLECTIONS, &mut self.reflections),
            _ => return None,
        };
        *taken += 1;
        Some(first + *taken - 1)
    }

    /// Whether this parameter still finds room, and takes it.
    pub(crate) fn fits(&mut self, parameter: Parameter) -> bool {
        self.room(parameter).is_none_or(|place| match parameter {
            Parameter::Reflection(_) => place < moment::REFLECTIONS + moment::MOST_REFLECTIONS,
            _ => place < moment::OFFSETS,
        })
    }
}

/// One direction per parameter of a pass.
pub(crate) fn directions(
    e: &Experiment,
    parameters: &[Parameter],
    variable: &Variable<Slope>,
    steps: &[usize],
    taken: &mut Taken,
) -> Vec<Direction> {
    let one = |(p, parameter): (usize, &Parameter)| {
        let room = taken.room(*parameter);
        match (*parameter, room) {
            (Parameter::Reflection(hkl), Some(room)) => reflection(e, p, variable, hkl, room),
            (_, turn) => direction(e, p, variable, steps, turn),
        }
    };
    parameters.iter().enumerate().map(one).collect()
}

/// By a structure factor: its terms are proportional to its square.
fn reflection(e: &Experiment, p: usize, variable: &Variable<Slope>, hkl: [i32; 3], room: usize) -> Direction {
    let f = e.structure_factors.nearest(hkl);
    let slope = variable.reflections.iter().map(|(_, f)| f.slopes[p]).sum::<f64>();
    let weight = if f == 0.0 { 0.0 } else { 2.0 * slope / f };
    Direction { weights: vec![(room, weight)], reflection: Some(hkl), ..Direction::default() }
}

fn direction(
    e: &Experiment,
    p: usize,
    variable: &Variable<Slope>,
    steps: &[usize],
    turn_place: Option<usize>,
) -> Direction {
    let d = &variable.detector;
    let mut weights = Vec::new();
    if turn_place.is_none() {
        let entries = crystal(variable, p).into_iter().flatten().enumerate();
        weights.extend(entries.map(|(i, weight)| (moment::CELL + i, weight)));
    }
    let geometry = [d.origin, d.fast, d.slow, d.normal].map(|v| slope_of(v, p).to_array());
    let geometry = geometry.into_iter().flatten().enumerate();
    weights.extend(geometry.map(|(i, weight)| (moment::GEOMETRY + i, weight)));
    weights.push((moment::DISTANCE, if e.curved { d.distance.slopes[p] } else { 0.0 }));
    weights.push((moment::WAVELENGTH, variable.wavelength_shift.slopes[p]));
    let larger = variable.counts.map(|n| n.slopes[p] / n.value);
    // All shapes grow with the number of cells; how fast they fall off depends on it as well.
    let all_larger: f64 = if e.shape == Shape::Square { 0.0 } else { larger.iter().sum() };
    match e.shape {
        Shape::Gauss => {
            let stars = variable.cell.reciprocal;
            let pairs = [(0, 0, 1.0), (1, 1, 1.0), (2, 2, 1.0), (1, 2, 2.0), (0, 2, 2.0), (0, 1, 2.0)];
            let metric = pairs.into_iter().enumerate();
            weights.extend(metric.map(|(entry, (i, j, weight))| {
                let product = stars[i].dot(stars[j]);
                (moment::METRIC + entry, weight * (product.slopes[p] + 2.0 * all_larger * product.value))
            }));
        }
        Shape::Round => weights.extend((0..3).map(|axis| (moment::OFFSETS + axis, larger[axis]))),
        Shape::Square | Shape::Tophat => {}
    }
    weights.extend(turn_place.map(|place| (place, 1.0)));
    weights.retain(|(_, weight)| *weight != 0.0);
    let sweep = || steps.iter().flat_map(|step| variable.orientations.at(*step));
    let close = if e.point_pixel { 0.0 } else { d.close_distance.slopes[p] / d.close_distance.value };
    let fluence = if e.fluence == 0.0 { 0.0 } else { variable.fluence.slopes[p] / e.fluence };
    Direction {
        weights,
        intensity: close + fluence + 2.0 * all_larger,
        background: variable.background.slopes[p] - 2.0 * all_larger * e.background,
        turns: turn_place.map(|_| sweep().map(|cell| turn(cell, p)).collect()),
        reflection: None,
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
    rough.map(|row| row.map(|x| if x.abs() < NEGLIGIBLE_SHARE * largest { 0.0 } else { x }))
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
pub(crate) fn quantities(e: &Experiment, parameters: &[Parameter]) -> Option<Quantities<Slope>> {
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

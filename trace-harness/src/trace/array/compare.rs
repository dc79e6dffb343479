//! Two arrays compared element by element, a piece of each in memory at a time.
//!
//! Not here: reading them (`npy`), which arrays of two traces belong together (`diff`).

use std::path::Path;

use crate::trace::array::error::ArrayFault;
use crate::trace::array::npy::Numbers;
use crate::trace::diff::tolerance::KeyTolerance;

/// Numbers of each array in memory.
const PIECE: usize = 1 << 15;
/// Largest array that is turned where one of the two has its first axis fastest, in numbers.
const LARGEST_TURNED: u64 = 1 << 26;

/// How two arrays differ.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ArrayDifference {
    /// Numbers of each.
    pub elements: u64,
    /// How many are further apart than allowed.
    pub differing: u64,
    /// How many are not the same to the last bit.
    pub bits: u64,
    /// How many are NaN on both sides.
    pub nan: u64,
    /// Largest difference, and largest number of doubles between two elements.
    pub absolute: f64,
    /// Largest of the differences as a share of the larger element.
    pub relative: f64,
    /// Doubles between the two elements furthest apart.
    pub ulp: u64,
    /// Where the relative difference is largest, and the two elements there.
    pub worst: Option<(Vec<u64>, [f64; 2])>,
    /// The first that are further apart than allowed.
    pub first: Option<Vec<u64>>,
}

/// How elements are judged.
#[derive(Debug, Clone, Copy)]
pub struct ArrayTolerance {
    /// How far two elements may be apart.
    pub tolerance: KeyTolerance,
    /// Whether NaN agrees with NaN.
    pub nan_agrees: bool,
    /// Doubles between two.
    pub ulp: fn(f64, f64) -> u64,
}

/// What became of two arrays.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// They have one shape, and their elements were compared.
    Elements(ArrayDifference),
    /// Their shapes differ.
    Shapes([Vec<u64>; 2]),
}

/// Compares the arrays in two files; `shapes` are what the traces say of them.
///
/// # Errors
/// A file cannot be read, or does not have the shape that its trace says.
pub fn compare(
    paths: [&Path; 2],
    shapes: [&[u64]; 2],
    judge: ArrayTolerance,
) -> Result<Compared, ArrayFault> {
    let mut sides = [open(paths[0], shapes[0])?, open(paths[1], shapes[1])?];
    if sides[0].shape != sides[1].shape {
        return Ok(Compared::Shapes(sides.map(|side| side.shape)));
    }
    let turned = sides[0].fortran_order != sides[1].fortran_order;
    let whole = if turned { Some(turn(&mut sides[1], paths[1])?) } else { None };
    let mut work = ArrayComparison {
        judge,
        shape: sides[0].shape.clone(),
        fortran: sides[0].fortran_order,
        found: ArrayDifference::default(),
        largest: -1.0,
        at: [None; 2],
    };
    let [first, second] = &mut sides;
    let (mut a, mut b) = (Vec::new(), Vec::new());
    loop {
        first.next(PIECE, &mut a)?;
        match &whole {
            None => second.next(PIECE, &mut b)?,
            Some(whole) => {
                let start = work.found.elements as usize;
                b.clear();
                b.extend_from_slice(&whole[start..start + a.len()]);
            }
        }
        if a.is_empty() {
            return Ok(Compared::Elements(work.finish()));
        }
        work.piece(&a, &b);
    }
}

/// Opens a file whose shape is the one that its trace says.
fn open<'p>(path: &'p Path, shape: &[u64]) -> Result<Numbers<'p>, ArrayFault> {
    let side = Numbers::open(path)?;
    let complex = side.shape.len() == shape.len() + 1;
    let declared = side.shape.get(..side.shape.len() - usize::from(complex));
    // A trace has no words for an array without axes: its one number is written as that of one axis.
    let single = side.shape.is_empty() && shape == [1];
    if declared != Some(shape) && !single {
        let problem = format!(
            "has the shape {}; expected {} as its trace says",
            shape_text(&side.shape),
            shape_text(shape)
        );
        return Err(ArrayFault::Elements { path: path.to_owned(), problem });
    }
    Ok(side)
}

/// All numbers of an array, the last index fastest; `shape` is what the trace says of it.
///
/// # Errors
/// As [`compare`].
pub fn numbers(path: &Path, shape: &[u64]) -> Result<Vec<f64>, ArrayFault> {
    let mut side = open(path, shape)?;
    if side.fortran_order {
        return turn(&mut side, path);
    }
    let (mut all, mut piece) = (Vec::new(), Vec::new());
    loop {
        side.next(PIECE, &mut piece)?;
        if piece.is_empty() {
            return Ok(all);
        }
        all.extend_from_slice(&piece);
    }
}

/// A shape as a trace writes it.
pub fn shape_text(shape: &[u64]) -> String {
    shape.iter().map(u64::to_string).collect::<Vec<_>>().join("x")
}

/// All numbers of an array in the other order of its axes.
fn turn(side: &mut Numbers<'_>, path: &Path) -> Result<Vec<f64>, ArrayFault> {
    let count = side.left;
    if count > LARGEST_TURNED {
        let problem = format!(
            "has {count} numbers in another order of axes than the other array; expected the same order of so many"
        );
        return Err(ArrayFault::Elements { path: path.to_owned(), problem });
    }
    let (mut all, mut piece) = (vec![0.0; count as usize], Vec::new());
    let (shape, fortran) = (side.shape.clone(), side.fortran_order);
    let mut number = 0;
    loop {
        side.next(PIECE, &mut piece)?;
        if piece.is_empty() {
            return Ok(all);
        }
        for x in &piece {
            let index = index(number, &shape, fortran);
            all[place(&index, &shape, !fortran) as usize] = *x;
            number += 1;
        }
    }
}

/// The index of an element by its number in the file.
fn index(mut number: u64, shape: &[u64], fortran: bool) -> Vec<u64> {
    let mut index = vec![0; shape.len()];
    let mut axis = |n: usize| {
        index[n] = number % shape[n].max(1);
        number /= shape[n].max(1);
    };
    match fortran {
        true => (0..shape.len()).for_each(&mut axis),
        false => (0..shape.len()).rev().for_each(&mut axis),
    }
    index
}

/// The number of an element in the file by its index.
fn place(index: &[u64], shape: &[u64], fortran: bool) -> u64 {
    let step = |place: u64, n: usize| place * shape[n] + index[n];
    match fortran {
        true => (0..shape.len()).rev().fold(0, step),
        false => (0..shape.len()).fold(0, step),
    }
}

struct ArrayComparison {
    judge: ArrayTolerance,
    shape: Vec<u64>,
    fortran: bool,
    found: ArrayDifference,
    /// The largest relative difference, and where it and the first difference are.
    largest: f64,
    at: [Option<(u64, [f64; 2])>; 2],
}

impl ArrayComparison {
    fn piece(&mut self, a: &[f64], b: &[f64]) {
        let start = self.found.elements;
        self.found.elements += a.len() as u64;
        let nan = a.iter().zip(b).any(|(x, y)| x.is_nan() || y.is_nan());
        let same = a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits());
        if same && !nan {
            return;
        }
        for (n, (x, y)) in (start..).zip(a.iter().zip(b)) {
            if x.to_bits() == y.to_bits() && !x.is_nan() {
                continue;
            }
            self.one(n, *x, *y);
        }
    }

    fn one(&mut self, n: u64, x: f64, y: f64) {
        let both = x.is_nan() && y.is_nan();
        self.found.nan += u64::from(both);
        if both && self.judge.nan_agrees {
            return;
        }
        self.found.bits += u64::from(!both);
        let apart = if x == y { 0.0 } else { (x - y).abs() };
        let size = x.abs().max(y.abs());
        let relative = if apart == 0.0 { 0.0 } else { apart / size };
        // Written so that NaN fails, and is the worst of all.
        let worse = relative.is_nan() && !self.largest.is_nan() || relative > self.largest;
        if worse {
            (self.largest, self.at[0]) = (relative, Some((n, [x, y])));
        }
        let larger = |a: f64, b: f64| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) };
        self.found.absolute = larger(self.found.absolute, apart);
        self.found.relative = larger(self.found.relative, relative);
        self.found.ulp = self.found.ulp.max((self.judge.ulp)(x, y));
        let fine = self.judge.tolerance.allows(apart, if size.is_finite() { size } else { 0.0 });
        if !fine {
            self.found.differing += 1;
            self.at[1].get_or_insert((n, [x, y]));
        }
    }

    fn finish(mut self) -> ArrayDifference {
        let [worst, first] = self.at;
        self.found.worst = worst.map(|(n, values)| (index(n, &self.shape, self.fortran), values));
        self.found.first = first.map(|(n, _)| index(n, &self.shape, self.fortran));
        self.found
    }
}

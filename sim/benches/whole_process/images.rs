//! How far one float image is from another.
//! Not here: judging it.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Bytes read at a time: images stay on disk, because a child's peak memory starts from its parent's.
const PIECE: usize = 1 << 16;

/// Differences of two images of the same shape.
#[derive(Clone, Copy, Default, serde::Serialize)]
pub struct Comparison {
    pub pixels: u64,
    /// Pixels with the same bits.
    pub identical: u64,
    /// Pixels at most one unit in the last place of a float apart, identical ones included.
    pub within_1_ulp: u64,
    pub max_ulp: u32,
    /// Largest difference over the largest value.
    pub max_over_peak: f64,
}

impl Comparison {
    pub fn is_identical(&self) -> bool {
        self.identical == self.pixels
    }

    /// In few words.
    pub fn summary(&self) -> String {
        if self.is_identical() {
            return "identical".to_owned();
        }
        let per_cent = 100.0 * self.within_1_ulp as f64 / self.pixels as f64;
        let differ = self.pixels - self.identical;
        format!("{differ} differ, {per_cent:.4} % within 1 ULP, largest {:.1e} of peak", self.max_over_peak)
    }
}

/// Compares two files of 32-bit floats.
pub fn compare(left: &Path, right: &Path) -> Result<Comparison, String> {
    let open = |path: &Path| {
        File::open(path).map(BufReader::new).map_err(|e| format!("cannot read `{}`: {e}", path.display()))
    };
    let (mut one, mut two) = (open(left)?, open(right)?);
    let (mut sum, mut peak, mut largest) = (Comparison::default(), 0.0_f64, 0.0_f64);
    loop {
        let (a, b) = (piece(&mut one)?, piece(&mut two)?);
        if a.len() != b.len() {
            return Err(format!("`{}` and `{}` differ in size", left.display(), right.display()));
        }
        if a.is_empty() {
            break;
        }
        for (a, b) in a.chunks_exact(4).zip(b.chunks_exact(4)) {
            let bits = [a, b].map(|x| [x[0], x[1], x[2], x[3]]);
            let [a, b] = bits.map(f32::from_le_bytes);
            let apart = order(a).abs_diff(order(b));
            sum.pixels += 1;
            sum.identical += u64::from(apart == 0);
            sum.within_1_ulp += u64::from(apart <= 1);
            sum.max_ulp = sum.max_ulp.max(apart);
            largest = largest.max((f64::from(a) - f64::from(b)).abs());
            peak = peak.max(f64::from(a).abs());
        }
    }
    sum.max_over_peak = if peak > 0.0 { largest / peak } else { largest };
    Ok(sum)
}

fn piece(file: &mut impl Read) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(PIECE);
    file.take(PIECE as u64).read_to_end(&mut bytes).map_err(|e| format!("cannot read an image: {e}"))?;
    Ok(bytes)
}

/// A whole number that grows with the float, one per float.
fn order(x: f32) -> i32 {
    let bits = x.to_bits() as i32;
    if bits < 0 { i32::MIN.wrapping_sub(bits) } else { bits }
}

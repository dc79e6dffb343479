//! Compares what a run left in its folder with what it should have left: digests, names, pixels.
//! Not here: running programs.

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::golden::{Case, Crop, Golden, GoldenFile};

/// Largest distance in units of the last place that another libm may cause, and the part of the pixels that may differ.
const OTHER_LIBM_ULP: u32 = 1;
const OTHER_LIBM_PIXELS: f64 = 0.001;

/// Every file of a folder by name.
pub fn files_in(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|e| panic!("`{}`: {e}", folder.display()));
    entries
        .map(|entry| {
            let entry = entry.expect("a folder entry");
            let bytes = std::fs::read(entry.path()).unwrap_or_else(|e| panic!("`{:?}`: {e}", entry.path()));
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

/// SHA-256 in lower-case hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Checks every file of a finished golden run. `bytes_must_agree` is false on another libm, where the float image may
/// differ within the tolerance and the files made from it may follow. Returns how many files were compared.
pub fn check_files(
    golden: &Golden,
    case: &Case,
    folder: &Path,
    bytes_must_agree: bool,
) -> Result<usize, String> {
    let found = files_in(folder);
    let mut faults = unexpected_or_missing(case, &found);
    for file in &case.files {
        if let Some(bytes) = found.get(&file.name) {
            faults.extend(check_file(golden, case, file, bytes, bytes_must_agree).err());
        }
    }
    for (name, input) in &case.cwd_files {
        let rewritten = case.files.iter().any(|file| file.name == *name);
        let original = std::fs::read(super::golden::folder().join("inputs").join(input));
        if !rewritten && found.get(name) != original.ok().as_ref() {
            faults.push(format!("`{name}` was there before the run and has changed"));
        }
    }
    if faults.is_empty() { Ok(case.files.len()) } else { Err(faults.join("\n")) }
}

/// Names that should be there and are not, and the other way round.
fn unexpected_or_missing(case: &Case, found: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let expected: Vec<&String> = (case.files.iter().map(|file| &file.name))
        .chain(case.cwd_files.iter().map(|(name, _)| name))
        .chain(&case.left_behind)
        .collect();
    let missing = expected.iter().filter(|name| !found.contains_key(**name));
    let surplus = found.keys().filter(|name| !expected.contains(name));
    let mut faults: Vec<String> = missing.map(|name| format!("`{name}` was not written")).collect();
    faults.extend(surplus.map(|name| match case.absent.iter().any(|kind| name.contains(kind.as_str())) {
        true => format!("`{name}` was written although switched off"),
        false => format!("`{name}` was written and should not be"),
    }));
    faults
}

/// Checks one file's length and digest; where bytes need not agree, a float image is judged by its stored piece.
pub fn check_file(
    golden: &Golden,
    case: &Case,
    file: &GoldenFile,
    bytes: &[u8],
    exact: bool,
) -> Result<(), String> {
    if bytes.len() != file.bytes {
        return Err(format!("`{}` has {} bytes, expected {}", file.name, bytes.len(), file.bytes));
    }
    if sha256(bytes) == file.sha256 {
        return Ok(());
    }
    let (true, Some(crop)) = (file.kind == "float", &case.crop) else {
        // Made from the float image, which is judged by itself.
        return if exact { Err(format!("`{}` differs", file.name)) } else { Ok(()) };
    };
    let difference = crop_difference(&golden.crop_pixels(crop), crop, bytes, case.size.0);
    match difference {
        d if !exact && d.within_tolerance() => Ok(()),
        d => Err(format!("`{}` differs; in its stored piece {}", file.name, d.describe())),
    }
}

/// How two pieces of image differ.
pub struct Difference {
    pixels: usize,
    differing: usize,
    largest_ulp: u32,
    /// Fast, slow, expected, found.
    first: Option<(usize, usize, f32, f32)>,
}

impl Difference {
    fn within_tolerance(&self) -> bool {
        self.differing as f64 <= OTHER_LIBM_PIXELS * self.pixels as f64 && self.largest_ulp <= OTHER_LIBM_ULP
    }

    fn describe(&self) -> String {
        let first = self.first.map_or("nowhere".to_owned(), |(fast, slow, expected, found)| {
            format!("first at fast {fast} slow {slow}: expected {expected:e}, found {found:e}")
        });
        let (n, of) = (self.differing, self.pixels);
        format!("{n} of {of} pixels differ by up to {} units in the last place, {first}", self.largest_ulp)
    }
}

/// Compares the stored piece with the same piece of a complete raw float image of `width` pixels a row.
pub fn crop_difference(expected: &[f32], crop: &Crop, image: &[u8], width: usize) -> Difference {
    let mut result = Difference { pixels: expected.len(), differing: 0, largest_ulp: 0, first: None };
    for (i, &expected) in expected.iter().enumerate() {
        let (slow, fast) = (crop.slow.0 + i / crop.width(), crop.fast.0 + i % crop.width());
        let at = 4 * (slow * width + fast);
        let found = image
            .get(at..at + 4)
            .map_or(f32::NAN, |b| f32::from_le_bytes(b.try_into().expect("four bytes of a pixel")));
        if found.to_bits() != expected.to_bits() {
            result.differing += 1;
            result.largest_ulp = result.largest_ulp.max(ulp_distance(expected, found));
            result.first.get_or_insert((fast, slow, expected, found));
        }
    }
    result
}

/// Representable numbers between two floats; the largest number for NaN.
fn ulp_distance(a: f32, b: f32) -> u32 {
    // Bits in an order that goes through zero, so that -0 and +0 are neighbours' neighbours.
    let ordered = |x: f32| {
        let bits = i64::from(x.to_bits());
        if bits & 0x8000_0000 == 0 { bits } else { 0x8000_0000 - bits }
    };
    if a.is_nan() || b.is_nan() {
        return u32::MAX;
    }
    u32::try_from((ordered(a) - ordered(b)).unsigned_abs()).unwrap_or(u32::MAX)
}

//! The structure factors of the protein that this project brings along, for `capture` and for `nb-compare protein`.
//!
//! Not here: how it is rendered (`scripts/configs`) and what the reference makes of it (`nb-compare`).

use std::io::Read;

use flate2::read::GzDecoder;

const HKL: &[u8] = include_bytes!("../data/protein/1orc_P212121_2.0A.hkl.gz");

/// Name of the structure factors' file.
pub const HKL_NAME: &str = "1orc_P212121_2.0A.hkl";

/// The structure factors as text: `h k l F` lines in P1.
///
/// # Errors
/// None for the embedded file, which a test unpacks; otherwise what is wrong.
pub fn hkl() -> Result<Vec<u8>, UnpackError> {
    let mut bytes = Vec::new();
    GzDecoder::new(HKL).read_to_end(&mut bytes).map_err(UnpackError)?;
    Ok(bytes)
}

/// The embedded file is broken.
#[derive(Debug, thiserror::Error)]
#[error("embedded data cannot be unpacked: {0}")]
pub struct UnpackError(#[source] std::io::Error);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bundle::digest::of_bytes;

    #[test]
    fn the_embedded_file_is_the_documented_one() {
        let readme = include_str!("../data/protein/README.md");
        let line = readme.lines().find(|l| l.contains("hkl.gz")).unwrap();
        let documented = line.split('`').find(|word| word.len() == 64).unwrap();
        assert_eq!(of_bytes(&hkl().unwrap()), documented);
    }
}

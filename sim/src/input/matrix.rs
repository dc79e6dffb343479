//! Crystal matrix files as MOSFLM writes them: the nine numbers of the A matrix.
//!
//! Not here: taking the wavelength out of the matrix, and what a missing file means to a run.

use std::path::Path;

use super::{Leniency, ReadError, line_of, read_file, word_at};
use crate::c_number::Scanner;
use crate::error::InputError;
use crate::open_file::TABLE;
use crate::physics::vec3::Vec3;

const WHAT: &str = "nine numbers: the rows x, y, z of a*, b*, c*";

/// Rows x, y, z of the columns a*, b*, c*: `matrix[1][0]` is the y component of a*. Dimensionless, as MOSFLM's A
/// matrices are: reciprocal lengths in 1/Å times the wavelength in Å.
pub type ReciprocalMatrix = [[f64; 3]; 3];

/// Reads the first nine numbers of `path`; what MOSFLM writes after them is ignored.
///
/// # Errors
/// The file cannot be opened, or does not begin with nine numbers. (nanoBragg would go on with what it has.) With
/// [`Leniency::Strict`] also when one of them is not finite, or when they make no cell.
pub fn read(path: &Path, leniency: Leniency) -> Result<ReciprocalMatrix, ReadError> {
    Ok(parse(path, &read_file(path, WHAT, TABLE)?, leniency)?)
}

/// As [`read`], from the content of the file; `path` is for messages only.
///
/// # Errors
/// As [`read`], but for opening.
pub fn parse(path: &Path, text: &[u8], leniency: Leniency) -> Result<ReciprocalMatrix, InputError> {
    let mut scanner = Scanner::new(text);
    let mut matrix = [[0.0; 3]; 3];
    for (read, element) in matrix.as_flattened_mut().iter_mut().enumerate() {
        scanner.skip_space();
        let start = scanner.position();
        let at = || format!("line {}", line_of(text, start));
        let Some(value) = scanner.real() else {
            let problem = match word_at(text, start) {
                word if word.is_empty() => format!("ends after `{read}` numbers"),
                word => format!("`{word}` is not a number, after `{read}` numbers"),
            };
            let hint = "the matrix comes first in the file, without a title";
            return Err(InputError::new(path, problem, WHAT).at(at()).hint(hint));
        };
        if leniency == Leniency::Strict && !value.is_finite() {
            return Err(InputError::new(path, format!("`{value}` is not finite"), WHAT).at(at()));
        }
        let end = scanner.position();
        // Numbers in columns may touch each other with a sign between them.
        let ends = text.get(end).is_none_or(|byte| byte.is_ascii_whitespace() || matches!(byte, b'+' | b'-'));
        if leniency == Leniency::Strict && !ends {
            let problem = format!("`{}` is not a number", word_at(text, start));
            return Err(InputError::new(path, problem, WHAT).at(at()));
        }
        *element = value;
    }
    if leniency == Leniency::Strict && is_flat(&matrix) {
        let problem = "its three vectors lie in one plane, or one of them is 0";
        return Err(InputError::new(path, problem, "three reciprocal vectors that make a cell"));
    }
    Ok(matrix)
}

/// Whether the columns enclose no volume to speak of: less than a millionth of their lengths' product.
fn is_flat(matrix: &ReciprocalMatrix) -> bool {
    let columns = [0, 1, 2].map(|i| Vec3::new(matrix[0][i], matrix[1][i], matrix[2][i]).unitized().0);
    let [a, b, c] = columns;
    let volume = a.dot(b.cross(c)).abs();
    // Numbers too large to be squared make NaN.
    volume.is_nan() || volume <= 1e-6
}

/// What nanoBragg's three calls of `fscanf` get out of a file: each reads the numbers of a row up to the first word that is
/// none, and the next call goes on there.
pub type PartialMatrix = [[Option<f64>; 3]; 3];

/// As nanoBragg reads `text`, complete or not.
pub fn parse_partly(text: &[u8]) -> PartialMatrix {
    let mut scanner = Scanner::new(text);
    let mut matrix = [[None; 3]; 3];
    for row in &mut matrix {
        for element in row {
            *element = scanner.real();
            if element.is_none() {
                break;
            }
        }
    }
    matrix
}

/// [`parse_partly`] of the file `path`.
///
/// # Errors
/// The file cannot be read.
pub fn read_partly(path: &Path) -> Result<PartialMatrix, ReadError> {
    Ok(parse_partly(&read_file(path, WHAT, TABLE)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: [Leniency; 2] = [Leniency::Strict, Leniency::Reference];

    fn parse_here(text: &str, leniency: Leniency) -> Result<ReciprocalMatrix, InputError> {
        parse(Path::new("A.mat"), text.as_bytes(), leniency)
    }

    #[test]
    fn rows_are_components_and_columns_are_vectors() {
        let rows = [[0.01, 0.02, 0.03], [-0.04, 0.05, 0.06], [0.07, 0.08, 0.09]];
        for leniency in BOTH {
            for text in [
                "0.01 0.02 0.03\n-0.04 0.05 0.06\n0.07 0.08 0.09",
                "0.01 0.02 0.03\r\n-0.04 5e-2 0.06\r\n0.07 0.08 .09\r\n",
                "0.01 0.02 0.03 -0.04 0.05 0.06 0.07 0.08 0.09 0.0 0.0 0.0\n more text",
                "0.01 0.02 0.03-0.04 0.05 0.06 0.07 0.08 0.09",
            ] {
                assert_eq!(parse_here(text, leniency), Ok(rows), "{text}");
            }
        }
    }

    #[test]
    fn what_nanobragg_reads_of_a_broken_file_ends_at_the_first_word_that_is_no_number() {
        assert_eq!(
            parse_partly(b"1 2 3 4 x 6"),
            [[Some(1.0), Some(2.0), Some(3.0)], [Some(4.0), None, None], [None; 3]]
        );
        assert_eq!(parse_partly(b"title\n1 2 3"), [[None; 3]; 3]);
        assert_eq!(parse_partly(b"1 2 3 4 5 6 7 8 9")[2], [Some(7.0), Some(8.0), Some(9.0)]);
    }

    #[test]
    fn eight_numbers_are_no_matrix() {
        for leniency in BOTH {
            let error = parse_here("1 2 3 4 5 6 7 8", leniency).unwrap_err();
            assert!(error.problem.contains("after `8`"), "{error}");
            let error = parse_here("1 2 3\n4 5 x", leniency).unwrap_err();
            assert_eq!((error.place.as_str(), error.problem.contains("`x`")), ("line 2", true));
            assert!(parse_here("", leniency).is_err());
            assert!(parse_here("\u{0}\u{7f}\u{80}", leniency).is_err());
        }
    }

    #[test]
    fn nothing_is_glued_to_a_number() {
        for text in ["1 0 0 0 1 0 0 0 1x5", "1 0 0 0 1x 0 0 0 1", "1 0 0 0 1 0 0 0 0.5.5"] {
            let error = parse_here(text, Leniency::Strict).unwrap_err();
            assert!(error.problem.contains("is not a number"), "{text}: {error}");
        }
        assert!(parse_here("1 0 0 0 1 0 0 0 1x5", Leniency::Reference).is_ok(), "the reference goes on");
    }

    #[test]
    fn what_is_not_finite_is_refused_strictly() {
        let text = "1 2 3 4 nan 6 7 8 9";
        assert!(parse_here(text, Leniency::Strict).is_err());
        assert!(parse_here(text, Leniency::Reference).unwrap()[1][1].is_nan());
    }

    #[test]
    fn a_missing_file_is_told_from_a_bad_one() {
        assert!(read(Path::new("no/such/A.mat"), Leniency::Strict).unwrap_err().is_cannot_open());
    }
}

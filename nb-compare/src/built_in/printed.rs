//! What simulators print that says which program they are, and which defects of the C program they correct.
//!
//! Not here: the numbers that they compute with (`effective`).

use std::io::{BufRead, BufReader, Read};

use nanobragg::defects::{Defect, Dialect};

/// As much as is read of what a side prints: the place of the detector comes before the first pixel.
const LONGEST: u64 = 4 << 20;

fn lines(text: impl Read) -> impl Iterator<Item = String> {
    let lines = BufReader::new(text.take(LONGEST)).split(b'\n').map_while(Result::ok);
    lines.map(|line| String::from_utf8_lossy(&line).into_owned())
}

/// Which of the two C programs printed `stdout`; `None` where it was neither. Only the fork prints where its detector stands.
pub(crate) fn dialect(stdout: impl Read) -> Option<Dialect> {
    let mut is_c = false;
    for line in lines(stdout) {
        is_c |= line.starts_with("nanoBragg nanocrystal diffraction simulator");
        if is_c && line.starts_with("DETECTOR_FAST_AXIS") {
            return Some(Dialect::Fork);
        }
    }
    is_c.then_some(Dialect::Upstream)
}

/// What to say where our simulator printed on `stderr` that it corrects defects of the reference.
pub(crate) fn corrections(stderr: impl Read) -> Option<String> {
    let named: Vec<&str> = lines(stderr)
        .filter_map(|line| {
            let (id, rest) = line.strip_prefix("warning: ")?.split_once(' ')?;
            rest.starts_with("is corrected").then(|| Defect::from_id(id))?
        })
        .map(Defect::id)
        .collect();
    let sentence =
        || format!("the candidate corrects {}; try --candidate-arg --parity or --explain", named.join(", "));
    (!named.is_empty()).then(sentence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fork_is_known_by_where_its_detector_stands() {
        let banner = "nanoBragg nanocrystal diffraction simulator - the authors\n";
        let of = |text: &str| dialect(text.as_bytes());
        assert_eq!(of(&format!("{banner}mosflm\nDETECTOR_FAST_AXIS 0 0 1\n")), Some(Dialect::Fork));
        assert_eq!(of(&format!("reading a.mat\n{banner}mosflm\n")), Some(Dialect::Upstream));
        assert_eq!(of("nanobragg 0.1.0 nanocrystal diffraction simulator\nDETECTOR_FAST_AXIS 0 0 1\n"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn corrected_defects_are_read_from_our_simulators_own_warnings() {
        let of = |text: &str| corrections(text.as_bytes());
        let warnings = [Defect::PhiCarryOver, Defect::SkewedCell]
            .map(|d| format!("warning: {}\n", nanobragg::config::notice::Notice::Corrected(d).warning()));
        let printed_warnings = of(&format!("warning: something else\n{}", warnings.concat())).unwrap();
        assert_eq!(
            printed_warnings,
            "the candidate corrects C-PARITY-001, C-CELL-001; try --candidate-arg --parity or --explain"
        );
        assert_eq!(of("warning: C-NOTHING is corrected\nwarning: C-PARITY-001 is odd\n"), None);
    }
}

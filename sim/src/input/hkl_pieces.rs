//! Plain lists of reflections in pieces, so that long ones can be read side by side.
//!
//! Not here: lists that are anything but plain, and what is wrong with them (`hkl_records`).

use super::Leniency;
use super::hkl_records::{Plain, Records};
use crate::c_number::Scanner;
use std::path::Path;

/// Bytes of a piece: some 0.3 ms of reading.
const PIECE: usize = 1 << 16;

/// The text in pieces that end with a line each.
pub fn pieces(text: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::with_capacity(text.len() / PIECE + 1);
    let mut rest = text;
    while rest.len() > PIECE {
        let Some(line_end) = rest[PIECE..].iter().position(|byte| *byte == b'\n') else { break };
        let (piece, left) = rest.split_at(PIECE + line_end + 1);
        pieces.push(piece);
        rest = left;
    }
    pieces.push(rest);
    pieces
}

/// The records of a piece, if it is plain: each record three integers and a finite real on one line, and nothing else. Then
/// reading the whole text from its start finds the same records here.
pub fn plain(piece: &[u8]) -> Option<Plain> {
    let records = Records { path: Path::new(""), text: piece, leniency: Leniency::Strict };
    let mut kept = Vec::with_capacity(piece.len() / 16);
    let mut scanner = Scanner::new(piece);
    while !scanner.at_end() {
        let start = scanner.position();
        // What cannot be read is looked at again by the one that says where.
        let record = records.plain_record(&mut scanner).ok().flatten()?;
        let in_one_line = !piece[start..scanner.position()].contains(&b'\n');
        if !(in_one_line && record.1.is_finite()) {
            return None;
        }
        kept.push(record);
    }
    Some(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ReadError;
    use crate::input::hkl::{parse_text, read_text_in_pieces};
    use proptest::prelude::*;

    /// As read in pieces, the last of them first.
    fn in_pieces(text: &[u8], leniency: Leniency) -> String {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        std::fs::write(file.path(), text).expect("written");
        let backwards = |pieces: &[&[u8]]| {
            let mut all: Vec<_> = pieces.iter().rev().map(|piece| plain(piece)).collect();
            all.reverse();
            all
        };
        let read = read_text_in_pieces(file.path(), 7.0, leniency, backwards);
        format!("{read:?}").replace(&file.path().display().to_string(), "list")
    }

    /// As read from start to end. In words, because NaN equals nothing.
    fn as_a_whole(text: &[u8], leniency: Leniency) -> String {
        let read = parse_text(Path::new("list"), text, 7.0, leniency).map_err(ReadError::from);
        format!("{read:?}")
    }

    #[test]
    fn pieces_are_the_text_and_end_with_lines() {
        let text: Vec<u8> =
            (0..40_000).flat_map(|i| format!("{} 0 {} 1.5\n", i % 90, i / 900).into_bytes()).collect();
        let pieces = pieces(&text);
        assert!(pieces.len() > 4);
        assert!(pieces.iter().all(|piece| piece.ends_with(b"\n")));
        assert_eq!(pieces.concat(), text);
        assert!(in_pieces(&text, Leniency::Strict) == as_a_whole(&text, Leniency::Strict));
    }

    #[test]
    fn one_odd_line_among_many_is_read_as_ever() {
        for odd in [
            "1 2\n",
            "1 2 3\n4 5\n",
            "1 2 3 nan\n",
            "1.5 2 3 4\n",
            "x\n",
            "99999999999 1 1 1\n",
            "1 2 3 4 5\n",
        ] {
            for at in [0, 17_000, 29_999] {
                let line =
                    |i| if i == at { odd.to_owned() } else { format!("{} {} 3 10.25\n", i % 70, i / 700) };
                let text: Vec<u8> = (0..30_000).flat_map(|i| line(i).into_bytes()).collect();
                for leniency in [Leniency::Strict, Leniency::Reference] {
                    let (pieces, whole) = (in_pieces(&text, leniency), as_a_whole(&text, leniency));
                    assert!(pieces == whole, "{odd:?} at {at}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn short_lists_are_read_as_ever(text in "([0-9 .x\\-]{0,9}\n?){0,12}") {
            for leniency in [Leniency::Strict, Leniency::Reference] {
                prop_assert_eq!(in_pieces(text.as_bytes(), leniency), as_a_whole(text.as_bytes(), leniency));
            }
        }
    }
}

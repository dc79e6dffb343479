//! Moving printed numbers by one unit of their last digit.
//!
//! Texts keep their length where no digits are added, so that columns of fixed width stay where they are. Which way a number moves is
//! drawn from a seed by SHA-256, so that the same seed gives the same texts on every machine and in every version. Not here: which
//! texts move (`draws`).

use std::ops::Range;

use trace_harness::evidence::bundle::digest;
use trace_harness::numbers::number;

/// Which way a number moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Away from zero.
    Up,
    /// Towards zero.
    Down,
}

/// Ways of the numbers of one run, one after the other.
#[derive(Debug)]
pub(crate) enum Ways {
    /// The bits of a number, the lowest first: every combination has its number.
    Counted(u64),
    /// Drawn from a seed.
    Drawn {
        /// What the draw depends on.
        seed: String,
        /// How many were drawn.
        taken: usize,
        /// The digest that the next ones come from, in hexadecimal.
        digits: Vec<u8>,
    },
}

/// Ways that one digest has: one for each of its hexadecimal digits.
const IN_A_DIGEST: usize = 64;

impl Ways {
    /// Ways drawn for run number `run`.
    pub(crate) fn drawn(seed: u64, run: usize) -> Self {
        Self::Drawn { seed: format!("{seed} {run}"), taken: 0, digits: Vec::new() }
    }

    fn next(&mut self) -> Way {
        let is_up = match self {
            Self::Counted(bits) => {
                let bit = *bits & 1;
                *bits >>= 1;
                bit == 1
            }
            Self::Drawn { seed, taken, digits } => {
                let at = *taken % IN_A_DIGEST;
                if at == 0 {
                    *digits =
                        digest::of_bytes(format!("{seed} {}", *taken / IN_A_DIGEST).as_bytes()).into_bytes();
                }
                *taken += 1;
                // One bit of each hexadecimal digit: codes of letters have the other parity than those of digits.
                digits.get(at).is_some_and(|digit| u8::is_ascii_digit(digit) ^ (digit & 1 == 1))
            }
        };
        if is_up { Way::Up } else { Way::Down }
    }
}

/// What may stand between two numbers. A slash is a part of a path.
fn is_separator(c: char) -> bool {
    c.is_whitespace() || ",;:=()[]{}<>*|\"'".contains(c)
}

/// The numbers in `text` that have a last decimal digit; whole ones only where `with_whole` says so. What is a part of a path is none.
pub(crate) fn numbers(text: &str, with_whole: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for piece in text.split_inclusive(is_separator) {
        // Fortran ends its lists with a slash.
        let word = piece.trim_end_matches(is_separator).trim_end_matches('/');
        let may_move = Digits::of(word).is_some_and(|digits| with_whole || !digits.is_whole);
        if may_move {
            found.push(start..start + word.len());
        }
        start += piece.len();
    }
    found
}

/// The numbers in the value of an argument, as [`numbers`] has them; none where the value is anything else than numbers, such as a name
/// with digits in it.
pub(crate) fn numbers_of_value(value: &str) -> Option<Vec<Range<usize>>> {
    let mut words = value.split(is_separator).filter(|word| !word.is_empty()).peekable();
    let is_numbers = words.peek().is_some() && words.all(|word| number(word).is_some());
    is_numbers.then(|| numbers(value, true))
}

/// `text` with the numbers in `places` moved, each in the next of the `ways`.
pub(crate) fn moved(text: &str, places: &[Range<usize>], digits: Option<usize>, ways: &mut Ways) -> String {
    let mut all = String::with_capacity(text.len());
    let mut end = 0;
    for place in places {
        all += &text[end..place.start];
        let word = &text[place.clone()];
        match Digits::of(word) {
            Some(known) => all += &known.moved(ways.next(), digits),
            None => all += word,
        }
        end = place.end;
    }
    all += &text[end..];
    all
}

/// A printed number taken apart.
struct Digits<'a> {
    sign: &'a str,
    /// The digits without the point.
    digits: String,
    /// How many of them stand before the point.
    before: usize,
    /// Whether there is a point.
    has_point: bool,
    exponent: &'a str,
    /// Neither a point nor an exponent.
    is_whole: bool,
}

impl<'a> Digits<'a> {
    /// The number that a word is; none of a word that is none, or that has no last decimal digit.
    fn of(word: &'a str) -> Option<Self> {
        number(word).filter(|value| value.is_finite())?;
        let bare = word.trim_start_matches(['+', '-']);
        let sign = &word[..word.len() - bare.len()];
        let end = bare.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(bare.len());
        let (mantissa, exponent) = bare.split_at(end);
        let is_decimal =
            exponent.is_empty() || exponent.starts_with(['e', 'E', 'd', 'D', 'q', 'Q', '+', '-']);
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let has_point = mantissa.contains('.');
        (is_decimal && !digits.is_empty()).then_some(Self {
            sign,
            before: whole.len(),
            has_point,
            exponent,
            is_whole: !has_point && exponent.is_empty(),
            digits,
        })
    }

    /// The number moved by one unit of its last digit, or of the last of so many significant `digits` where it has fewer.
    fn moved(mut self, way: Way, digits: Option<usize>) -> String {
        let significant = self.digits.trim_start_matches('0').len();
        let lacking = digits.map_or(0, |digits| digits.saturating_sub(significant.max(1)));
        self.has_point |= lacking > 0;
        self.digits.extend(std::iter::repeat_n('0', lacking));
        // What would change its length moves the other way.
        let mut number = self.digits.into_bytes();
        let all = |digits: &[u8], digit: u8| digits.iter().all(|d| *d == digit);
        let has_no_larger = all(&number, b'9');
        let (first, rest) =
            number.split_first().map_or((b'0', [].as_slice()), |(first, rest)| (*first, rest));
        let has_no_smaller = all(&number, b'0')
            || first == b'1' && all(rest, b'0') && self.before == 1 + rest.len() && !rest.is_empty();
        let is_up = match way {
            Way::Up => !has_no_larger,
            Way::Down => has_no_smaller,
        };
        let (over, step) = if is_up { (b'9', b'0') } else { (b'0', b'9') };
        for digit in number.iter_mut().rev() {
            if *digit == over {
                *digit = step;
            } else {
                *digit = if is_up { *digit + 1 } else { *digit - 1 };
                break;
            }
        }
        let text: String = number.into_iter().map(char::from).collect();
        let (whole, fraction) = text.split_at(self.before);
        let point = if self.has_point { "." } else { "" };
        format!("{}{whole}{point}{fraction}{}", self.sign, self.exponent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str, way: Way, digits: Option<usize>) -> String {
        let mut ways = Ways::Counted(u64::from(way == Way::Up));
        moved(text, &numbers(text, true), digits, &mut ways)
    }

    #[test]
    fn the_last_digit_moves_by_one_with_its_carry() {
        for (text, up, down) in [
            ("0.25", "0.26", "0.24"),
            ("-1.99", "-2.00", "-1.98"),
            ("+2.00E+03", "+2.01E+03", "+1.99E+03"),
            ("0.12D-05", "0.13D-05", "0.11D-05"),
            ("0.12-166", "0.13-166", "0.11-166"),
            ("41", "42", "40"),
            ("7.", "8.", "6."),
            (".5", ".6", ".4"),
        ] {
            assert_eq!([one(text, Way::Up, None), one(text, Way::Down, None)], [up, down], "{text}");
        }
    }

    #[test]
    fn a_number_never_changes_its_length() {
        for (text, both) in [("9.99", "9.98"), ("100", "101"), ("0.0", "0.1"), ("9", "8"), ("-99e5", "-98e5")]
        {
            assert_eq!([one(text, Way::Up, None), one(text, Way::Down, None)], [both, both], "{text}");
        }
    }

    #[test]
    fn digits_that_are_not_there_are_added_before_the_last_one_moves() {
        assert_eq!(one("0.25", Way::Up, Some(6)), "0.250001");
        assert_eq!(one("100", Way::Down, Some(6)), "099.999");
        assert_eq!(one("100", Way::Up, Some(6)), "100.001");
        assert_eq!(one("1.234567890", Way::Up, Some(4)), "1.234567891");
        assert_eq!(one("1e-5", Way::Up, Some(3)), "1.01e-5");
    }

    #[test]
    fn what_is_no_number_of_decimal_digits_stays_and_whole_numbers_do_where_they_count_something() {
        let text = "v2 0x1.8p+3 NaN inf .true. T x1.5 2-3 1.5x\n1 2\t3.5,4.5;k=5.5";
        let found: Vec<&str> = numbers(text, false).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["3.5", "4.5", "5.5"]);
        let found: Vec<&str> = numbers(text, true).into_iter().map(|place| &text[place]).collect();
        assert_eq!(found, ["1", "2", "3.5", "4.5", "5.5"]);
    }

    #[test]
    fn what_stands_in_a_path_or_a_name_is_no_number() {
        for text in ["run/1.5/x.csv", "1.5/x", "/data/2024", "case-1.5.txt", "x = out/2.5/a, 'b/3.5'"] {
            assert!(numbers(text, true).is_empty(), "{text}");
        }
        assert_eq!(numbers("&rod dt = 0.25, 1.5/\n", true), [10..14, 16..19]);
        for value in ["run2/data.csv", "2/3", "1.5/", "1.5mm", "n 1.5", "x=1.5", "", ","] {
            assert_eq!(numbers_of_value(value), None, "{value}");
        }
        assert_eq!(numbers_of_value("[1.5, 2] 0x1p3"), Some(vec![1..4, 6..7]));
    }

    #[test]
    fn a_seed_gives_the_same_ways_again_and_another_run_other_ones() {
        let drawn = |seed, run| {
            let mut ways = Ways::drawn(seed, run);
            (0..400).map(|_| ways.next() == Way::Up).collect::<Vec<_>>()
        };
        assert_eq!(drawn(1, 2), drawn(1, 2));
        assert_ne!(drawn(1, 2), drawn(1, 3));
        assert_ne!(drawn(1, 2), drawn(2, 2));
        // Five deviations of a fair coin around the middle.
        let up = drawn(7, 0).iter().filter(|up| **up).count();
        assert!((150..=250).contains(&up), "{up}");
    }

    proptest! {
        #[test]
        fn a_moved_number_is_one_unit_away_and_as_long(whole in 0_u32..100_000, fraction in "[0-9]{0,6}", up: bool) {
            let text = if fraction.is_empty() { whole.to_string() } else { format!("{whole}.{fraction}") };
            let moved = one(&text, if up { Way::Up } else { Way::Down }, None);
            prop_assert_eq!(moved.len(), text.len());
            let unit = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
            prop_assert_eq!((unit(&moved) - unit(&text)).abs(), 1);
        }

        #[test]
        fn any_text_is_moved_without_a_panic(text in "\\PC{0,60}", whole: bool, digits in proptest::option::of(1_usize..17)) {
            let places = numbers(&text, whole);
            let again = moved(&text, &places, digits, &mut Ways::drawn(1, 1));
            prop_assert_eq!(places.is_empty(), again == text);
        }
    }
}

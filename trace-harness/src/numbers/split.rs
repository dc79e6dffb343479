//! A value taken apart into its numbers and the words around them.
//!
//! Not here: what a number looks like (`number`).

use super::{UNPRINTABLE, number};

/// Appends the numbers of `text` to `numbers`; what is left, with `#` in the place of each number, goes to `words`, which
/// stays empty for numbers with nothing but blanks or commas between them. Fortran's complex numbers `(re,im)` are two numbers
/// each, and its logical values `T` and `F` are 1 and 0 where nothing else stands beside them.
pub fn split(text: &str, numbers: &mut Vec<f64>, words: &mut String) {
    words.clear();
    let start = numbers.len();
    if plain(text, numbers, number) {
        return;
    }
    numbers.truncate(start);
    if plain(text, numbers, letter) {
        return;
    }
    numbers.truncate(start);
    if !complex(text, numbers) {
        numbers.truncate(start);
        among_words(text, numbers, words);
    }
}

/// Whether all words are numbers by `read`.
fn plain(text: &str, numbers: &mut Vec<f64>, read: fn(&str) -> Option<f64>) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        // Separators are single bytes, which no other character holds.
        let end = rest.bytes().position(|b| matches!(b, b' ' | b',' | b'\t')).unwrap_or(rest.len());
        if end > 0 {
            let Some(value) = read(&rest[..end]) else { return false };
            numbers.push(value);
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    true
}

/// Fortran's logical values. A letter beside other words may be a name.
fn letter(word: &str) -> Option<f64> {
    match word {
        "T" => Some(1.0),
        "F" => Some(0.0),
        _ => None,
    }
}

/// Whether the text is complex numbers alone.
fn complex(text: &str, numbers: &mut Vec<f64>) -> bool {
    let mut rest = text.trim();
    while let Some(inside) = rest.strip_prefix('(') {
        let Some((pair, after)) = inside.split_once(')') else { return false };
        let Some((re, im)) = pair.split_once(',') else { return false };
        let (Some(re), Some(im)) = (number(re.trim()), number(im.trim())) else { return false };
        numbers.extend([re, im]);
        rest = after.trim_start_matches([' ', ',', '\t']);
    }
    rest.is_empty()
}

fn among_words(text: &str, numbers: &mut Vec<f64>, words: &mut String) {
    let separates = |c: char| " \t,;:=()[]{}+*/<>".contains(c);
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = stars(rest, words) {
            numbers.push(UNPRINTABLE);
            words.push('#');
            rest = after;
            continue;
        }
        let end = rest.find(separates).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // An exponent's sign is not a separator: `1e+24`.
        let longer = rest[end..].starts_with('+').then(|| {
            let more = rest[end + 1..].find(separates).map_or(rest.len(), |n| end + 1 + n);
            (number(&rest[..more]), more)
        });
        let (value, taken) = match longer {
            Some((Some(x), more)) => (Some(x), more),
            _ => (number(word), end),
        };
        match value {
            Some(x) => {
                numbers.push(x);
                words.push('#');
            }
            None => words.push_str(&rest[..taken]),
        }
        rest = if taken == end { after } else { &rest[taken..] };
        if let Some(c) = rest.chars().next() {
            words.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
}

/// What follows a field of stars that stands for a number: two or more, with no word on either side of them.
fn stars<'t>(text: &'t str, before: &str) -> Option<&'t str> {
    let after = text.trim_start_matches('*');
    let ends = |c: Option<char>| c.is_none_or(|c| " \t,;:=()[]".contains(c));
    let is = text.len() - after.len() > 1 && ends(before.chars().next_back()) && ends(after.chars().next());
    is.then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numbers::is_unprintable;

    fn of(text: &str) -> (Vec<f64>, String) {
        let (mut numbers, mut words) = (Vec::new(), String::new());
        split(text, &mut numbers, &mut words);
        (numbers, words)
    }

    #[test]
    fn numbers_alone_leave_no_words() {
        assert_eq!(of("1 -0.5  1e+24"), (vec![1.0, -0.5, 1e24], String::new()));
        assert_eq!(of("1,2,3"), (vec![1.0, 2.0, 3.0], String::new()));
        assert!(of("-nan").0[0].is_nan() && of("-inf").0[0] == f64::NEG_INFINITY);
        assert_eq!(of("0.5D+01 0x1p1 .TRUE."), (vec![5.0, 2.0, 1.0], String::new()));
    }

    #[test]
    fn words_keep_the_places_of_the_numbers() {
        assert_eq!(of("X:3.25e-06 Y:1e+3"), (vec![3.25e-6, 1e3], "X:# Y:#".to_owned()));
        assert_eq!(of("[1 0; -0 1]"), (vec![1.0, 0.0, -0.0, 1.0], "[# #; # #]".to_owned()));
        assert_eq!(of("MOSFLM"), (vec![], "MOSFLM".to_owned()));
        let mapping = "Fbeam←Ybeam_mm(+0.5px),beam_vec=[1 0 0]";
        assert_eq!(of(mapping), (vec![1.0, 0.0, 0.0], "Fbeam←Ybeam_mm(+0.5px),beam_vec=[# # #]".to_owned()));
    }

    #[test]
    fn complex_numbers_are_two_numbers_each() {
        assert_eq!(of("(0.1D+01,-2.0) (3,inf)"), (vec![1.0, -2.0, 3.0, f64::INFINITY], String::new()));
        assert_eq!(of("(1,2,3)").1, "(#,#,#)");
        assert_eq!(of("(1,2"), (vec![1.0, 2.0], "(#,#".to_owned()));
    }

    #[test]
    fn letters_are_logical_values_where_nothing_else_is_said() {
        assert_eq!(of("T F,T"), (vec![1.0, 0.0, 1.0], String::new()));
        assert_eq!(of("set T"), (vec![], "set T".to_owned()));
    }

    #[test]
    fn a_field_of_stars_is_a_number_that_nobody_knows() {
        let (numbers, words) = of("1.0 ***** 2.0");
        assert!(is_unprintable(numbers[1]) && numbers.len() == 3 && words.is_empty());
        let (numbers, words) = of("X:**** Y:[***;3]");
        assert!(is_unprintable(numbers[0]) && is_unprintable(numbers[1]) && numbers[2] == 3.0);
        assert_eq!(words, "X:# Y:[#;#]");
        assert_eq!(of("a**b call(**all)"), (vec![], "a**b call(**all)".to_owned()));
    }
}

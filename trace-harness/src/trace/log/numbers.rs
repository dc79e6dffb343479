//! The value of a line, taken apart into numbers and the words around them.
//!
//! Not here: which key it belongs to.

/// Appends the numbers of `text` to `numbers`; what is left, with `#` in the place of each number, goes to `words`, which
/// stays empty for numbers with nothing but blanks or commas between them.
pub fn split(text: &str, numbers: &mut Vec<f64>, words: &mut String) {
    words.clear();
    let start = numbers.len();
    let plain = text.split([' ', ',', '\t']).filter(|word| !word.is_empty()).all(|word| match number(word) {
        Some(x) => {
            numbers.push(x);
            true
        }
        None => false,
    });
    if !plain {
        numbers.truncate(start);
        among_words(text, numbers, words);
    }
}

/// A word that is a number as C or Rust prints it.
pub fn number(word: &str) -> Option<f64> {
    // `infinity` and the like are words here unless C prints them.
    let first = word.trim_start_matches(['+', '-']).bytes().next()?;
    match first {
        b'0'..=b'9' | b'.' => word.parse().ok(),
        b'n' | b'N' | b'i' | b'I' => {
            let bare = word.trim_start_matches(['+', '-']);
            (bare.eq_ignore_ascii_case("nan") || bare.eq_ignore_ascii_case("inf"))
                .then(|| word.parse().ok())?
        }
        _ => None,
    }
}

fn among_words(text: &str, numbers: &mut Vec<f64>, words: &mut String) {
    let separates = |c: char| " \t,;:=()[]{}+*/<>".contains(c);
    let mut rest = text;
    while !rest.is_empty() {
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

#[cfg(test)]
mod tests {
    use super::*;

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
    }

    #[test]
    fn words_keep_the_places_of_the_numbers() {
        assert_eq!(of("X:3.25e-06 Y:1e+3"), (vec![3.25e-6, 1e3], "X:# Y:#".to_owned()));
        assert_eq!(of("[1 0; -0 1]"), (vec![1.0, 0.0, -0.0, 1.0], "[# #; # #]".to_owned()));
        assert_eq!(of("MOSFLM"), (vec![], "MOSFLM".to_owned()));
        let mapping = "Fbeam←Ybeam_mm(+0.5px),beam_vec=[1 0 0]";
        assert_eq!(of(mapping), (vec![1.0, 0.0, 0.0], "Fbeam←Ybeam_mm(+0.5px),beam_vec=[# # #]".to_owned()));
    }
}

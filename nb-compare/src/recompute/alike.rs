//! Whether what was recorded and what is computed again are alike: equal, but for the last digits of floats.
//!
//! Not here: what is computed again (`recompute`), and shown to people (`pages`).

use serde_json::Value;

/// Floats of two machines can differ in their last digits where they go through the mathematical library.
const LIBRARY: f64 = 1e-9;

/// Equal, but for the last digits of floats.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            let (Some(x), Some(y)) = (x.as_f64(), y.as_f64()) else { return false };
            // Whole numbers count something.
            let are_floats = a.is_f64() && b.is_f64();
            x == y || are_floats && (x - y).abs() <= LIBRARY * x.abs().max(y.abs())
        }
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| same(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(name, x)| y.get(name).is_some_and(|y| same(x, y)))
        }
        _ => a == b,
    }
}

/// Equal, but for the last digits of numbers: those of two machines can differ where they go through the mathematical library.
pub(super) fn same_text(a: &str, b: &str) -> bool {
    let is_separator = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    let pieces = |text| str::split_inclusive(text, is_separator);
    let alike = |(a, b): (&str, &str)| {
        a == b || {
            let [(a, after_a), (b, after_b)] = [a, b].map(|piece| match piece.chars().next_back() {
                Some(last) if is_separator(last) => piece.split_at(piece.len() - last.len_utf8()),
                _ => (piece, ""),
            });
            let number = |text: &str| text.parse::<f64>().ok().filter(|v| v.is_finite()).map(Value::from);
            after_a == after_b && number(a).zip(number(b)).is_some_and(|(a, b)| same(&a, &b))
        }
    };
    a == b || (pieces(a).count() == pieces(b).count() && pieces(a).zip(pieces(b)).all(alike))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_may_differ_in_the_last_digits_and_whole_numbers_in_none() {
        let value = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        assert!(same(&value("0.1234567890123456"), &value("0.1234567890123457")));
        assert!(!same(&value("0.123"), &value("0.124")));
        assert!(!same(&value("140737488355328"), &value("140737488355329")));
        assert!(!same(&value("140737488355328"), &value("140737488355329.0")));
        assert!(same(&value("[1, 2.0]"), &value("[1, 2]")));
    }

    #[test]
    fn texts_may_differ_in_the_last_digit_of_a_number_and_in_nothing_else() {
        let text = "<td>0.1234567890123456</td> 3 a-b";
        assert!(same_text(text, text) && same_text(text, &text.replace("456<", "457<")));
        for other in [
            text.replace('3', "4"),
            text.replace("a-b", "a-c"),
            format!("{text} "),
            text.replace("<td>", "<th>"),
        ] {
            assert!(!same_text(text, &other), "{other}");
        }
    }
}

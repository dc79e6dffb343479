//! Numbers of things in English: one case, two cases.
//!
//! Not here: numbers themselves (`numbers`), text from outside (`terminal`).

/// `1 case`, `2 cases`, `0 cases`: a count with its noun, whose plural ends in `s`.
pub fn counted(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_singular_and_every_other_count_is_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "error")), ["0 errors", "1 error", "2 errors"]);
    }
}

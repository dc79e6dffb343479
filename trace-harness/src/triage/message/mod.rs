//! What a failure says, in one line, and what is left of that line when everything is taken out that changes from test to
//! test.
//!
//! Not here: comparing such lines (`alike`, `cluster`).

pub mod alike;

use std::sync::LazyLock;

use regex::Regex;

/// Longest line that is kept.
const LONGEST: usize = 400;

/// The line of a failure text that says most: what a panic or an assertion says, rather than where it stands or what the test
/// printed before.
pub fn headline(text: &str) -> String {
    let lines = panic_text(text).unwrap_or(text).lines().map(str::trim).filter(|l| !l.is_empty());
    let informative: Vec<&str> = lines.filter(|l| !is_place(l)).take(3).collect();
    let mut line = informative.first().copied().unwrap_or_default().to_owned();
    // The two sides of a Rust assertion belong to it.
    for side in informative.iter().skip(1).filter(|l| l.starts_with("left: ") || l.starts_with("right: ")) {
        line = format!("{line}; {side}");
    }
    shorten(&line)
}

/// What the last panic says: a test may catch others before. `None` where nothing panics or the panic says nothing.
fn panic_text(text: &str) -> Option<&str> {
    const PANIC: &str = " panicked at ";
    let of_thread = |at: usize| {
        let line = text[..at].rfind('\n').map_or(0, |n| n + 1);
        text[line..at].contains("thread '")
    };
    let (at, _) = text.rmatch_indices(PANIC).find(|(at, _)| of_thread(*at))?;
    let rest = &text[at + PANIC.len()..];
    let name = match rest.strip_prefix('\'') {
        // Before Rust 1.73 the message stood in quotes in front of the place.
        Some(quoted) => quoted.split("', ").next()?,
        None => rest.split_once('\n')?.1,
    };
    (!name.trim().is_empty()).then_some(name)
}

/// Whether a text reports the end by pytest-timeout, in the words of any of its versions.
pub fn is_pytest_timeout(text: &str) -> bool {
    text.contains("from pytest-timeout") || limit_told(text).is_some()
}

/// The limit in seconds that pytest-timeout prints: `Timeout (>1.5s) from pytest-timeout`, and before version 2.3 `Timeout >1.5s`.
pub fn limit_told(text: &str) -> Option<f64> {
    let rest = ["Timeout (>", "Timeout >"].iter().find_map(|start| Some(text.split_once(start)?.1))?;
    rest.split_once('s')?.0.parse().ok().filter(|t: &f64| *t > 0.0 && t.is_finite())
}

/// Lines that only say where.
fn is_place(line: &str) -> bool {
    line.contains("thread '") && line.contains(" panicked at ")
        || line.starts_with("note: run with")
        || line.starts_with("stack backtrace")
        || line.starts_with("at ")
        || line.starts_with("running ")
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &line[..end]),
        None => line.to_owned(),
    }
}

/// What is replaced by what. The order matters: a path may hold numbers.
static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        (r"0x[0-9a-fA-F]+", "<address>"),
        (r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}", "<id>"),
        (r"\b[0-9a-f]{32,64}\b", "<digest>"),
        (r"(?:[A-Za-z]:)?[\w.~-]*(?:[/\\][\w.~+-]+)+", "<path>"),
        (r"[-+]?\b(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\b", "<n>"),
        (r"\d+", "<n>"),
    ];
    // The patterns are fixed; one that could not be compiled would only be left out.
    rules.into_iter().filter_map(|(pattern, word)| Some((Regex::new(pattern).ok()?, word))).collect()
});

/// A line without addresses, paths and numbers, with single spaces.
pub fn normalise(line: &str) -> String {
    let text = RULES
        .iter()
        .fold(line.to_owned(), |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned());
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The kind of failure: the name before the first colon, where there is one (`AssertionError`).
pub fn class(line: &str) -> &str {
    let head = line.split_once(':').map_or("", |(head, _)| head.trim());
    if !head.is_empty() && head.chars().all(|c| c.is_alphanumeric() || "_.".contains(c)) { head } else { "" }
}

/// How alike two normalised lines are, word by word: 0 nothing in common, 1 the same.
pub fn similarity(a: &str, b: &str) -> f64 {
    if class(a) != class(b) {
        return 0.0;
    }
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
    f64::from(similar::TextDiff::from_slices(&a, &b).ratio())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_from_test_to_test_is_taken_out() {
        let line = "ratio 1.26e+05 at 0x7ffe12 in /a/b-1/c.py:17, seed 7, float32";
        assert_eq!(normalise(line), "ratio <n> at <address> in <path>:<n>, seed <n>, float<n>");
    }

    #[test]
    fn a_panic_is_known_by_what_it_says() {
        let text = "thread 'a' (12) panicked at src/lib.rs:1:2:\nassertion `left == right` failed: x\n  left: 4.0\n \
                    right: 8.0\nnote: run with `RUST_BACKTRACE=1`";
        assert_eq!(headline(text), "assertion `left == right` failed: x; left: 4.0; right: 8.0");
        assert_eq!(headline(&format!("step 1\nstep 2 {text}")), headline(text));
        assert_eq!(
            headline(&format!("thread 'a' panicked at src/a.rs:1:1:\ncaught\n{text}")),
            headline(text)
        );
        let old =
            "thread 'main' panicked at 'no such file', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1`";
        assert_eq!(headline(old), "no such file");
        assert_eq!(headline("it said: nobody panicked at all"), "it said: nobody panicked at all");
        assert_eq!(headline("\n\nAssertionError: no\nassert 1 == 2"), "AssertionError: no");
        assert_eq!(headline(""), "");
    }

    #[test]
    fn alike_means_most_words_of_the_same_kind_of_failure() {
        let a = normalise("AssertionError: sum ratio 126451.3 of case cubic, expected 1.0");
        let b = normalise("AssertionError: sum ratio 2.0 of case triclinic, expected 1.0");
        assert!(similarity(&a, &b) > 0.8);
        assert_eq!(similarity(&a, &b.replace("AssertionError", "ValueError")), 0.0);
        assert!(similarity(&a, "AssertionError: header key is missing") < 0.4);
    }
}

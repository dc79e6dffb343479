//! Text from outside, made fit for a terminal: what a name or a message of somebody else holds can move no cursor, change no colour
//! and begin no line of its own.
//!
//! Not here: Markdown and HTML (`trace_harness::evidence::page`), streams (`console`).

/// The text on one line with every control character, and every character that reverses the direction of writing, shown by name.
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => shown += "\\n",
            '\t' => shown += "\\t",
            '\r' => shown += "\\r",
            c if is_hidden(c) => shown.extend(c.escape_unicode()),
            c => shown.push(c),
        }
    }
    shown
}

/// As [`visible`], but line breaks stay: for text of several lines that nobody takes for lines of our own.
pub fn visible_lines(text: &str) -> String {
    text.split('\n').map(visible).collect::<Vec<_>>().join("\n")
}

/// A message about something from outside: as [`visible_lines`], and cut where nobody would read on.
pub fn message(text: &impl std::fmt::Display) -> String {
    /// Characters.
    const LIMIT: usize = 4000;
    let text = text.to_string();
    let shown = visible_lines(&text.chars().take(LIMIT).collect::<String>());
    match text.chars().count().saturating_sub(LIMIT) {
        0 => shown,
        more => format!("{shown}… ({more} more characters)"),
    }
}

/// Control characters of both sets, line and paragraph separators, and marks and overrides of direction.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_on_a_terminal_is_shown() {
        assert_eq!(visible("a\u{1b}[2Jb\nc\td\u{9b}e\u{202e}f"), "a\\u{1b}[2Jb\\nc\\td\\u{9b}e\\u{202e}f");
        assert_eq!(visible("plain, ünïcode 中 text"), "plain, ünïcode 中 text");
        assert_eq!(visible_lines("a\n\u{7}b"), "a\n\\u{7}b");
    }

    #[test]
    fn a_message_repeats_no_megabytes() {
        assert_eq!(message(&"a\n\u{7}b"), "a\n\\u{7}b");
        let shown = message(&"é".repeat(1_000_000));
        assert!(shown.len() < 10_000 && shown.ends_with("é… (996000 more characters)"), "{}", shown.len());
    }
}

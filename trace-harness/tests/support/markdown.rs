//! What of a Markdown text could act: markup of HTML that no code and no backslash keeps from being markup.
//!
//! Not here: whether cells of tables stay in their cells (unit tests of `evidence::page::markdown`).

/// Lines of `text` in which a `<` stands as markup: outside of blocks and spans of code, and without a backslash.
pub fn with_markup(text: &str) -> Vec<String> {
    let mut fence: Option<usize> = None;
    let mut found = Vec::new();
    for line in text.lines() {
        let ticks = line.bytes().take_while(|b| *b == b'`').count();
        match fence {
            Some(length) if ticks >= length && line.trim_end().len() == ticks => fence = None,
            Some(_) => {}
            None if ticks >= 3 && !line[ticks..].contains('`') => fence = Some(ticks),
            None if has_markup(line) => found.push(line.to_owned()),
            None => {}
        }
    }
    found
}

fn has_markup(line: &str) -> bool {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        rest = match c {
            '<' => return true,
            '\\' => rest.chars().nth(1).map_or("", |next| &rest[1 + next.len_utf8()..]),
            '`' => {
                let length = rest.bytes().take_while(|b| *b == b'`').count();
                after_code(&rest[length..], length)
            }
            c => &rest[c.len_utf8()..],
        };
    }
    false
}

/// What follows a span of code that began with `length` backticks; all of it where none ends it, as they mean themselves then.
fn after_code(text: &str, length: usize) -> &str {
    let mut at = 0;
    while let Some(start) = text[at..].find('`').map(|n| at + n) {
        let run = text[start..].bytes().take_while(|b| *b == b'`').count();
        if run == length {
            return &text[start + run..];
        }
        at = start + run;
    }
    text
}

#[test]
fn markup_is_seen_wherever_it_acts_and_nowhere_else() {
    for text in ["a <b", "`a` <b", "`` ` <b", "a\\\\<b", "```\n<a>\n```\n<b", "`a``<b` <c"] {
        assert_eq!(with_markup(text).len(), 1, "{text}");
    }
    for text in ["a &lt;b", "`<b`", "`` `<b ``", "\\<b", "```\n<a\n```\n", "````\n```\n<a\n````"] {
        assert!(with_markup(text).is_empty(), "{text}");
    }
}

//! Text from outside made harmless for Markdown: it stays where it is put, and means nothing but itself.
//!
//! Not here: HTML (`page`), terminals (`evidence::terminal`).

use crate::evidence::terminal::{visible, visible_lines};

/// Text as text, in a paragraph, a heading, a list or the cell of a table: no markup, no HTML, no other line.
pub fn text(text: &str) -> String {
    let shown = visible(&text.split_whitespace().collect::<Vec<_>>().join(" "));
    let mut out = String::with_capacity(shown.len());
    let mut before = ' ';
    let mut rest = shown.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // Inside a word it means nothing, and names are full of it.
            '_' if before.is_alphanumeric() && rest.peek().is_some_and(|c| c.is_alphanumeric()) => {
                out.push('_')
            }
            '|' | '*' | '_' | '[' | ']' | '`' | '\\' | '#' | '~' => out.extend(['\\', c]),
            c => out.push(c),
        }
        before = c;
    }
    out
}

/// Text as code within a line, in a fence that is longer than any run of backticks inside; also in the cell of a table.
pub fn code(text: &str) -> String {
    let text = visible(text).replace('|', "\\|");
    let fence = "`".repeat(longest_run(&text) + 1);
    let space = if text.contains('`') || text.is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Lines as they are, between two fences that are longer than any run of backticks inside.
pub fn block(text: &str) -> String {
    let text = visible_lines(text);
    let fence = "`".repeat(longest_run(&text).max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", text.trim_end_matches('\n'))
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A row of a table; the cells are Markdown already.
pub fn row<S: AsRef<str>>(cells: &[S]) -> String {
    cells.iter().map(|cell| format!("| {} ", cell.as_ref())).collect::<String>() + "|\n"
}

/// The head of a table.
pub fn head(names: &[&str]) -> String {
    row(names) + &"|---".repeat(names.len()) + "|\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &str = "x | <img src=x onerror=alert(1)>\n\n## forged `code` ``` [a](javascript:b) ![c](d) \x1b[2K **e** _f_ \\";

    #[test]
    fn hostile_text_stays_in_its_cell_and_means_nothing() {
        let shown = text(HOSTILE);
        assert!(!shown.contains(['\n', '\x1b', '<', '>']), "{shown}");
        let mut before = ' ';
        for c in shown.chars() {
            assert!(!"|*[]`#_".contains(c) || before == '\\', "`{c}` is bare in {shown}");
            before = if before == '\\' && c == '\\' { ' ' } else { c };
        }
    }

    #[test]
    fn code_and_blocks_cannot_be_left_from_inside() {
        let shown = code(HOSTILE);
        assert!(shown.starts_with("```` ") && shown.ends_with(" ````"), "{shown}");
        assert!(!shown.contains('\n') && !shown.replace("\\|", "").contains('|'), "{shown}");
        let shown = block(HOSTILE);
        assert_eq!(shown.lines().filter(|line| line.starts_with("````")).count(), 2);
        assert!(!shown.contains('\x1b'), "{shown}");
    }

    #[test]
    fn ordinary_names_are_left_as_they_are() {
        assert_eq!(text("case/phi_step: 3 of 4 (0.5 %)"), "case/phi_step: 3 of 4 (0.5 %)");
        assert_eq!(code("results/a_b.bin"), "`results/a_b.bin`");
        assert_eq!(head(&["a", "b"]) + &row(&["1", "2"]), "| a | b |\n|---|---|\n| 1 | 2 |\n");
    }
}

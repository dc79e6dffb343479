//! Self-contained pages: one file, no network, readable in light and dark, and nothing in them runs but their own script.
//!
//! Not here: what the pages are about.

mod bundle_page;
pub mod markdown;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

pub use bundle_page::{bundle_page, environment_section, steps_section, verdict_line};

const STYLE: &str = include_str!("style.css");

/// Text that is safe between tags and inside quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Base 64, as data addresses and content policies have it.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A value as a block of data that a script on the page can read under `id`; it cannot end its own block.
pub fn data_block(id: &str, value: &serde_json::Value) -> String {
    let text = value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    format!("<script type=\"application/json\" id=\"{}\">{text}</script>\n", escape(id))
}

/// A page. `body` is HTML; `script` may be empty, and is the only one that the page's policy lets run.
pub fn page(title: &str, body: &str, script: &str) -> String {
    let allowed = match script.is_empty() {
        true => "'none'".to_owned(),
        false => format!("'sha256-{}'", base64(&Sha256::digest(script.as_bytes()))),
    };
    let mut out = String::from("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data: blob:; \
         style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; form-action 'none'\">"
    );
    let _ = writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    let _ = writeln!(
        out,
        "<meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>",
        escape(title)
    );
    let _ = writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>\n{body}");
    if !script.is_empty() {
        let _ = writeln!(out, "<script>{script}</script>");
    }
    out.push_str("</body>\n</html>\n");
    out
}

/// Whether a text has a word too long for a column of its own: a digest, a path.
fn is_long(text: &str) -> bool {
    text.split_whitespace().any(|word| word.chars().count() > 32)
}

/// A table; cells are text, not HTML. The first cell of each row is its heading.
pub fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    let mut out =
        format!("<div class=\"scroll\"><table>\n<caption>{}</caption>\n<thead><tr>", escape(caption));
    out.extend(head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", escape(cell))));
    out.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        out.push_str("<tr>");
        for (n, cell) in row.iter().enumerate() {
            let (open, close) = if n == 0 { ("<th scope=\"row\">", "</th>") } else { ("<td>", "</td>") };
            let open = if is_long(cell) { open.replace('>', " class=\"long\">") } else { open.to_owned() };
            let _ = write!(out, "{open}{}{close}", escape(cell));
        }
        out.push_str("</tr>\n");
    }
    out + "</tbody></table></div>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACK: &str = "</script><script>alert('x')</script>\"&";

    #[test]
    fn text_from_outside_cannot_become_markup() {
        assert_eq!(escape("<a href='x'>&\""), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
        let html = page(ATTACK, &table(ATTACK, &[ATTACK], &[vec![ATTACK.into(), ATTACK.into()]]), "");
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn only_a_word_too_long_for_a_column_may_be_broken_anywhere() {
        let html =
            table("t", &["a"], &[vec!["residual_fraction".into(), "0".repeat(64), "short words ".repeat(9)]]);
        assert_eq!(html.matches("class=\"long\"").count(), 1);
        assert!(html.contains(&format!("<td class=\"long\">{}</td>", "0".repeat(64))), "{html}");
    }

    #[test]
    fn a_data_block_cannot_end_itself_and_reads_back() {
        let value = serde_json::json!({ "argument": ATTACK });
        let block = data_block("data", &value);
        assert_eq!(block.matches("</script>").count(), 1);
        let text = block.split_once('>').unwrap().1.rsplit_once("</script>").unwrap().0;
        assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), value);
    }

    #[test]
    fn only_the_pages_own_script_may_run() {
        let html = page("t", "", "void 0;");
        let hash = base64(&Sha256::digest(b"void 0;"));
        assert!(html.contains(&format!("script-src 'sha256-{hash}'")));
        assert!(page("t", "", "").contains("script-src 'none'"));
    }

    #[test]
    fn a_page_asks_the_network_for_nothing() {
        let html = page("t", "<p>x</p>", "void 0;");
        assert!(
            !["http://", "https://", "src=", "@import", "url("].iter().any(|w| html.contains(w)),
            "{html}"
        );
    }
}

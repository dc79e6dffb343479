//! Self-contained pages: one file, no network, readable in light and dark, and nothing in them runs but their own script.
//!
//! Templates escape by type: text is text wherever it comes from, and [`maud::Markup`] is what a template made. Ready-made
//! markup comes in by the functions of this module alone, one for each kind.
//!
//! Not here: what the pages are about.

mod bundle_page;
pub mod markdown;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use nanobragg::chart;
use sha2::{Digest, Sha256};

pub use bundle_page::{bundle_page, verdict_line};

const STYLE: &str = include_str!("style.css");

/// Base 64, as data addresses and content policies have it.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A style sheet of our own: only a text of this program can be one.
pub fn style(sheet: &'static str) -> Markup {
    html! { style { (PreEscaped(sheet)) } }
}

/// A value as a block of data that a script on the page can read under `id`; it cannot end its own block.
pub fn data_block(id: &str, value: &serde_json::Value) -> Markup {
    let text = value.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    html! { script type="application/json" id=(id) { (PreEscaped(text)) } }
}

/// Sections after `change` went over what they say, which is to put no markup in.
///
/// # Errors
/// What `change` returns.
pub fn changed<E>(sections: &Markup, change: impl FnOnce(&str) -> Result<String, E>) -> Result<Markup, E> {
    change(&sections.0).map(PreEscaped)
}

/// A page. `script` may be empty, and is the only one that the page's policy lets run.
pub fn page(title: &str, body: &Markup, script: &'static str) -> String {
    let allowed = match script.is_empty() {
        true => "'none'".to_owned(),
        false => format!("'sha256-{}'", base64(&Sha256::digest(script.as_bytes()))),
    };
    let policy = format!(
        "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src {allowed}; base-uri 'none'; \
         form-action 'none'"
    );
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                (style(STYLE))
                (style(chart::STYLE))
            }
            body {
                (body)
                // The policy names the digest of exactly this text.
                @if !script.is_empty() { script { (PreEscaped(script)) } }
            }
        }
    };
    page.into_string() + "\n"
}

/// A section with its heading, which is what its name leads to.
pub fn section(name: &str, heading: &str, content: &Markup) -> Markup {
    html! {
        section aria-labelledby=(name) {
            h2 id=(name) { (heading) }
            (content)
        }
    }
}

/// Whether a text has a word too long for a column of its own: a digest, a path.
fn is_long(text: &str) -> bool {
    text.split_whitespace().any(|word| word.chars().count() > 32)
}

/// A text whose numbers stay whole: a line would else end at a minus sign, of a value or of an exponent.
fn breakable(text: &str) -> Markup {
    let breaks = |word: &str| word.contains('-') && word.trim_matches([',', ';', '%']).parse::<f64>().is_ok();
    html! {
        @for (n, word) in text.split(' ').enumerate() {
            @if n > 0 { " " }
            @if breaks(word) { span.number { (word) } } @else { (word) }
        }
    }
}

/// A table of texts. The first cell of each row is its heading.
pub fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> Markup {
    let class = |cell: &str| is_long(cell).then_some("long");
    html! {
        div.scroll {
            table {
                caption { (caption) }
                (table_head(head))
                tbody {
                    @for row in rows {
                        tr {
                            @for (n, cell) in row.iter().enumerate() {
                                @if n == 0 {
                                    th scope="row" class=[class(cell)] { (breakable(cell)) }
                                } @else {
                                    td class=[class(cell)] { (breakable(cell)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The head of a table.
pub fn table_head(names: &[&str]) -> Markup {
    html! {
        thead {
            tr {
                @for name in names { th scope="col" { (name) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATTACK: &str = "</script><script>alert('x')</script>\"&";

    #[test]
    fn text_from_outside_cannot_become_markup() {
        let body = section(ATTACK, ATTACK, &table(ATTACK, &[ATTACK], &[vec![ATTACK.into(), ATTACK.into()]]));
        let html = page(ATTACK, &body, "");
        assert!(!html.contains("<script"), "{html}");
    }

    #[test]
    fn only_a_word_too_long_for_a_column_may_be_broken_anywhere() {
        let html =
            table("t", &["a"], &[vec!["residual_fraction".into(), "0".repeat(64), "short words ".repeat(9)]]);
        let html = html.into_string();
        assert_eq!(html.matches("class=\"long\"").count(), 1);
        assert!(html.contains(&format!("<td class=\"long\">{}</td>", "0".repeat(64))), "{html}");
    }

    #[test]
    fn a_number_is_not_broken_at_its_minus_sign() {
        let cell = |text: &str| table("t", &["a"], &[vec!["key".into(), text.into()]]).into_string();
        assert!(STYLE.contains(".number { white-space: nowrap; }"));
        for number in ["-1", "2.5e-10", "-3E-7"] {
            let whole = format!("<span class=\"number\">{number}</span>");
            assert!(cell(number).contains(&format!("<td>{whole}</td>")), "{}", cell(number));
            assert!(cell(&format!("1 {number} x")).contains(&format!("<td>1 {whole} x</td>")));
        }
        for other in ["12.5", "2026-11-28", "a-b", "--option", ""] {
            assert!(cell(other).contains(&format!("<td>{other}</td>")), "{}", cell(other));
        }
    }

    #[test]
    fn a_data_block_cannot_end_itself_and_reads_back() {
        let value = serde_json::json!({ "argument": ATTACK });
        let block = data_block("data", &value).into_string();
        assert_eq!(block.matches("</script>").count(), 1);
        let text = block.split_once('>').unwrap().1.rsplit_once("</script>").unwrap().0;
        assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), value);
    }

    #[test]
    fn only_the_pages_own_script_may_run() {
        let html = page("t", &Markup::default(), "void 0;");
        let hash = base64(&Sha256::digest(b"void 0;"));
        assert!(html.contains(&format!("script-src 'sha256-{hash}'")));
        assert!(page("t", &Markup::default(), "").contains("script-src 'none'"));
    }

    #[test]
    fn a_page_asks_the_network_for_nothing() {
        let html = page("t", &html! { p { "x" } }, "void 0;");
        assert!(
            !["http://", "https://", "src=", "@import", "url("].iter().any(|w| html.contains(w)),
            "{html}"
        );
    }
}

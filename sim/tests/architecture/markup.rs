//! Pages are written by templates alone. Not here: what is on them.

use crate::none;
use crate::support::sources::{without_inline_tests, workspace};

/// Who reads pages has to name tags; who writes them has templates.
const READS_PAGES: &[&str] = &[
    "nb-compare/src/recompute/pages.rs",
    "trace-harness/src/evidence/bundle/documents/layout.rs",
    "trace-harness/src/evidence/bundle/verify/page.rs",
];

/// Tags of the pages and pictures of this project, without those that are words of other texts as well (`<path>`).
const TAGS: &[&str] = &[
    "a",
    "body",
    "button",
    "canvas",
    "caption",
    "circle",
    "code",
    "details",
    "div",
    "figcaption",
    "figure",
    "g",
    "h1",
    "h2",
    "h3",
    "head",
    "html",
    "img",
    "li",
    "main",
    "p",
    "polyline",
    "pre",
    "rect",
    "script",
    "section",
    "span",
    "strong",
    "style",
    "summary",
    "svg",
    "table",
    "tbody",
    "td",
    "text",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

/// Whether a line of code has a tag in it. A lower-case name between angle brackets is no Rust.
fn has_tag(line: &str) -> bool {
    line.split('<').skip(1).any(|rest| {
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        let name = rest.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        TAGS.contains(&name) && rest[name.len()..].starts_with([' ', '>', '/', '\\'])
    })
}

#[test]
fn pages_are_written_by_templates_and_no_text_in_the_sources_is_markup() {
    assert!(
        has_tag("\"<p class=\\\"x\\\">\"")
            && has_tag("</td>")
            && !has_tag("Vec<u8>")
            && !has_tag("a <path> of")
    );
    let sources = workspace("rs");
    let concerned = sources.iter().filter(|s| s.path.contains("/src/") && !s.path.ends_with("tests.rs"));
    let mut faults = vec![];
    for source in concerned.filter(|s| !READS_PAGES.contains(&s.path.as_str())) {
        let lines =
            without_inline_tests(&source.text).lines().filter(|line| !line.trim_start().starts_with("//"));
        faults.extend(lines.filter(|line| has_tag(line)).map(|line| {
            format!("{}: `{}` is markup in a text, expected a template", source.path, line.trim())
        }));
    }
    none(&faults);
}

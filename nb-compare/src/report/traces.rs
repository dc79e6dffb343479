//! How traces of elements are told: terminal, Markdown, page.
//!
//! Not here: tracing (`app`), comparing traces (`adapter::trace`), the lines of a cause (`explanation`).

use maud::{Markup, html};
use trace_harness::evidence::page::{markdown, section};
use trace_harness::evidence::terminal::visible;
use trace_harness::trace::cause::attribution::SHARES;

use crate::adapter::trace::traced::TracedElements;
use crate::report::explanation::{cause_line, causes, shares};

/// The lines on the terminal.
pub(super) fn lines(found: &TracedElements) -> String {
    let mut text = String::new();
    for element in &found.elements {
        text += &format!("  traced {}\n", visible(&element.words()));
        for cause in element.traces.iter().flat_map(|traces| &traces.root_causes) {
            text += &format!("    {}\n", visible(&cause_line(cause)));
        }
    }
    text + &format!("traces: {}\n", visible(&found.reason))
}

/// The section of `analysis.md`.
pub(super) fn markdown(found: &TracedElements) -> String {
    let mut text = format!("\n## Traces\n\n{}\n\n", markdown::text(&found.reason));
    for element in &found.elements {
        text += &format!("- {}\n", markdown::text(&element.words()));
        for cause in element.traces.iter().flat_map(|traces| &traces.root_causes) {
            text += &format!("  - {}\n", markdown::text(&cause_line(cause)));
        }
    }
    text
}

/// The section of the page.
pub(super) fn part(found: &TracedElements) -> Markup {
    let has_shares =
        found.elements.iter().flat_map(|element| &element.traces).any(|t| !t.attribution.is_empty());
    let content = html! {
        p { (found.reason) "." }
        @for element in &found.elements {
            p.told { (element.words()) "." }
            @if let Some(traces) = &element.traces {
                (causes(&traces.root_causes))
                @for attribution in &traces.attribution { (shares(attribution)) }
            }
        }
        @if has_shares { p.soft { (SHARES) "." } }
    };
    section("traces", "Traces", &content)
}

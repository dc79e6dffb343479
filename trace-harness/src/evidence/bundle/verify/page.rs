//! Whether `report.html` is the page of its bundle: the one that `summary.json` and `env.json` make, around sections that hide nothing.
//!
//! Not here: writing the page (`evidence::page`); whether the figures in its sections follow from the files (`verify --recompute`).

use crate::evidence::bundle::digest;
use crate::evidence::bundle::documents::{commands, layout};
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::bundle::verify::markup::{self, MarkupFault};

/// What a page shows otherwise than its bundle, or should not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PageFault {
    /// A fact that it states otherwise.
    #[error("shows another {0} than summary.json")]
    Fact(&'static str),
    /// Something around the sections of its kind.
    #[error("is not the page that is made of summary.json and env.json")]
    Frame,
    /// Sections where its kind has none.
    #[error("has sections that no bundle of kind `{0}` has")]
    Sections(String),
    /// Sections that are not markup as this project writes it.
    #[error(transparent)]
    Markup(#[from] MarkupFault),
    /// A script that is not this project's.
    #[error("runs a script that is not this project's: SHA-256 {0}")]
    Script(String),
}

/// Kinds of bundles whose pages are nothing but their frame.
const BARE: [&str; 2] = ["run", "rerun"];

/// Compares what a reader of the page sees with the summary, and holds the page against the one that is made of it, where this program
/// wrote it.
///
/// # Errors
/// The first fact that the page states otherwise, or that it should not hold.
pub(super) fn agrees(
    html: &str,
    summary: &Summary,
    environment: Option<&Environment>,
) -> Result<(), PageFault> {
    facts(html, summary)?;
    match environment {
        Some(environment) if summary.layout == layout::layout() => {
            let script = script(html);
            let is_ours = script.is_empty() || summary.kind == "comparison" && script == layout::VIEWER;
            if !is_ours {
                return Err(PageFault::Script(digest::of_bytes(script.as_bytes())));
            }
            let frame = layout::page_frame(summary, environment, script);
            sections(frame.body(html).ok_or(PageFault::Frame)?, &summary.kind)
        }
        _ => Ok(()),
    }
}

/// The script at the end of a page; empty where there is none.
fn script(html: &str) -> &str {
    let end = html.strip_suffix("</script></body></html>\n");
    end.and_then(|html| html.rsplit_once("<script>")).map_or("", |(_, script)| script)
}

/// Whether the sections between the frame hold nothing that hides the rest, imitates it, or runs.
fn sections(body: &str, kind: &str) -> Result<(), PageFault> {
    if BARE.contains(&kind) && !body.is_empty() {
        return Err(PageFault::Sections(kind.to_owned()));
    }
    Ok(markup::is_ours(body)?)
}

fn facts(html: &str, summary: &Summary) -> Result<(), PageFault> {
    let differs = |what| Err(PageFault::Fact(what));
    let verdict = element(html, "id=\"verdict\"", "</p>").map(text).unwrap_or_default();
    if verdict != one_line(&format!("{} {}", summary.verdict, summary.reason)) {
        return differs("verdict");
    }
    if element(html, "<h1", "</h1>").map(text) != Some(one_line(&summary.title)) {
        return differs("title");
    }
    let section = element(html, "id=\"commands\"", "</section>").unwrap_or_default();
    let shown: Vec<String> =
        section.split("<pre").skip(1).map(|part| inner(part, "</pre>")).map(text).collect();
    let expected: Vec<String> = summary.steps.iter().map(|step| one_line(&commands::line(step))).collect();
    if shown == expected { Ok(()) } else { differs("command") }
}

/// What stands between the tag that `mark` is a part of and `end`.
fn element<'a>(html: &'a str, mark: &str, end: &str) -> Option<&'a str> {
    Some(inner(html.split_once(mark)?.1, end))
}

/// What stands between the end of the tag that `rest` begins in and `end`.
fn inner<'a>(rest: &'a str, end: &str) -> &'a str {
    let content = rest.split_once('>').unwrap_or_default().1;
    content.split_once(end).map_or(content, |(content, _)| content)
}

/// The text of a piece of HTML, with white space as a browser shows it.
fn text(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        out += before;
        rest = tag.split_once('>').unwrap_or_default().1;
    }
    out += rest;
    // The ampersand last: what it begins is not to be decoded twice.
    for (entity, character) in
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")]
    {
        out = out.replace(entity, character);
    }
    one_line(&out)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use maud::{PreEscaped, html};

    use super::*;
    use crate::evidence::bundle::environment;
    use crate::evidence::bundle::paths::Paths;
    use crate::evidence::bundle::summary::{SCHEMA, Step, VERSION};
    use crate::evidence::page::bundle_page;
    use crate::evidence::verdict::Verdict;

    fn summary() -> Summary {
        let command = ["sh", "-c", "echo '<b>' && echo \"x  &lt; y\" > </pre>"].map(str::to_owned).to_vec();
        Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: "run".to_owned(),
            title: "a <title> &amp; more".to_owned(),
            verdict: Verdict::Pass,
            reason: "it's \"so\" & not <other>".to_owned(),
            exit: None,
            created: "2026-01-01T00:00:00.000Z".to_owned(),
            steps: vec![Step::planned("one", command, "{work}", "no need")],
            inputs: Vec::new(),
            open_points: Vec::new(),
            redacted: 0,
            output_limit_bytes: None,
            layout: String::new(),
        }
    }

    #[test]
    fn a_page_as_it_is_written_agrees_and_any_other_fact_is_named() {
        let before = summary();
        let environment = environment::gather(Vec::new(), &Paths::new(true)).unwrap();
        let html = bundle_page(&before, &environment, &html! { section { pre { "beside" } } }, "");
        assert_eq!(agrees(&html, &before, None), Ok(()));
        let mut changed = [before.clone(), before.clone(), before.clone(), before.clone(), before];
        changed[0].verdict = Verdict::Fail;
        changed[1].reason.push('!');
        changed[2].title = "another".to_owned();
        changed[3].steps[0].command[2].push('!');
        changed[4].steps.clear();
        let problems = changed.map(|summary| agrees(&html, &summary, None).unwrap_err().to_string());
        let expected = ["verdict", "verdict", "title", "command", "command"];
        for (problem, word) in problems.iter().zip(expected) {
            assert!(problem.contains(&format!("another {word} ")), "{problem}");
        }
        assert!(agrees("", &summary(), None).is_err());
    }

    /// Whether a page of a `kind` of bundle is taken for the bundle's own, with `sections` and changed in some way; why not.
    fn problem_of(
        kind: &str,
        sections: &str,
        script: &'static str,
        change: impl Fn(String) -> String,
    ) -> String {
        let summary = Summary { kind: kind.to_owned(), layout: layout::layout(), ..summary() };
        let environment = environment::gather(Vec::new(), &Paths::new(true)).unwrap();
        let html = bundle_page(&summary, &environment, &PreEscaped(sections.to_owned()), script);
        agrees(&change(html), &summary, Some(&environment))
            .err()
            .map_or(String::new(), |fault| fault.to_string())
    }

    #[test]
    fn a_page_is_the_one_that_its_bundle_makes_to_the_byte() {
        let viewer = include_str!("../../../../../nb-compare/src/report/view.js");
        assert_eq!(problem_of("run", "", "", |html| html), "");
        assert_eq!(problem_of("diff", "<section><pre>1</pre></section>", "", |html| html), "");
        assert_eq!(problem_of("comparison", "<p style=\"width:100%\"></p>", viewer, |html| html), "");
        let view = include_str!("../../../../../nb-compare/src/report/view.css");
        let view = format!("<style>{view}</style><svg style=\"max-width:100px;width:100%\"></svg>");
        assert_eq!(problem_of("comparison", &view, viewer, |html| html), "");
        for (what, to) in [
            ("</head>", "<style>#verdict{display:none}</style></head>"),
            ("<body>", "<body><!-- FAIL -->"),
            ("</main>", "<p>PASS</p></main>"),
            ("script-src 'none'", "script-src 'unsafe-inline'"),
            ("<title>", "<title>x"),
        ] {
            let changed = problem_of("diff", "", "", |html| html.replacen(what, to, 1));
            assert_eq!(changed, PageFault::Frame.to_string(), "{what}");
        }
    }

    #[test]
    fn sections_neither_hide_nor_imitate_nor_run_anything() {
        for (sections, fault) in [
            ("<!-- x", "not markup"),
            ("<p id=\"verdict\">x</p>", "`id=verdict`"),
            ("<SCRIPT>x</script>", "not markup"),
            ("<style>#verdict{display:none}</style>", "styles"),
            ("<p style=\"display:none\">x</p>", "styles"),
            ("<p title=\">\" style=\"position:fixed\">x</p>", "not markup"),
            ("<div>", "leaves something open"),
        ] {
            let found = problem_of("diff", sections, "", |html| html);
            assert!(found.contains(fault), "{sections}: {found}");
        }
        assert!(problem_of("run", "<p>x</p>", "", |html| html).contains("no bundle of kind `run`"));
        assert!(problem_of("comparison", "", "alert(1)", |html| html).contains("script"));
        assert_eq!(problem_of("diff", "<p>style=\"display:none\" is a text</p>", "", |html| html), "");
    }
}

//! Whether `report.html` shows the verdict and the commands that `summary.json` has.
//!
//! Not here: writing the page (`evidence::page`).

use crate::evidence::bundle::documents::commands;
use crate::evidence::bundle::summary::Summary;

/// Compares what a reader of the page sees with the summary.
///
/// # Errors
/// The first fact that the page tells otherwise.
pub(super) fn agrees(html: &str, summary: &Summary) -> Result<(), String> {
    let differs = |what: &str| Err(format!("shows another {what} than summary.json"));
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
    let expected: Vec<String> = summary
        .steps
        .iter()
        .map(|step| step.command.iter().map(|word| commands::quote(word)).collect::<Vec<_>>().join(" "))
        .map(|command| one_line(&command))
        .collect();
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
    use maud::html;

    use super::*;
    use crate::evidence::bundle::environment;
    use crate::evidence::bundle::paths::Paths;
    use crate::evidence::bundle::summary::{SCHEMA, Step, VERSION};
    use crate::evidence::page::bundle_page;
    use crate::evidence::verdict::Verdict;

    fn summary() -> Summary {
        let words = ["sh", "-c", "echo '<b>' && echo \"x  &lt; y\" > </pre>"].map(str::to_owned).to_vec();
        Summary {
            schema: SCHEMA.to_owned(),
            version: VERSION,
            kind: "run".to_owned(),
            title: "a <title> &amp; more".to_owned(),
            verdict: Verdict::Pass,
            reason: "it's \"so\" & not <other>".to_owned(),
            created: "2026-01-01T00:00:00.000Z".to_owned(),
            steps: vec![Step::planned("one", words, "{work}", "no need")],
            inputs: Vec::new(),
            open_points: Vec::new(),
        }
    }

    #[test]
    fn a_page_as_it_is_written_agrees_and_any_other_fact_is_named() {
        let before = summary();
        let environment = environment::gather(Vec::new(), &Paths::new(true)).unwrap();
        let html = bundle_page(&before, &environment, &html! { section { pre { "beside" } } }, "");
        assert_eq!(agrees(&html, &before), Ok(()));
        let mut changed = [before.clone(), before.clone(), before.clone(), before.clone(), before];
        changed[0].verdict = Verdict::Fail;
        changed[1].reason.push('!');
        changed[2].title = "another".to_owned();
        changed[3].steps[0].command[2].push('!');
        changed[4].steps.clear();
        let told = changed.map(|summary| agrees(&html, &summary).unwrap_err());
        let words = ["verdict", "verdict", "title", "command", "command"];
        for (problem, word) in told.iter().zip(words) {
            assert!(problem.contains(&format!("another {word} ")), "{problem}");
        }
        assert!(agrees("", &summary()).is_err());
    }
}

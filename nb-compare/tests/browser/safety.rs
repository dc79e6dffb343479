//! What the page must never do: run what it was given as text, ask the network for anything, complain on the console.
//!
//! Not here: how the text looks (`looks`).

use std::collections::BTreeSet;

use crate::chromium::Outcome;
use crate::page::Page;
use crate::scene::{IMAGE, SCRIPT};
use crate::{Specification, Stand, contrast};

pub const ALL: &[Specification] = &[
    ("the checks notice a page that does everything wrong", checks_notice),
    ("hostile arguments and file names are shown, not run", nothing_runs),
    ("the page asks for nothing but itself", nothing_is_requested),
    ("no page complains on the console", no_complaints),
];

/// Elements and attributes by which text becomes code or a request.
const ACTIVE: &str =
    "const risky = document.querySelectorAll('img, iframe, object, embed, link, base, form');
    const handlers = [...document.querySelectorAll('*')].filter((e) =>
        [...e.attributes].some((a) => a.name.startsWith('on') || a.name === 'src' || a.name === 'href'));
    return [window.pwned ?? null, risky.length, handlers.length, document.scripts.length]";

type Active = (Option<u32>, usize, usize, usize);

fn checks_notice(stand: &Stand) -> Outcome {
    let address = stand.chromium.open(&stand.reports.wrong)?;
    let page = Page { chromium: &stand.chromium, address };
    let (pwned, risky, handlers, _): Active = page.ask(ACTIVE, vec![])?;
    assert_eq!((pwned, risky, handlers), (Some(1), 1, 1));
    let requests = stand.chromium.requests()?;
    assert!(requests.contains(&"http://picture.invalid/x.png".to_owned()), "{requests:?}");
    assert!(requests.contains(&page.address), "{requests:?}");
    let complaints = stand.chromium.complaints()?;
    assert!(complaints.iter().any(|c| c.contains("a complaint")), "{complaints:?}");
    let mut texts = contrast::of_texts(&page)?;
    assert_eq!(texts.iter().find(|t| t.text == "black on white").map(|t| t.ratio), Some(21.0));
    texts.retain(|t| t.ratio < contrast::LEAST);
    let faint: Vec<&str> = texts.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(faint, ["grey on white", "half of black on white", "black on nearly black"]);
    Ok(())
}

fn nothing_runs(stand: &Stand) -> Outcome {
    let reports = &stand.reports;
    for (report, hostile) in [(&reports.differing, &[IMAGE][..]), (&reports.runners, &[SCRIPT, IMAGE])] {
        let page = stand.open(report)?;
        let (pwned, risky, handlers, scripts): Active = page.ask(ACTIVE, vec![])?;
        // One script is the page's own, the other is its block of data.
        assert_eq!((pwned, risky, handlers, scripts), (None, 0, 0, 2));
        let text = page.text("body")?;
        for word in hostile {
            assert!(text.contains(word), "`{word}` is not shown");
        }
    }
    Ok(())
}

fn nothing_is_requested(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    page.click("#worst")?;
    let requests: BTreeSet<String> = stand.chromium.requests()?.into_iter().collect();
    assert_eq!(requests, BTreeSet::from([page.address.clone()]));
    let source = std::fs::read_to_string(&stand.reports.differing.page)?;
    for word in ["http://", "https://", "//cdn", "@import", "url("] {
        assert!(!source.contains(word), "the page has `{word}`");
    }
    let policy: String = page
        .ask("return document.querySelector('meta[http-equiv=Content-Security-Policy]').content", vec![])?;
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    assert!(!policy.contains("script-src 'unsafe"), "{policy}");
    Ok(())
}

fn no_complaints(stand: &Stand) -> Outcome {
    let reports = &stand.reports;
    for report in [&reports.differing, &reports.runners, &reports.black, &reports.broken, &reports.large] {
        let page = stand.open(report)?;
        // A reader who tries everything.
        for button in ["[data-view=b]", "[data-view=d]", "[data-view=s]", "#blink", "#blink", "#in", "#fit"] {
            page.click(button)?;
        }
        page.focus("#stage")?;
        page.press("1234bb+-x")?;
        assert_eq!(stand.chromium.complaints()?, Vec::<String>::new(), "{}", page.address);
    }
    Ok(())
}

//! Whether the page can be read and reached: contrast in both schemes, small screens, Tab, names for screen readers.
//!
//! Not here: how contrast is computed (`contrast`).
//!
//! Screenshots stay in Cargo's folder for temporary files of tests, to be looked at.

use std::collections::BTreeSet;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::chromium::Outcome;
use crate::hand::key;
use crate::page::Page;
use crate::scene::{HIGHER, SIZE, dot};
use crate::{Specification, Stand, contrast};

pub const ALL: &[Specification] = &[
    ("every text is readable in the light scheme", readable_in_light),
    ("every text is readable in the dark scheme", readable_in_dark),
    ("a small screen needs no scrolling sideways", small_screen),
    ("Tab reaches every control, and shows where it is", tab_reaches_everything),
    ("everything that can be used has a name", names),
];

fn readable_in_light(stand: &Stand) -> Outcome {
    readable(stand, "light", |luminance| luminance > 0.5)
}

fn readable_in_dark(stand: &Stand) -> Outcome {
    readable(stand, "dark", |luminance| luminance < 0.1)
}

fn readable(stand: &Stand, scheme: &str, fits: fn(f64) -> bool) -> Outcome {
    let reports = &stand.reports;
    // One of each verdict.
    for report in [&reports.black, &reports.runners, &reports.differing] {
        let page = stand.open(report)?;
        stand.chromium.prefer(scheme)?;
        let ground: String = page.ask("return getComputedStyle(document.body).backgroundColor", vec![])?;
        let [r, g, b, _] = contrast::parse(&ground)?;
        assert!(fits(contrast::luminance([r, g, b])), "{ground} in the {scheme} scheme");
        let texts = contrast::of_texts(&page)?;
        assert!(texts.len() > 50, "{} texts", texts.len());
        let faint: Vec<_> = texts.iter().filter(|text| text.ratio < contrast::LEAST).collect();
        assert!(faint.is_empty(), "{scheme}: {faint:#?}");
    }
    // As a reader leaves it: the slider in use, something marked.
    let page = stand.open(&reports.differing)?;
    stand.chromium.prefer(scheme)?;
    page.click("[data-view=s]")?;
    page.point_at(dot(HIGHER), SIZE)?;
    screenshot(&page, &format!("report-{scheme}.png"))
}

/// Takes a picture of the whole page.
fn screenshot(page: &Page<'_>, name: &str) -> Outcome {
    let answer = page.chromium.tools("Page.captureScreenshot", json!({"captureBeyondViewport": true}))?;
    let bytes = STANDARD.decode(answer["data"].as_str().unwrap_or_default())?;
    assert!(bytes.starts_with(b"\x89PNG"), "no picture");
    Ok(std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), bytes)?)
}

fn small_screen(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.runners)?;
    let size = json!({"width": 360, "height": 740, "deviceScaleFactor": 1, "mobile": false});
    stand.chromium.tools("Emulation.setDeviceMetricsOverride", size)?;
    let [asked, given]: [f64; 2] =
        page.ask("return [document.documentElement.scrollWidth, innerWidth]", vec![])?;
    assert!(asked <= given, "the page is {asked} wide on a screen of {given}");
    screenshot(&page, "report-small.png")
}

const CONTROLS: &str =
    "[...document.querySelectorAll('button, select, input, a[href], summary, [tabindex]')]";

fn tab_reaches_everything(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let controls: usize = page.ask(&format!("return {CONTROLS}.length"), vec![])?;
    assert!(controls > 10, "{controls} controls");
    let mut reached = BTreeSet::new();
    // Areas that scroll take a turn, too.
    for _ in 0..controls + 8 {
        page.press(key::TAB)?;
        let focus: (i64, f64) = page.ask(
            &format!(
                "const e = document.activeElement, style = getComputedStyle(e);
                 return [{CONTROLS}.indexOf(e), style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth)]"
            ),
            vec![],
        )?;
        if focus.0 >= 0 {
            assert!(focus.1 >= 2.0, "control {} has an outline of {} px", focus.0, focus.1);
            reached.insert(focus.0);
        }
    }
    assert_eq!(reached.len(), controls);
    Ok(())
}

fn names(stand: &Stand) -> Outcome {
    stand.open(&stand.reports.differing)?;
    stand.chromium.tools("Accessibility.enable", json!({}))?;
    let tree = stand.chromium.tools("Accessibility.getFullAXTree", json!({}))?;
    stand.chromium.tools("Accessibility.disable", json!({}))?;
    let wanted =
        ["button", "slider", "combobox", "application", "img", "image", "toolbar", "table", "region"];
    let mut named = 0;
    for node in tree["nodes"].as_array().into_iter().flatten() {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        if wanted.contains(&role) && node["ignored"] != Value::Bool(true) {
            assert!(!node["name"]["value"].as_str().unwrap_or_default().is_empty(), "no name: {node}");
            named += 1;
        }
    }
    assert!(named > 15, "{named} names");
    Ok(())
}

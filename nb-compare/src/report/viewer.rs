//! The images on the page: both sides and their difference under one's fingers.
//!
//! Not here: drawing them (`view.js`), choosing the pixels (`pixels`).

use maud::{Markup, html};
use serde_json::json;
use trace_harness::evidence::page::{data_block, section, style};

use crate::compare::Comparison;
use crate::image::pixels::NumberKind;
use crate::picture::{difference_limit, overview};
use crate::report::pixels::{self, Embedded};

/// The script that draws.
pub(super) const SCRIPT: &str = include_str!("view.js");
const STYLE: &str = include_str!("view.css");

/// The views by the name that the script has for them.
const VIEWS: [(&str, &str); 4] =
    [("a", "A: reference"), ("b", "B: candidate"), ("d", "B − A"), ("s", "slider")];

/// What a keyboard does, for those who hear the page.
const KEYS: &str = "image; arrow keys move the marked pixel, plus and minus zoom, 1 2 3 4 choose the view, comma and full stop \
    move the divider, b blinks";

/// The section; `white` is the level that is white at first.
pub(super) fn part(c: &Comparison<'_>, white: f32) -> Markup {
    let embedded = pixels::embed(&c.region);
    let content = html! {
        (style(STYLE))
        (tools())
        div id="viewer" {
            canvas id="stage" width="768" height="768" tabindex="0" role="application" aria-label=(KEYS) {}
            (beside(&note(c, &embedded)))
        }
        noscript {
            p { "Without scripts: the pictures are the files reference.png, candidate.png and diff.png beside this page." }
        }
    };
    let [xmin, xmax, ymin, ymax] = c.region.roi.limits();
    let data = json!({
        "fast": embedded.fast,
        "slow": embedded.slow,
        "block": embedded.block,
        "roi": [xmin, xmax, ymin, ymax],
        "white": white,
        "limit": difference_limit(&c.difference),
        "a": embedded.a,
        "b": embedded.b,
        "counts": embedded.counts,
        "whole": c.whole.as_deref().map(overview),
        "worst": c.metrics.max_abs_pixel.map(|pixel| [pixel.fast, pixel.slow]),
    });
    html! {
        (section("images", "Images", &content))
        (data_block("pixels", &data))
    }
}

fn tools() -> Markup {
    html! {
        div id="tools" role="toolbar" aria-label="view" {
            @for (n, (view, name)) in VIEWS.into_iter().enumerate() {
                button type="button" data-view=(view) aria-pressed=(n == 0) { (name) }
            }
            button type="button" id="blink" aria-pressed="false" { "blink" }
            label { "split " input type="range" id="split" min="0" max="100" value="50"; }
            label {
                "grey scale "
                select id="scale" {
                    option value="linear" { "linear" }
                    option value="log" { "logarithmic" }
                }
            }
            button type="button" id="in" aria-label="zoom in" { "+" }
            button type="button" id="out" aria-label="zoom out" { "−" }
            button type="button" id="fit" { "fit" }
            button type="button" id="worst" { "largest difference" }
        }
    }
}

/// What stands beside the image: the pixel under the pointer, the colours, the whole image.
fn beside(note: &str) -> Markup {
    html! {
        div {
            p id="value" role="status" aria-live="polite" { "Point at a pixel, or press an arrow key on the image." }
            canvas id="bar" width="240" height="16" role="img" aria-label="colours of the difference" {}
            p.soft id="limits" {}
            figure id="where" hidden {
                canvas id="overview" role="img" aria-label="the whole image with the compared region marked" {}
                figcaption { "The whole image of B, logarithmic; the compared region is marked." }
            }
            p.soft {
                (note)
                " Wheel or + and − zoom, dragging pans, arrow keys move the marked pixel (ten at a time with Shift), 1 to 4 \
                 choose the view, comma and full stop move the divider, b blinks."
            }
        }
    }
}

/// What the page does not show of the images.
fn note(c: &Comparison<'_>, embedded: &Embedded) -> String {
    let mut note = match embedded.block {
        1 => "Every pixel of the region is shown.".to_owned(),
        n => format!(
            "Each dot stands for {n} by {n} pixels and shows the brightest of them; reference.png, candidate.png and diff.png \
             beside this page show every pixel."
        ),
    };
    if c.kinds.contains(&NumberKind::Double) {
        note += " The images hold 64-bit floats, which this page shows in single precision: a difference below 1 part in 10 \
                 million is not to be seen here, but it is in diff.png and in the metrics.";
    }
    note
}

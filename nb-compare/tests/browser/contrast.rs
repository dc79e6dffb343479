//! How well every text on the page stands out from what is behind it, by the WCAG 2.2 definition of contrast ratio.
//!
//! Not here: which ratio is asked for where (`looks`).

use serde::Deserialize;

use crate::chromium::Outcome;
use crate::page::Page;

/// The least ratio for text of ordinary size, WCAG 2.2 criterion 1.4.3.
pub const LEAST: f64 = 4.5;

/// One text and its contrast ratio, from 1 to 21.
#[derive(Debug)]
pub struct Text {
    pub text: String,
    pub ratio: f64,
}

#[derive(Deserialize)]
struct Seen {
    text: String,
    colour: String,
    /// From the text outwards, until one is opaque.
    behind: Vec<String>,
}

const COLLECT: &str = "
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement;
      const unseen = holder.closest('script, style, noscript, svg title');
      if (unseen || !node.data.trim() || !holder.checkVisibility({visibilityProperty: true})) continue;
      const style = getComputedStyle(holder);
      const behind = [];
      for (let e = holder; e; e = e.parentElement) behind.push(getComputedStyle(e).backgroundColor);
      found.push({text: node.data.trim(), colour: holder.closest('svg') ? style.fill : style.color, behind});
    }
    return found";

/// Every visible text of the page.
pub fn of_texts(page: &Page<'_>) -> Outcome<Vec<Text>> {
    let seen: Vec<Seen> = page.ask(COLLECT, vec![])?;
    seen.into_iter()
        .map(|s| {
            let mut ground = [255.0; 3];
            for layer in s.behind.iter().rev() {
                ground = over(parse(layer)?, ground);
            }
            let ink = over(parse(&s.colour)?, ground);
            Ok(Text { text: s.text, ratio: ratio(ink, ground) })
        })
        .collect()
}

/// A colour as the browser computes it: `rgb(r, g, b)` or `rgba(r, g, b, a)`.
pub fn parse(text: &str) -> Outcome<[f64; 4]> {
    let inside = text.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    let numbers: Vec<f64> =
        inside.unwrap_or_default().split(',').filter_map(|n| n.trim().parse().ok()).collect();
    match numbers[..] {
        [r, g, b] => Ok([r, g, b, 1.0]),
        [r, g, b, a] => Ok([r, g, b, a]),
        _ => Err(format!("`{text}` is no colour, expected rgb() or rgba()").into()),
    }
}

fn over([r, g, b, share]: [f64; 4], ground: [f64; 3]) -> [f64; 3] {
    let mix = |top: f64, under: f64| top * share + under * (1.0 - share);
    [mix(r, ground[0]), mix(g, ground[1]), mix(b, ground[2])]
}

/// Relative luminance of a colour with channels from 0 to 255, WCAG 2.2.
pub fn luminance(colour: [f64; 3]) -> f64 {
    let linear = |channel: f64| {
        let c = channel / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2])
}

/// Contrast ratio of two opaque colours.
pub fn ratio(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
    a.max(b) / a.min(b)
}

//! A page under a reader's hand and eye: pointer, wheel, keys, the colours on the canvas, the value that is told.
//!
//! Not here: what a page should do (the files that `main` lists), and the browser (`chromium`).

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::chromium::{Chromium, Outcome};
use crate::hand::{self, key};

/// A colour on the screen: red, green, blue.
pub type Colour = [u8; 3];
/// A dot of the compared region: fast and slow, from 0.
pub type Dot = (usize, usize);

/// A page that is open.
pub struct Page<'c> {
    pub chromium: &'c Chromium,
    /// Its address.
    pub address: String,
}

/// Where the image is on the screen, in pixels of the window, and how many pixels it draws itself with.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Stage {
    pub left: f64,
    pub top: f64,
    pub wide: f64,
    pub high: f64,
    pub columns: f64,
    pub rows: f64,
}

impl Stage {
    /// The middle of a dot in the stage's own pixels, when a region of `size` dots is shown as a whole.
    pub fn middle(&self, (fast, slow): Dot, size: Dot) -> (f64, f64) {
        let unit = (self.columns / size.0 as f64).min(self.rows / size.1 as f64);
        ((fast as f64 + 0.5) * unit, (slow as f64 + 0.5) * unit)
    }
}

/// What the page tells about one pixel, word by word.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub fast: String,
    pub slow: String,
    pub a: String,
    pub b: String,
    pub difference: String,
}

impl Page<'_> {
    /// What a script on the page gives.
    pub fn ask<T: DeserializeOwned>(&self, body: &str, arguments: Vec<Value>) -> Outcome<T> {
        Ok(serde_json::from_value(self.chromium.script(body, arguments)?)?)
    }

    /// The text that a reader sees in the element that `selector` finds.
    pub fn text(&self, selector: &str) -> Outcome<String> {
        self.ask("return document.querySelector(arguments[0]).innerText", vec![selector.into()])
    }

    /// Brings the image into view and says where it is.
    pub fn stage(&self) -> Outcome<Stage> {
        self.ask(
            "const s = document.getElementById('stage'); s.scrollIntoView({block: 'center'});
             const r = s.getBoundingClientRect();
             return {left: r.left, top: r.top, wide: r.width, high: r.height, columns: s.width, rows: s.height}",
            vec![],
        )
    }

    /// The colours at places of the stage, in its own pixels.
    pub fn colours(&self, places: &[(f64, f64)]) -> Outcome<Vec<Colour>> {
        self.ask(
            "const s = document.getElementById('stage');
             const all = s.getContext('2d').getImageData(0, 0, s.width, s.height).data;
             return arguments[0].map(([x, y]) => {
               const at = 4 * (Math.floor(y) * s.width + Math.floor(x));
               return [all[at], all[at + 1], all[at + 2]];
             })",
            vec![json!(places)],
        )
    }

    /// The colours of all dots of a region of `size` dots that is shown as a whole, row after row.
    pub fn dots(&self, size: Dot) -> Outcome<Vec<Colour>> {
        let stage = self.stage()?;
        let all = (0..size.1).flat_map(|slow| (0..size.0).map(move |fast| (fast, slow)));
        self.colours(&all.map(|dot| stage.middle(dot, size)).collect::<Vec<_>>())
    }

    /// Moves the pointer to a place of the window.
    pub fn point(&self, place: (f64, f64)) -> Outcome {
        self.chromium.act(&hand::pointer(&[hand::move_to(place)]))
    }

    /// Moves the pointer to a dot of a region of `size` dots that is shown as a whole; gives the place in the window.
    pub fn point_at(&self, dot: Dot, size: Dot) -> Outcome<(f64, f64)> {
        let stage = self.stage()?;
        let (x, y) = stage.middle(dot, size);
        let place = (stage.left + x * stage.wide / stage.columns, stage.top + y * stage.high / stage.rows);
        self.point(place)?;
        Ok(place)
    }

    /// Presses the button at one place of the window, moves to another, and lets go.
    pub fn drag(&self, from: (f64, f64), to: (f64, f64)) -> Outcome {
        let actions = [hand::move_to(from), hand::button_down(), hand::move_to(to), hand::button_up()];
        self.chromium.act(&hand::pointer(&actions))
    }

    /// Clicks on what `selector` finds, at this fraction of its width.
    pub fn click_at(&self, selector: &str, across: f64) -> Outcome {
        let [left, top, wide, high]: [f64; 4] = self.ask(
            "const e = document.querySelector(arguments[0]); e.scrollIntoView({block: 'nearest'});
             const r = e.getBoundingClientRect(); return [r.left, r.top, r.width, r.height]",
            vec![selector.into()],
        )?;
        let place = hand::move_to((left + across * wide, top + high / 2.0));
        self.chromium.act(&hand::pointer(&[place, hand::button_down(), hand::button_up()]))
    }

    /// Clicks in the middle of what `selector` finds.
    pub fn click(&self, selector: &str) -> Outcome {
        self.click_at(selector, 0.5)
    }

    /// Turns the wheel at a place of the window: away from the reader for numbers below 0.
    pub fn wheel(&self, (x, y): (f64, f64), by: i32) -> Outcome {
        let event = json!({"type": "mouseWheel", "x": x.round(), "y": y.round(), "deltaX": 0, "deltaY": by});
        self.chromium.tools("Input.dispatchMouseEvent", event).map(drop)
    }

    /// Presses and lets go of keys, one after the other, wherever the focus is.
    pub fn press(&self, keys: &str) -> Outcome {
        self.chromium.act(&hand::keys("", keys))
    }

    /// Presses a key while shift is down.
    pub fn press_with_shift(&self, key: &str) -> Outcome {
        self.chromium.act(&hand::keys(key::SHIFT, key))
    }

    /// Puts the focus on what `selector` finds, as its label or the Tab key would.
    pub fn focus(&self, selector: &str) -> Outcome {
        self.ask("document.querySelector(arguments[0]).focus()", vec![selector.into()])
    }

    /// What the page tells about the marked pixel.
    pub fn told(&self) -> Outcome<Told> {
        let text = self.text("#value")?;
        let line = |name: &str| {
            let found = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
            found.map(|rest| rest.trim().to_owned()).ok_or(format!("no line `{name}` in `{text}`"))
        };
        Ok(Told {
            fast: line("fast")?,
            slow: line("slow")?,
            a: line("A")?,
            b: line("B")?,
            difference: line("B − A")?,
        })
    }

    /// Rows of the table in the section that has the heading `heading`, without the row of titles.
    pub fn table(&self, heading: &str) -> Outcome<Vec<Vec<String>>> {
        self.ask(
            "const rows = document.querySelectorAll(`section[aria-labelledby='${arguments[0]}'] tbody tr`);
             return [...rows].map((row) => [...row.cells].map((cell) => cell.innerText))",
            vec![heading.into()],
        )
    }
}

/// Looks again and again until `seen` says yes; false when `limit` is over.
pub fn until(limit: Duration, mut seen: impl FnMut() -> Outcome<bool>) -> Outcome<bool> {
    let start = Instant::now();
    while start.elapsed() < limit {
        if seen()? {
            return Ok(true);
        }
    }
    Ok(false)
}

//! Charts in SVG: axes with round numbers, areas, lines and dots, light and dark; on a page and as files of their own.
//!
//! Not here: what is drawn, and pages around it (`trace_harness::evidence::page`).

mod axis;

use maud::{Markup, PreEscaped, html};

pub use axis::Axis;

/// The colours of charts: a page with charts on it needs this style sheet, files have it in them.
pub const STYLE: &str = include_str!("chart.css");

/// How many colours there are for series.
const COLOURS: usize = 8;

/// Room above the frame of a chart, and below it for numbers and the name of the axis.
const TOP: f64 = 10.0;
const BOTTOM: f64 = 46.0;
/// Room for the title of a chart in a file.
const TITLE: f64 = 30.0;
/// Width of a letter and height of a line, near enough to leave room for words.
const LETTER: f64 = 7.6;
const LINE: f64 = 16.0;

/// The colour of a mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// That of the n-th series; the eight colours come again.
    Series(usize),
    /// That of what stands behind the series.
    Soft,
}

impl Colour {
    fn class(self) -> String {
        match self {
            Self::Series(n) => format!("c{}", n % COLOURS),
            Self::Soft => "soft".to_owned(),
        }
    }
}

/// Something drawn. Places are in the units of the axes; what has none, as NaN, is left out.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A rectangle: a bar, or a cell of a density.
    Area {
        /// Left and right edge.
        x: [f64; 2],
        /// Lower and upper edge.
        y: [f64; 2],
        /// Its colour.
        colour: Colour,
        /// How much of the colour covers what is behind, from 0 to 1.
        strength: f64,
        /// What a reader sees who points at it; may be empty.
        says: String,
    },
    /// A line through points.
    Line {
        /// The points, from one end to the other.
        points: Vec<[f64; 2]>,
        /// Its colour.
        colour: Colour,
        /// Whether it is broken.
        dashed: bool,
        /// What stands at its end; may be empty.
        name: String,
    },
    /// A dot.
    Dot {
        /// Where.
        at: [f64; 2],
        /// Its colour.
        colour: Colour,
        /// What a reader sees who points at it; may be empty.
        says: String,
    },
}

/// A chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What it shows: the title in a file, and what a screen reader says.
    pub title: String,
    /// Width and height in pixels of a page.
    pub size: [f64; 2],
    /// To the right.
    pub x: Axis,
    /// Upwards.
    pub y: Axis,
    /// What is drawn, the hindmost first.
    pub marks: Vec<Mark>,
}

/// The frame's edges.
struct PlotArea {
    left: f64,
    right: f64,
    bottom: f64,
}

impl Chart {
    /// As part of a page, which has [`STYLE`].
    pub fn inline(&self) -> Markup {
        let [width, height] = self.size;
        html! {
            svg.chart viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img" aria-label=(self.title) {
                (self.parts())
            }
        }
    }

    fn frame(&self) -> PlotArea {
        let [width, height] = self.size;
        let longest = |texts: &mut dyn Iterator<Item = &str>| {
            texts.map(|text| text.chars().count() as f64 * LETTER).fold(0.0, f64::max)
        };
        let numbers = longest(&mut self.y.ticks.iter().map(|(_, text)| text.as_str()));
        let names = longest(&mut self.labels().map(|(_, name, _)| name));
        let last = longest(&mut self.x.ticks.last().iter().map(|(_, text)| text.as_str()));
        let name = if self.y.name.is_empty() { 0.0 } else { LINE };
        let right = if names > 0.0 { names + 16.0 } else { 0.0 };
        PlotArea {
            left: name + numbers + 12.0,
            right: width - right.max(last / 2.0).max(8.0),
            bottom: height - BOTTOM,
        }
    }

    /// The ends of lines that have a name, with it.
    fn labels(&self) -> impl Iterator<Item = (f64, &str, Colour)> {
        self.marks.iter().filter_map(|mark| match mark {
            Mark::Line { points, colour, name, .. } if !name.is_empty() => {
                let end = points.iter().rev().find_map(|[_, y]| self.y.place(*y));
                Some((end.unwrap_or(0.0), name.as_str(), *colour))
            }
            _ => None,
        })
    }

    fn parts(&self) -> Markup {
        let frame = self.frame();
        let PlotArea { left, right, bottom } = frame;
        let (middle, centre) = ((left + right) / 2.0, (TOP + bottom) / 2.0);
        let x = |value: f64| self.x.place(value).map(|share| left + share * (right - left));
        let y = |value: f64| self.y.place(value).map(|share| bottom - share * (bottom - TOP));
        html! {
            @for (at, text) in self.y.ticks.iter().filter_map(|(v, text)| Some((y(*v)?, text))) {
                line.grid x1=(px(left)) x2=(px(right)) y1=(px(at)) y2=(px(at)) {}
                text x=(px(left - 6.0)) y=(px(at + 4.5)) text-anchor="end" { (text) }
            }
            @for (at, text) in self.x.ticks.iter().filter_map(|(v, text)| Some((x(*v)?, text))) {
                line.frame x1=(px(at)) x2=(px(at)) y1=(px(bottom)) y2=(px(bottom + 4.0)) {}
                text x=(px(at)) y=(px(bottom + 18.0)) text-anchor="middle" { (text) }
            }
            text.name x=(px(middle)) y=(px(bottom + 38.0)) text-anchor="middle" { (self.x.name) }
            @if !self.y.name.is_empty() {
                text.name text-anchor="middle" transform={ "translate(13 " (px(centre)) ") rotate(-90)" } { (self.y.name) }
            }
            @for mark in &self.marks { (draw(mark, &x, &y)) }
            path.frame d={ "M" (px(left)) "," (px(TOP)) " V" (px(bottom)) " H" (px(right)) } {}
            @for (at, name, colour) in apart(self.labels().collect(), &frame) {
                text class={ "series " (colour.class()) } x=(px(right + 8.0)) y=(px(at + 4.5)) { (name) }
            }
        }
    }
}

/// A length in pixels.
fn px(length: f64) -> String {
    let text = format!("{length:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn draw(mark: &Mark, x: &dyn Fn(f64) -> Option<f64>, y: &dyn Fn(f64) -> Option<f64>) -> Markup {
    let saying = |says: &str| html! { @if !says.is_empty() { title { (says) } } };
    match mark {
        Mark::Area { x: across, y: upwards, colour, strength, says } => {
            let ([Some(a), Some(b)], [Some(c), Some(d)]) = (across.map(x), upwards.map(y)) else {
                return Markup::default();
            };
            html! {
                rect class=(colour.class()) x=(px(a.min(b))) y=(px(c.min(d))) width=(px((b - a).abs())) height=(px((d - c).abs()))
                    fill="currentColor" fill-opacity=(px(*strength)) { (saying(says)) }
            }
        }
        Mark::Line { points, colour, dashed, .. } => {
            let placed = points.iter().filter_map(|[a, b]| Some(format!("{},{}", px(x(*a)?), px(y(*b)?))));
            let points: Vec<String> = placed.collect();
            html! {
                polyline class=(colour.class()) points=(points.join(" ")) fill="none" stroke="currentColor" stroke-width="1.5"
                    stroke-dasharray=[dashed.then_some("4 3")] {}
            }
        }
        Mark::Dot { at: [a, b], colour, says } => {
            let (Some(a), Some(b)) = (x(*a), y(*b)) else { return Markup::default() };
            html! {
                circle class=(colour.class()) cx=(px(a)) cy=(px(b)) r="3" fill="currentColor" fill-opacity="0.7" { (saying(says)) }
            }
        }
    }
}

/// Values from left to right, the lowest at the bottom: a curve without axes, as small as the cell of a table.
pub fn sparkline(values: &[f64]) -> Markup {
    const SIZE: [f64; 2] = [120.0, 24.0];
    const MARGIN: f64 = 2.0;
    let finite = || values.iter().copied().filter(|value| value.is_finite());
    let range = [finite().fold(f64::INFINITY, f64::min), finite().fold(f64::NEG_INFINITY, f64::max)];
    let (across, upwards) = (Axis::linear("", [0.0, values.len() as f64 - 1.0]), Axis::linear("", range));
    let x = |value: f64| across.place(value).map(|share| share * SIZE[0]);
    let y =
        |value: f64| upwards.place(value).map(|share| SIZE[1] - MARGIN - share * (SIZE[1] - 2.0 * MARGIN));
    let points = values.iter().enumerate().map(|(n, value)| [n as f64, *value]).collect();
    let line = Mark::Line { points, colour: Colour::Series(0), dashed: false, name: String::new() };
    let [width, height] = SIZE;
    let description = format!("from {} to {}", range[0], range[1]);
    html! {
        svg.chart viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) role="img" aria-label=(description) {
            (draw(&line, &x, &y))
        }
    }
}

/// Names moved so far up or down that none covers another.
fn apart<'a>(mut labels: Vec<(f64, &'a str, Colour)>, frame: &PlotArea) -> Vec<(f64, &'a str, Colour)> {
    labels.sort_by(|a, b| b.0.total_cmp(&a.0));
    labels.iter_mut().for_each(|label| label.0 = frame.bottom - label.0 * (frame.bottom - TOP));
    let mut free = f64::NEG_INFINITY;
    for label in &mut labels {
        label.0 = label.0.max(free);
        free = label.0 + LINE;
    }
    let mut limit = frame.bottom;
    for label in labels.iter_mut().rev() {
        label.0 = label.0.min(limit);
        limit = label.0 - LINE;
    }
    labels
}

/// Charts one below the other as a file of their own.
pub fn file(charts: &[Chart]) -> String {
    let width = charts.iter().map(|chart| chart.size[0]).fold(0.0, f64::max);
    let height: f64 = charts.iter().map(|chart| chart.size[1] + TITLE).sum();
    let tops = charts.iter().scan(0.0, |next, chart| {
        let top = *next;
        *next += chart.size[1] + TITLE;
        Some(top)
    });
    let titles: Vec<&str> = charts.iter().map(|chart| chart.title.as_str()).collect();
    let picture = html! {
        svg.chart xmlns="http://www.w3.org/2000/svg" viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height)
            role="img" aria-label=(titles.join("; ")) {
            style { (PreEscaped(STYLE)) }
            rect.paper width="100%" height="100%" {}
            @for (chart, top) in charts.iter().zip(tops) {
                g transform={ "translate(0 " (px(top)) ")" } {
                    text.title x="12" y="21" { (chart.title) }
                    g transform={ "translate(0 " (TITLE) ")" } { (chart.parts()) }
                }
            }
        }
    };
    picture.into_string() + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(marks: Vec<Mark>) -> Chart {
        let [x, y] = ["x / px", "y"].map(|name| Axis::linear(name, [0.0, 10.0]));
        Chart { title: "a <title>".to_owned(), size: [480.0, 320.0], x, y, marks }
    }

    fn line(points: Vec<[f64; 2]>, name: &str) -> Mark {
        Mark::Line { points, colour: Colour::Series(0), dashed: false, name: name.to_owned() }
    }

    #[test]
    fn words_of_a_chart_cannot_become_markup() {
        let hostile = "\"><script>alert(1)</script>";
        let mut all = chart(vec![
            line(vec![[0.0, 0.0]], hostile),
            Mark::Dot { at: [1.0, 1.0], colour: Colour::Soft, says: hostile.to_owned() },
        ]);
        all.x.name = hostile.to_owned();
        all.y.ticks = vec![(1.0, hostile.to_owned())];
        let svg = file(&[all]);
        assert!(!svg.contains("<script"), "{svg}");
        assert_eq!(svg.matches("&lt;script&gt;").count(), 4);
    }

    #[test]
    fn what_has_no_place_is_left_out_and_the_rest_is_drawn() {
        let points = vec![[0.0, 0.0], [f64::NAN, 1.0], [1.0, f64::INFINITY], [10.0, 10.0]];
        let svg = chart(vec![line(points, "")]).inline().into_string();
        let points = svg.split_once("points=\"").unwrap().1.split_once('"').unwrap().0;
        assert_eq!(points.split(' ').count(), 2, "{points}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn names_at_the_ends_of_lines_do_not_cover_each_other_and_stay_within_the_frame() {
        let names: Vec<String> = (0..8).map(|n| format!("p{n}")).collect();
        let chart = chart(names.iter().map(|name| line(vec![[0.0, 5.0], [10.0, 0.0]], name)).collect());
        let frame = chart.frame();
        let mut places: Vec<f64> = apart(chart.labels().collect(), &frame).iter().map(|l| l.0).collect();
        places.sort_by(f64::total_cmp);
        assert_eq!(places.len(), 8);
        assert!(places.windows(2).all(|pair| pair[1] - pair[0] >= LINE - 1e-9), "{places:?}");
        assert!(places.iter().all(|place| (TOP..=frame.bottom).contains(place)), "{places:?}");
    }

    #[test]
    fn every_colour_is_in_the_style_sheet_light_and_dark() {
        for class in (0..COLOURS).map(|n| Colour::Series(n).class()).chain([Colour::Soft.class()]) {
            assert_eq!(STYLE.matches(&format!(".{class} {{")).count(), 2, "{class}");
        }
    }
}

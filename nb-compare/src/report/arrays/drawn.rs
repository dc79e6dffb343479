//! Drawings of two arrays: profiles of one axis, slices along the last two of more.
//!
//! Not here: choosing the elements that are drawn (`reduced`), tables (`page`).

use std::io;

use maud::{Markup, html};
use nanobragg::chart::{Axis, Chart, Colour, Mark};
use nanobragg::error::InputError;
use nanobragg::image::raster::Raster;
use nanobragg::image::scaling::Scaling;
use trace_harness::evidence::page::{base64, section};

use super::reduced::{self, Slice};
use crate::array::{Array, ArrayComparison, ArrayError};
use crate::compare::region::{Region, Roi};
use crate::image::pixels::narrow;
use crate::picture;
use crate::report::comparison_report::PERCENTILE;

const SIZE: [f64; 2] = [720.0, 320.0];
/// Dots of a profile, at most.
const PROFILE: usize = 1000;
/// Dots along each side of a slice, at most.
const SLICE: usize = 256;
/// Slices that are shown, at most.
const SLICES: usize = 16;

/// What is drawn of arrays with axes.
///
/// # Errors
/// A file cannot be read any more.
pub(super) fn part(c: &ArrayComparison, sides: [&Array; 2]) -> Result<Markup, ArrayError> {
    match c.shape.as_slice() {
        _ if c.metrics.elements == 0 => Ok(Markup::default()),
        [] => Ok(Markup::default()),
        [_] => profiles(sides),
        _ => slices(c, sides),
    }
}

fn profiles(sides: [&Array; 2]) -> Result<Markup, ArrayError> {
    let dots = reduced::line(sides, PROFILE)?;
    let stretch = sides[0].length().div_ceil(PROFILE).max(1);
    let end = (sides[0].length() - 1).max(1) as f64;
    let line = |of: fn(reduced::Pair) -> f64, colour: usize, dashed: bool, name: &str| Mark::Line {
        points: dots.iter().map(|(at, pair)| [*at as f64, of(*pair)]).filter(|p| p[1].is_finite()).collect(),
        colour: Colour::Series(colour),
        dashed,
        name: name.to_owned(),
    };
    let range = |of: &[fn(reduced::Pair) -> f64]| {
        let all = dots.iter().flat_map(|(_, pair)| of.iter().map(|of| of(*pair))).filter(|v| v.is_finite());
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low <= high { [low, high] } else { [0.0, 1.0] }
    };
    let chart = |title: &str, marks: Vec<Mark>, y: Axis| Chart {
        title: title.to_owned(),
        size: SIZE,
        x: Axis::linear("element", [0.0, end]),
        y,
        marks,
    };
    let values = chart(
        "both sides",
        vec![line(|p| p.a, 0, false, "A"), line(|p| p.b, 1, true, "B")],
        Axis::linear("value", range(&[|p| p.a, |p| p.b])),
    );
    let difference = chart(
        "difference",
        vec![line(|p| p.difference, 2, false, "")],
        Axis::linear("B − A", range(&[|p| p.difference])),
    );
    let note = match stretch {
        1 => "Every element is shown.".to_owned(),
        n => format!("Each point stands for {n} elements, and shows the one that differs most."),
    };
    let content = html! {
        figure { (values.inline()) figcaption { "A (line) and B (broken line)" } }
        figure { (difference.inline()) figcaption { "B − A" } }
        p.soft { (note) }
    };
    Ok(section("profiles", "Profiles", &content))
}

/// Which slices are shown, the one with the worst element first, and how many there are.
fn chosen(c: &ArrayComparison) -> (Vec<usize>, usize) {
    let axes = &c.shape[..c.shape.len() - 2];
    let count: usize = axes.iter().product();
    let p = &c.metrics.pairs;
    let worst = c.metrics.place(p.first_unlike.unwrap_or(p.max_abs.1));
    let worst = worst.iter().zip(axes).fold(0, |number, (place, length)| number * length + place);
    let shown = count.min(SLICES);
    let even = (0..shown).map(|n| n * count / shown).filter(|number| *number != worst);
    (std::iter::once(worst).chain(even).take(shown).collect(), count)
}

/// The slice `number` as NumPy writes it: `[3, :, :]`.
fn name(shape: &[usize], mut number: usize) -> String {
    let mut places: Vec<String> = Vec::new();
    for length in shape[..shape.len() - 2].iter().rev() {
        places.push((number % length).to_string());
        number /= length;
    }
    places.reverse();
    places.extend([":".to_owned(), ":".to_owned()]);
    format!("[{}]", places.join(", "))
}

fn slices(c: &ArrayComparison, sides: [&Array; 2]) -> Result<Markup, ArrayError> {
    let (chosen, count) = chosen(c);
    let mut rows = Vec::new();
    let mut block = 1;
    for (n, number) in chosen.iter().enumerate() {
        let slice = reduced::slice(sides, *number, SLICE)?;
        block = slice.block;
        let pictures = pictures(&slice)
            .map_err(|e| InputError::new(std::path::Path::new("the page"), e.to_string(), "a picture"))?;
        let is_worst = n == 0 && c.metrics.pairs.differing() + c.metrics.pairs.unlike > 0;
        rows.push((name(&c.shape, *number), is_worst, pictures));
    }
    let columns = format!("display:grid;gap:1rem;grid-template-columns:repeat({},max-content)", rows.len());
    let content = html! {
        p.soft {
            (chosen.len()) " of " (count) " slices along the last two axes; the first has the worst element. Each row is on a scale of \
            its own: A and B grey, B − A blue where B is lower and red where it is higher."
            @if block > 1 { " Each dot stands for " (block) " by " (block) " elements, and shows the one that differs most." }
            @if rows.len() > 1 { " Scroll sideways for more slices." }
        }
        div.scroll tabindex="0" role="group" {
            div style=(columns) {
                @for (name, is_worst, pictures) in &rows {
                    figure {
                        figcaption { (name) @if *is_worst { " (worst)" } }
                        @for (what, picture) in ["A", "B", "B − A"].iter().zip(pictures) {
                            p {
                                (what) br;
                                img alt={ (what) " of slice " (name) } src={ "data:image/png;base64," (base64(picture)) };
                            }
                        }
                    }
                }
            }
        }
    };
    Ok(section("slices", "Slices", &content))
}

/// A, B and their difference as PNG files.
fn pictures(slice: &Slice) -> io::Result<[Vec<u8>; 3]> {
    let sides = [&slice.a, &slice.b];
    let scale = scale(sides.into_iter().flat_map(|side| &side.data));
    let [a, b] = sides.map(|side| side.map(|v| narrow(v * scale)));
    let roi = Roi::whole(a.fast, a.slow);
    let region = Region::new(&a, &b, roi, None);
    let [a, b] = picture::pair(&region, Scaling::Percentile(PERCENTILE))?;
    let scale = self::scale(&slice.difference.data);
    let difference: Raster<f32> = slice.difference.map(|v| narrow(v * scale));
    Ok([a, b, picture::plain_difference_picture(&difference)?])
}

/// What brings the largest of these numbers to about 1: single precision would lose very small and very large ones.
fn scale<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    let largest = values.into_iter().filter(|v| v.is_finite()).fold(0.0_f64, |m, v| m.max(v.abs()));
    let scale = largest.recip();
    if scale.is_finite() { scale } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::array::{ArrayGates, compare};

    fn drawn(shape: &[usize], odd: usize) -> String {
        let n: usize = shape.iter().product();
        let a: Vec<f64> = (0..n).map(|i| (i as f64).sin()).collect();
        let mut b = a.clone();
        b[odd] += 1.0;
        let [a, b] = [a, b].map(|values| Array::of_f64(shape, &values).expect("all"));
        let c = compare(&a, &b, &ArrayGates::default()).expect("one shape");
        part(&c, [&a, &b]).expect("there").into_string()
    }

    #[test]
    fn one_axis_is_drawn_as_profiles_and_more_as_slices_of_which_the_worst_comes_first() {
        assert_eq!(drawn(&[50], 3).matches("<svg").count(), 2);
        let two = drawn(&[5, 6], 3);
        assert!(two.matches("<img").count() == 3 && two.contains("[:, :] (worst)"), "{two:.300}");
        let three = drawn(&[40, 5, 6], 37 * 30 + 4);
        assert_eq!(three.matches("<img").count(), 3 * SLICES);
        let first = three.find("figcaption").expect("a slice");
        assert!(three[first..].starts_with("figcaption>[37, :, :] (worst)"), "{}", &three[first..first + 60]);
        assert!(drawn(&[2, 3, 4, 5], 119).contains("[1, 2, :, :] (worst)"));
    }
}

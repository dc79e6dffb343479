//! The image under a reader's pointer: what is drawn, what is told about a pixel, zoom and pan.
//!
//! Not here: changing between the sides (`views`).

use crate::chromium::Outcome;
use crate::hand::key;
use crate::page::{Colour, Page, Told};
use crate::scene::{HIGHER, LOWER, NEXT, ODD, ODD_ROW, PEAK, ROI, Report, SIZE, WHOLE, dot};
use crate::{Specification, Stand};

pub const ALL: &[Specification] = &[
    ("a brighter pixel is never drawn darker", brightness_follows_the_values),
    ("the value under the pointer is the value in the file", pointer_tells_values),
    ("values that are not finite are told as they are", broken_values_are_told),
    ("a pixel that is not compared says so", left_out_is_told),
    ("arrow keys move the marked pixel and tell its value", arrows_move),
    ("the wheel zooms about the pointer, and fit undoes it", wheel_zooms),
    ("plus and minus zoom in and out", keys_zoom),
    ("dragging takes the image along", dragging_pans),
    ("the mark stays in view when it leaves the screen by keys", keys_pan),
    ("the largest difference is one click away", largest_difference),
    ("a large image keeps its brightest pixels", large_image),
    ("the compared region is marked in the whole image", region_is_marked),
];

fn brightness_follows_the_values(stand: &Stand) -> Outcome {
    let report = &stand.reports.differing;
    let page = stand.open(report)?;
    for (view, side) in [("a", &report.a), ("b", &report.b)] {
        page.click(&format!("[data-view={view}]"))?;
        let mut dots: Vec<(f32, Colour)> = side.region().zip(page.dots(SIZE)?).collect();
        dots.sort_by(|x, y| x.0.total_cmp(&y.0));
        assert!(dots.iter().all(|(_, [r, g, b])| r == g && g == b), "the image is not grey");
        assert!(dots.is_sorted_by_key(|(_, colour)| colour[0]), "{dots:?}");
        assert_eq!((dots[0].1, dots[dots.len() - 1].1), ([0; 3], [255; 3]));
        dots.dedup_by_key(|(_, colour)| colour[0]);
        assert!(dots.len() > 20, "{} levels", dots.len());
    }
    Ok(())
}

/// A number as the page shows it: the same bits again when read as a number of the file.
fn shows(text: &str, value: f32) -> bool {
    text.parse::<f32>().is_ok_and(|read| read.to_bits() == value.to_bits() || read == value)
}

fn left_out_is_told(stand: &Stand) -> Outcome {
    let told = |report: &Report, place: (usize, usize)| -> Outcome<String> {
        let page = stand.open(report)?;
        page.point_at(place, (16, 16))?;
        page.text("#value")
    };
    let masked = told(&stand.reports.masked, (4, 0))?;
    assert!(masked.contains("masked: not compared"), "{masked}");
    let kept = told(&stand.reports.masked, (4, 1))?;
    assert!(!kept.contains("not compared"), "{kept}");
    let broken = told(&stand.reports.broken, (3, 2))?;
    assert!(broken.contains("not finite: not compared"), "{broken}");
    Ok(())
}

fn assert_told(told: &Told, report: &Report, place: (usize, usize)) {
    let (a, b) = (report.a.at(place), report.b.at(place));
    assert_eq!((&told.fast, &told.slow), (&place.0.to_string(), &place.1.to_string()), "{told:?}");
    assert!(shows(&told.a, a) && shows(&told.b, b), "at {place:?}: {told:?}, expected {a} and {b}");
    let difference = f64::from(b) - f64::from(a);
    let shown: f64 = told.difference.parse().unwrap_or(f64::NAN);
    assert!((shown - difference).abs() <= 1e-6 * difference.abs(), "at {place:?}: {told:?}");
}

fn pointer_tells_values(stand: &Stand) -> Outcome {
    let report = &stand.reports.differing;
    let page = stand.open(report)?;
    let corners = [(ROI[0], ROI[2]), (ROI[1], ROI[2]), (ROI[0], ROI[3]), (ROI[1], ROI[3])];
    let odd = (0..ODD.len()).map(|i| (ROI[0] + i, ODD_ROW));
    for place in corners.into_iter().chain([PEAK, HIGHER, LOWER, NEXT]).chain(odd) {
        page.point_at(dot(place), SIZE)?;
        assert_told(&page.told()?, report, place);
    }
    Ok(())
}

fn broken_values_are_told(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.broken)?;
    for (place, expected) in [((3, 2), "NaN"), ((5, 2), "Infinity")] {
        page.point_at(place, (16, 16))?;
        let told = page.told()?;
        assert_eq!((told.b.as_str(), told.difference.as_str()), (expected, expected));
    }
    Ok(())
}

fn arrows_move(stand: &Stand) -> Outcome {
    let report = &stand.reports.differing;
    let page = stand.open(report)?;
    page.point_at(dot(PEAK), SIZE)?;
    page.focus("#stage")?;
    let steps = [(key::RIGHT, (1, 0)), (key::DOWN, (0, 1)), (key::LEFT, (-1, 0)), (key::UP, (0, -1))];
    let (mut fast, mut slow) = PEAK;
    for (key, (by_fast, by_slow)) in [&steps[..], &steps[..2]].concat() {
        page.press(key)?;
        (fast, slow) = (fast.saturating_add_signed(by_fast), slow.saturating_add_signed(by_slow));
        assert_told(&page.told()?, report, (fast, slow));
    }
    page.press_with_shift(key::DOWN)?;
    assert_told(&page.told()?, report, (fast, slow + 10));
    // It stops at the edge of the region.
    (0..5).try_for_each(|_| page.press_with_shift(key::LEFT))?;
    assert_told(&page.told()?, report, (ROI[0], slow + 10));
    Ok(())
}

/// Zooms in on the peak with the wheel; gives the place of the pointer.
fn zoomed<'s>(stand: &'s Stand, turns: usize) -> Outcome<(Page<'s>, (f64, f64))> {
    let page = stand.open(&stand.reports.differing)?;
    let place = page.point_at(dot(PEAK), SIZE)?;
    (0..turns).try_for_each(|_| page.wheel(place, -120))?;
    Ok((page, place))
}

/// What is told at a place of the window, after the pointer has come there from elsewhere.
fn told_at(page: &Page<'_>, (x, y): (f64, f64)) -> Outcome<(usize, usize)> {
    page.point((x + 2.0, y + 2.0))?;
    page.point((x, y))?;
    let told = page.told()?;
    Ok((told.fast.parse()?, told.slow.parse()?))
}

fn wheel_zooms(stand: &Stand) -> Outcome {
    let (page, place) = zoomed(stand, 0)?;
    let aside = (place.0 + 90.0, place.1);
    let before = told_at(&page, aside)?.0 - PEAK.0;
    (0..6).try_for_each(|_| page.wheel(place, -120))?;
    assert_eq!(told_at(&page, place)?, PEAK);
    let after = told_at(&page, aside)?.0 - PEAK.0;
    assert!(after < before, "{after} pixels to the side, {before} before the zoom");
    (0..2).try_for_each(|_| page.wheel(place, 120))?;
    assert_eq!(told_at(&page, place)?, PEAK);
    page.click("#fit")?;
    assert_eq!(told_at(&page, aside)?.0 - PEAK.0, before);
    Ok(())
}

fn keys_zoom(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let fitting = page.dots(SIZE)?;
    page.focus("#stage")?;
    page.press("+++")?;
    let near = page.dots(SIZE)?;
    assert_ne!(near, fitting);
    page.press("---")?;
    assert_eq!(page.dots(SIZE)?, fitting);
    page.click("#in")?;
    page.click("#in")?;
    page.click("#in")?;
    assert_eq!(page.dots(SIZE)?, near);
    page.focus("#out")?;
    (0..3).try_for_each(|_| page.press(key::ENTER))?;
    assert_eq!(page.dots(SIZE)?, fitting);
    Ok(())
}

fn dragging_pans(stand: &Stand) -> Outcome {
    let (page, place) = zoomed(stand, 8)?;
    let there = (place.0 - 150.0, place.1 - 120.0);
    page.drag(place, there)?;
    assert_eq!(told_at(&page, there)?, PEAK);
    let under = told_at(&page, place)?;
    assert!(under.0 > PEAK.0 && under.1 > PEAK.1, "{under:?}");
    Ok(())
}

fn keys_pan(stand: &Stand) -> Outcome {
    let (page, place) = zoomed(stand, 10)?;
    assert_eq!(told_at(&page, place)?, PEAK);
    page.focus("#stage")?;
    (0..5).try_for_each(|_| page.press_with_shift(key::RIGHT))?;
    assert_eq!(page.told()?.fast, ROI[1].to_string());
    let coloured: bool = page.ask(
        "const s = document.getElementById('stage');
         const all = s.getContext('2d').getImageData(0, 0, s.width, s.height).data;
         return all.some((value, i) => i % 4 === 2 && value !== all[i - 2])",
        vec![],
    )?;
    assert!(coloured, "no mark on the screen");
    Ok(())
}

fn largest_difference(stand: &Stand) -> Outcome {
    let report = &stand.reports.differing;
    let page = stand.open(report)?;
    page.click("#worst")?;
    assert_told(&page.told()?, report, HIGHER);
    let place = &report.metrics["metrics"]["max_abs_diff_at"];
    assert_eq!((&place["fast"], &place["slow"]), (&HIGHER.0.into(), &HIGHER.1.into()));
    // Where nothing differs there is no such place to go to.
    let page = stand.open(&stand.reports.runners)?;
    assert!(!page.ask::<bool>("return document.getElementById('worst').checkVisibility()", vec![])?);
    assert!(page.text("#limits")?.starts_with("No pixel differs"));
    Ok(())
}

fn large_image(stand: &Stand) -> Outcome {
    let report = &stand.reports.large;
    let page = stand.open(report)?;
    page.click("#worst")?;
    let told = page.told()?;
    assert!(shows(&told.a, report.a.at((301, 203))) && shows(&told.b, 5000.5), "{told:?}");
    assert!(told.fast.contains("300") && told.slow.contains("202"), "{told:?}");
    Ok(())
}

fn region_is_marked(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    // The whole image is grey; only the frame has a colour.
    let [left, right, top, bottom, columns, rows]: [f64; 6] = page.ask(
        "const c = document.getElementById('overview');
         const all = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
         const x = [], y = [];
         for (let i = 0; i < c.width * c.height; i++)
           if (all[4 * i] !== all[4 * i + 2]) { x.push(i % c.width); y.push(Math.floor(i / c.width)); }
         return [Math.min(...x), Math.max(...x), Math.min(...y), Math.max(...y), c.width, c.height]",
        vec![],
    )?;
    let dots = [columns / WHOLE.0 as f64, rows / WHOLE.1 as f64];
    for (found, limit, scale) in [
        (left, ROI[0], dots[0]),
        (right, ROI[1] + 1, dots[0]),
        (top, ROI[2], dots[1]),
        (bottom, ROI[3] + 1, dots[1]),
    ] {
        let expected = limit as f64 * scale;
        assert!((found - expected).abs() <= 1.5 * scale, "a frame at {found}, expected near {expected}");
    }
    assert!(page.ask::<bool>("return document.getElementById('overview').checkVisibility()", vec![])?);
    let page = stand.open(&stand.reports.broken)?;
    assert!(!page.ask::<bool>("return document.getElementById('overview').checkVisibility()", vec![])?);
    Ok(())
}

//! Changing between the sides: buttons, difference, slider, blinking, grey scale, each by mouse and by keyboard.
//!
//! Not here: single pixels (`image`).

use std::time::Duration;

use crate::chromium::Outcome;
use crate::hand::key;
use crate::page::{Colour, Page, until};
use crate::scene::{HIGHER, LOWER, NEXT, SIZE, dot};
use crate::{Specification, Stand};

pub const ALL: &[Specification] = &[
    ("buttons and number keys choose the same views", views_are_chosen),
    ("the difference shows its sign in colour", difference_has_a_sign),
    ("the slider shows A on its left and B on its right", slider_splits),
    ("the divider follows a pointer that drags it", divider_is_dragged),
    ("the divider follows keys while the image has the focus", divider_by_keys),
    ("blinking goes on and off by mouse and by key", blinking),
    ("the logarithmic scale brings out what is faint", logarithm),
];

/// Long enough for two changes of a page that blinks, which it does faster than once a second.
const TWO_BLINKS: Duration = Duration::from_millis(2000);

/// The view whose button is pressed.
fn pressed(page: &Page<'_>) -> Outcome<Vec<String>> {
    page.ask(
        "return [...document.querySelectorAll('[data-view][aria-pressed=true]')].map((b) => b.dataset.view)",
        vec![],
    )
}

fn view(page: &Page<'_>, name: &str) -> Outcome<Vec<Colour>> {
    page.click(&format!("[data-view={name}]"))?;
    assert_eq!(pressed(page)?, [name]);
    page.dots(SIZE)
}

fn views_are_chosen(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    assert_eq!(pressed(&page)?, ["a"]);
    let by_mouse = ["a", "b", "d", "s"].map(|name| view(&page, name));
    page.focus("#stage")?;
    for (key, (name, seen)) in ["1", "2", "3", "4"].iter().zip(["a", "b", "d", "s"].iter().zip(by_mouse)) {
        page.press(key)?;
        assert_eq!(pressed(&page)?, [*name]);
        assert_eq!(page.dots(SIZE)?, seen?);
    }
    let differing = |x: &[Colour], y: &[Colour]| x.iter().zip(y).filter(|(x, y)| x != y).count();
    let (a, b) = (view(&page, "a")?, view(&page, "b")?);
    // Two pixels differ enough to be seen.
    assert_eq!(differing(&a, &b), 2);
    assert_eq!(differing(&a, &view(&page, "d")?), a.len());
    Ok(())
}

fn difference_has_a_sign(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let colours = view(&page, "d")?;
    let at = |place| {
        let (fast, slow) = dot(place);
        colours[slow * SIZE.0 + fast]
    };
    let ([r, g, b], [r_low, g_low, b_low]) = (at(HIGHER), at(LOWER));
    assert!(r > g && r > b, "higher is {:?}, expected red", at(HIGHER));
    assert!(b_low > g_low && b_low > r_low, "lower is {:?}, expected blue", at(LOWER));
    // A bit of the last place has no colour, and neither have equal pixels.
    let equal = at((40, 30));
    assert_eq!(at(NEXT), equal);
    assert_eq!(colours.iter().filter(|colour| **colour != equal).count(), 2);
    Ok(())
}

/// The two sides, and what a slider at `share` of the width must show of them.
fn assert_split(page: &Page<'_>, share: f64, a: &[Colour], b: &[Colour]) -> Outcome {
    let stage = page.stage()?;
    let divider = share * stage.columns;
    let seen = page.dots(SIZE)?;
    for (i, colour) in seen.iter().enumerate() {
        let (x, _) = stage.middle((i % SIZE.0, i / SIZE.0), SIZE);
        if (x - divider).abs() > 2.0 {
            let expected = if x < divider { a[i] } else { b[i] };
            assert_eq!(*colour, expected, "dot {i} with the divider at {divider}");
        }
    }
    Ok(())
}

fn slider_splits(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let (a, b) = (view(&page, "a")?, view(&page, "b")?);
    let share = || -> Outcome<f64> {
        Ok(page.ask::<String>("return document.getElementById('split').value", vec![])?.parse::<f64>()?
            / 100.0)
    };
    for across in [0.3, 0.7] {
        page.click_at("#split", across)?;
        assert_eq!(pressed(&page)?, ["s"]);
        // The track is a little shorter than the control.
        assert!((share()? - across).abs() < 0.1, "a click at {across} gives {}", share()?);
        assert_split(&page, share()?, &a, &b)?;
    }
    let before = share()?;
    page.press(key::RIGHT)?;
    assert_eq!((share()? * 100.0).round(), (before * 100.0).round() + 1.0);
    for (key, end) in [(key::HOME, 0.0), (key::END, 1.0)] {
        page.press(key)?;
        assert_eq!(share()?, end);
        assert_split(&page, end, &a, &b)?;
    }
    Ok(())
}

fn divider_by_keys(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let (a, b) = (view(&page, "a")?, view(&page, "b")?);
    page.focus("#stage")?;
    for (keys, share) in [(",,", 0.46), ("...", 0.52)] {
        page.press(keys)?;
        assert_eq!(pressed(&page)?, ["s"]);
        assert_split(&page, share, &a, &b)?;
    }
    Ok(())
}

fn divider_is_dragged(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let (a, b) = (view(&page, "a")?, view(&page, "b")?);
    view(&page, "s")?;
    let stage = page.stage()?;
    let at = |share: f64| (stage.left + share * stage.wide, stage.top + 0.6 * stage.high);
    page.drag(at(0.5), at(0.2))?;
    let share: String = page.ask("return document.getElementById('split').value", vec![])?;
    assert_eq!(share, "20");
    assert_split(&page, 0.2, &a, &b)?;
    // Elsewhere the same gesture moves the image, which fits, and so stays.
    page.drag(at(0.6), at(0.9))?;
    assert_split(&page, 0.2, &a, &b)
}

fn blinking(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let stage = page.stage()?;
    let place = [stage.middle(dot(HIGHER), SIZE)];
    let [a, b] = ["a", "b"].map(|name| view(&page, name).and_then(|_| page.colours(&place)));
    let (a, b) = (a?, b?);
    assert_ne!(a, b);
    let is_on = || page.ask::<bool>("return document.getElementById('blink').ariaPressed === 'true'", vec![]);
    let shows = |side: &Vec<Colour>| until(TWO_BLINKS, || Ok(page.colours(&place)? == *side));
    let by_mouse = || page.click("#blink");
    let by_key = || page.focus("#stage").and_then(|()| page.press("b"));
    let ways: [&dyn Fn() -> Outcome; 2] = [&by_mouse, &by_key];
    for turn in ways {
        turn()?;
        assert!(is_on()?);
        assert!(shows(&a)? && shows(&b)?, "it does not blink");
        turn()?;
        assert!(!is_on()?);
        let still = page.colours(&place)?;
        assert!(!until(TWO_BLINKS * 2 / 5, || Ok(page.colours(&place)? != still))?, "it still blinks");
    }
    Ok(())
}

fn logarithm(stand: &Stand) -> Outcome {
    let page = stand.open(&stand.reports.differing)?;
    let linear = page.dots(SIZE)?;
    page.focus("#scale")?;
    page.press("log")?;
    page.press(key::TAB)?;
    let logarithmic = page.dots(SIZE)?;
    assert!(linear.iter().zip(&logarithmic).all(|(x, y)| x[0] <= y[0]), "something became darker");
    let dark = |side: &[Colour]| side.iter().filter(|c| c[0] < 64).count();
    assert!(dark(&logarithmic) * 2 < dark(&linear), "{} of {}", dark(&logarithmic), dark(&linear));
    Ok(())
}

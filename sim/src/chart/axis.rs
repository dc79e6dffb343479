//! An axis: its name with the unit, its range, and the round numbers along it.
//!
//! Not here: drawing it.

/// About so many numbers stand along an axis.
const TICKS: f64 = 5.0;

/// How values lie along an axis.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Scale {
    Linear,
    /// By their logarithm.
    Logarithmic,
    /// By the logarithm of what is one larger, so that zero has a place.
    Counts,
}

/// An axis of a chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it shows, and in which unit.
    pub name: String,
    /// Where it begins and ends, in its own unit.
    pub range: [f64; 2],
    /// The values that are marked, and what stands beside each.
    pub ticks: Vec<(f64, String)>,
    scale: Scale,
}

impl Axis {
    /// An axis with even steps. A range that is empty or not finite becomes one of width 1 or more.
    pub fn linear(name: impl Into<String>, range: [f64; 2]) -> Self {
        let [low, high] = proper(range);
        let step = round_step((high - low) / TICKS);
        let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        let first = (low / step).ceil();
        let values = (0..=2 * TICKS as i32).map(|i| (first + f64::from(i)) * step);
        let within = values.take_while(|v| v.is_finite() && *v <= high + step * 1e-6);
        let ticks = within.map(|v| (v, shown(v, decimals, step))).collect();
        Self { name: name.into(), range: [low, high], ticks, scale: Scale::Linear }
    }

    /// An axis by powers of ten; both ends have to be above zero, or it becomes one from 1 to 10.
    pub fn logarithmic(name: impl Into<String>, range: [f64; 2]) -> Self {
        let [low, high] = range;
        let sound = low > 0.0 && high > low && high.is_finite();
        let range = if sound { range } else { [1.0, 10.0] };
        Self { name: name.into(), range, ticks: decades(range), scale: Scale::Logarithmic }
    }

    /// An axis of counts from zero to `most`, by powers of ten.
    pub fn counts(name: impl Into<String>, most: u64) -> Self {
        let most = most.max(1) as f64;
        let mut ticks = decades([1.0, most * (1.0 + 1e-9)]);
        ticks.retain(|(v, _)| v.fract() == 0.0);
        ticks.insert(0, (0.0, "0".to_owned()));
        Self { name: name.into(), range: [0.0, most], ticks, scale: Scale::Counts }
    }

    /// The same with other words beside the marked values.
    #[must_use]
    pub fn with_tick_texts(mut self, text_of: impl Fn(f64) -> String) -> Self {
        self.ticks.iter_mut().for_each(|(value, text)| *text = text_of(*value));
        self
    }

    /// The same with other values marked.
    #[must_use]
    pub fn with_ticks(mut self, ticks: Vec<(f64, String)>) -> Self {
        self.ticks = ticks;
        self
    }

    /// Where a value lies, from 0 to 1; what lies outside is put at the end. `None` for what has no place, as NaN.
    pub(super) fn place(&self, value: f64) -> Option<f64> {
        let on = |v: f64| match self.scale {
            Scale::Linear => v,
            Scale::Logarithmic => v.log10(),
            Scale::Counts => v.ln_1p(),
        };
        let [low, high] = self.range.map(on);
        let place = (on(value) - low) / (high - low);
        place.is_finite().then(|| place.clamp(0.0, 1.0))
    }
}

fn proper([low, high]: [f64; 2]) -> [f64; 2] {
    match (low.is_finite() && high.is_finite(), low < high && (high - low).is_finite()) {
        (true, true) => [low, high],
        (true, false) if low.abs() < 1e300 => [low, low + low.abs().max(1.0)],
        _ => [0.0, 1.0],
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let decade = 10_f64.powf(step.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * decade >= step * (1.0 - 1e-9));
    factor.unwrap_or(10.0) * decade
}

fn shown(value: f64, decimals: usize, step: f64) -> String {
    // What is zero but for rounding is zero, and without a sign.
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    if (1e-4..1e6).contains(&step) { format!("{value:.decimals$}") } else { short(value) }
}

/// A number with at most four digits and its power of ten.
fn short(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    let text = format!("{value:.3e}");
    let (digits, power) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{power}", digits.trim_end_matches('0').trim_end_matches('.'))
}

/// Powers of ten within a range, each n-th of them where there are many, and 2 and 5 times them where there are few.
fn decades([low, high]: [f64; 2]) -> Vec<(f64, String)> {
    let span = (high / low).log10();
    let every = (span / (TICKS + 1.0)).ceil().max(1.0) as i32;
    let factors: &[f64] = if span < 3.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let powers = (first..=last).filter(|power| power % every == 0);
    let values = powers.flat_map(|power| factors.iter().map(move |factor| factor * 10_f64.powi(power)));
    let within = values.filter(|v| (low * (1.0 - 1e-9)..=high * (1.0 + 1e-9)).contains(v));
    let text = |v: f64| if (1e-3..1e5).contains(&v) { shown_plain(v) } else { short(v) };
    within.map(|v| (v, text(v))).collect()
}

fn shown_plain(value: f64) -> String {
    let decimals = (-value.log10().floor()).max(0.0) as usize;
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tick_texts(axis: &Axis) -> Vec<&str> {
        axis.ticks.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn numbers_along_an_axis_are_round() {
        assert_eq!(tick_texts(&Axis::linear("x", [0.0, 1.0])), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(tick_texts(&Axis::linear("x", [-3.0, 7.0])), ["-2", "0", "2", "4", "6"]);
        assert_eq!(tick_texts(&Axis::linear("x", [0.0, 4e7])), ["0", "1e7", "2e7", "3e7", "4e7"]);
        assert_eq!(tick_texts(&Axis::logarithmic("x", [0.5, 2e6])), ["1", "100", "10000", "1e6"]);
        assert_eq!(tick_texts(&Axis::logarithmic("x", [110.0, 4700.0])), ["200", "500", "1000", "2000"]);
        assert_eq!(tick_texts(&Axis::counts("x", 3000)), ["0", "1", "10", "100", "1000"]);
        assert_eq!(tick_texts(&Axis::counts("x", 1)), ["0", "1"]);
    }

    #[test]
    fn every_mark_of_any_axis_lies_on_it() {
        let ends = [0.0, -1.0, 1e-300, 0.1, 3.0, 1e300, f64::MAX, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        for range in ends.into_iter().flat_map(|a| ends.map(|b| [a, b])) {
            for axis in [Axis::linear("x", range), Axis::logarithmic("x", range)] {
                assert!(axis.ticks.len() <= 20, "{axis:?}");
                assert!(axis.range.iter().all(|end| axis.place(*end).is_some()), "{axis:?}");
                for (value, text) in &axis.ticks {
                    assert!(axis.place(*value).is_some() && text.len() < 24, "{axis:?}");
                }
            }
        }
        assert_eq!(Axis::linear("x", [0.0, 1.0]).place(f64::NAN), None);
    }
}

//! What tracing costs, as ratios of processor times of interleaved runs.
//!
//! What can be seen from outside: untraced runs among themselves (how far chance goes), and a run that traces one pixel against
//! one that traces none. What trace code costs that is compiled in but off is paid by both; it shows against a build without
//! trace code only. Not here: measuring.

use serde::Serialize;

/// The groups of runs of a round, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunGroup {
    /// Untraced, before the traced run.
    Before,
    /// One pixel traced.
    Traced,
    /// Untraced, after it.
    After,
    /// A build without trace code.
    Plain,
}

impl RunGroup {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Before, Self::Traced, Self::After, Self::Plain];

    /// What its runs are called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Traced => "traced",
            Self::After => "after",
            Self::Plain => "plain",
        }
    }
}

/// Ratios of processor times (user and system): median, least and largest over the rounds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cost {
    /// Rounds.
    pub rounds: usize,
    /// Seconds of an untraced run: the median.
    pub untraced_s: f64,
    /// Untraced after a traced run to untraced before it: what chance makes of a ratio of 1.
    pub untraced_to_untraced: [f64; 3],
    /// A run that traces one pixel to one that traces none.
    pub traced_to_untraced: [f64; 3],
    /// An untraced run to one of a build without trace code; absent where there is no such build.
    pub untraced_to_plain: Option<[f64; 3]>,
}

impl Cost {
    /// The cost of trace code that is compiled in but off, where it could be measured.
    pub fn off(&self) -> Option<f64> {
        self.untraced_to_plain.map(|[median, ..]| median)
    }

    /// The ratios in words.
    pub fn to_text(&self) -> String {
        let range = |[median, least, largest]: [f64; 3]| format!("{median:.3} ({least:.3} to {largest:.3})");
        let off = match self.untraced_to_plain {
            Some(ratio) => format!("compiled in but off: {} of a build without trace code", range(ratio)),
            None => "compiled in but off: not measured, for want of a build without trace code (--plain)"
                .to_owned(),
        };
        format!(
            "processor time over {} rounds: untraced to untraced {}, traced to untraced {}; {off}",
            self.rounds,
            range(self.untraced_to_untraced),
            range(self.traced_to_untraced)
        )
    }
}

impl Cost {
    /// Whether trace code that is off costs no more than `max` times; `None` where that was not measured, or where untraced runs
    /// differ by as much among themselves.
    pub fn within(&self, max: f64) -> Option<bool> {
        let (off, [_, least, largest]) = (self.off()?, self.untraced_to_untraced);
        let chance = largest.max(least.recip());
        if off <= max { (max > chance).then_some(true) } else { (off > chance).then_some(false) }
    }
}

/// The ratios of runs given in their order, each with its group and its seconds.
pub fn cost(runs: &[(RunGroup, f64)]) -> Cost {
    let of = |group: RunGroup| runs.iter().filter(|(g, _)| *g == group).map(|(_, s)| *s).collect::<Vec<_>>();
    let [before, traced, after, plain] = RunGroup::ALL.map(of);
    let untraced: Vec<f64> = before.iter().zip(&after).map(|(a, b)| f64::midpoint(*a, *b)).collect();
    Cost {
        rounds: before.len(),
        untraced_s: spread(untraced.clone())[0],
        untraced_to_untraced: ratios(&after, &before),
        traced_to_untraced: ratios(&traced, &untraced),
        untraced_to_plain: (!plain.is_empty()).then(|| ratios(&untraced, &plain)),
    }
}

/// Ratios within the rounds, so that what slows down a whole round cancels. The clock ticks: nothing is faster than a tick.
fn ratios(over: &[f64], under: &[f64]) -> [f64; 3] {
    const TICK: f64 = 1e-3;
    spread(over.iter().zip(under).map(|(a, b)| a.max(TICK) / b.max(TICK)).collect())
}

/// Median, least and largest; 1 of nothing.
fn spread(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    match (values.first(), values.last()) {
        (Some(least), Some(largest)) => {
            let half = values.len() / 2;
            let median = if values.len() % 2 == 1 {
                values[half]
            } else {
                f64::midpoint(values[half - 1], values[half])
            };
            [median, *least, *largest]
        }
        _ => [1.0; 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_within_a_round() {
        // The second round is twice as slow throughout.
        let runs = [
            (RunGroup::Before, 1.0),
            (RunGroup::Traced, 1.5),
            (RunGroup::After, 1.0),
            (RunGroup::Plain, 0.5),
            (RunGroup::Before, 2.0),
            (RunGroup::Traced, 3.0),
            (RunGroup::After, 2.0),
            (RunGroup::Plain, 1.0),
        ];
        let cost = cost(&runs);
        assert_eq!(cost.untraced_to_untraced, [1.0; 3]);
        assert_eq!(cost.traced_to_untraced, [1.5; 3]);
        assert_eq!((cost.off(), cost.untraced_s, cost.rounds), (Some(2.0), 1.5, 2));
        assert!(cost.to_text().contains("compiled in but off: 2.000"), "{}", cost.to_text());
    }

    #[test]
    fn a_limit_finer_than_chance_decides_only_what_chance_cannot_have_made() {
        let cost = |off: f64, chance: f64| Cost {
            rounds: 5,
            untraced_s: 1.0,
            untraced_to_untraced: [1.0, 1.0 / chance, chance],
            traced_to_untraced: [1.0; 3],
            untraced_to_plain: Some([off; 3]),
        };
        for (off, chance, max, expected) in [
            (1.05, 1.02, 1.1, Some(true)),
            (1.281, 1.308, 1.1, None),
            (1.05, 1.308, 1.1, None),
            (1.4, 1.308, 1.1, Some(false)),
            (1.2, 1.02, 1.1, Some(false)),
        ] {
            assert_eq!(cost(off, chance).within(max), expected, "{off} {chance} {max}");
        }
        let unmeasured = Cost { untraced_to_plain: None, ..cost(1.0, 1.0) };
        assert_eq!(unmeasured.within(2.0), None);
    }

    #[test]
    fn without_a_plain_build_the_cost_of_what_is_off_is_not_claimed() {
        let cost = cost(&[(RunGroup::Before, 1.0), (RunGroup::Traced, 1.0), (RunGroup::After, 1.2)]);
        assert_eq!(cost.off(), None);
        assert!(cost.to_text().contains("not measured"), "{}", cost.to_text());
        assert!((cost.untraced_to_untraced[0] - 1.2).abs() < 1e-12);
    }

    #[test]
    fn the_median_is_that_of_the_values() {
        assert_eq!(spread(vec![3.0, 1.0, 2.0]), [2.0, 1.0, 3.0]);
        assert_eq!(spread(vec![4.0, 1.0]), [2.5, 1.0, 4.0]);
        assert_eq!(spread(vec![]), [1.0; 3]);
    }
}

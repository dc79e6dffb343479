//! Which variants make the outputs of both sides the same bytes: the sets that are tried, and a minimal one that does.
//!
//! Not here: running the sides (`app`), what makes two outputs agree within a tolerance (`judge`).

use serde::{Deserialize, Serialize};

use crate::adapter::{Adapter, SIDES};

/// A set of variants that was switched on, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TriedSet {
    /// Their ids, in the order of the adapter.
    pub variants: Vec<String>,
    /// Outputs that are the same bytes on both sides then.
    pub same: Vec<String>,
    /// Outputs that are not.
    pub other: Vec<String>,
    /// Why a side did not deliver, where one did not.
    pub failed: Option<String>,
}

/// What trying variants found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct VariantSearch {
    /// Every set that was tried, in order.
    pub tried: Vec<TriedSet>,
    /// A set that makes all outputs the same bytes and of which none can be left out: none where no set does, empty where nothing has to be
    /// switched on.
    pub minimal: Option<Vec<String>>,
    /// All of it in one sentence.
    pub reason: String,
}

impl TriedSet {
    fn is_same(&self) -> bool {
        self.failed.is_none() && self.other.is_empty()
    }

    /// What came of it, in words.
    pub(crate) fn words(&self) -> String {
        let outputs = self.same.len() + self.other.len();
        match (&self.failed, self.other.as_slice()) {
            (Some(why), _) => format!("a side failed: {}", why.lines().next().unwrap_or_default()),
            (None, []) => "all outputs are the same bytes".to_owned(),
            (None, other) => {
                format!(
                    "{} of {outputs} outputs are the same bytes; not {}",
                    self.same.len(),
                    other.join(", ")
                )
            }
        }
    }
}

/// The ids as people are shown them.
pub(crate) fn named(ids: &[String]) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and ")
}

/// What the run of a side with a set of variants is called: ids may be any text, so that it has their numbers in the adapter.
pub(crate) fn run_name(adapter: &Adapter, ids: &[String], side: usize) -> String {
    let number = |id: &String| adapter.variants.iter().position(|known| known.id == *id);
    let numbers = ids.iter().filter_map(number).map(|at| format!("-{}", at + 1));
    format!("variants{}-{}", numbers.collect::<String>(), SIDES[side])
}

/// Whether a set of variants changes how a side is called.
pub(crate) fn concerns(adapter: &Adapter, ids: &[String], side: usize) -> bool {
    adapter.variants.iter().any(|known| ids.contains(&known.id) && !known.args[side].is_empty())
}

impl VariantSearch {
    /// What follows from what was tried; `is_same` says that all outputs are the same bytes with nothing switched on.
    pub(crate) fn of(tried: Vec<TriedSet>, is_same: bool) -> Self {
        let found = tried.iter().filter(|set| set.is_same()).min_by_key(|set| set.variants.len());
        let minimal = match is_same {
            true => Some(Vec::new()),
            false => found.map(|set| set.variants.clone()),
        };
        let reason = match (minimal.as_deref(), tried.len()) {
            (Some([]), _) => "nothing to explain: all outputs are the same bytes".to_owned(),
            (Some(ids), _) => format!("with {} all outputs are the same bytes", named(ids)),
            (None, 0) => "nothing to try: the adapter has no variant that is not on already".to_owned(),
            (None, n) => format!(
                "with none of the {n} sets of variants that were tried all outputs are the same bytes"
            ),
        };
        Self { tried, minimal, reason }
    }
}

/// Tries variants with the given ids one at a time, then in pairs, then all of them, without which one after the other is left out;
/// stops where a set makes all outputs the same bytes and no smaller one can.
///
/// # Errors
/// Those of `run`, which switches a set on.
pub(crate) fn search<E>(
    ids: &[String],
    mut run: impl FnMut(Vec<String>) -> Result<TriedSet, E>,
) -> Result<Vec<TriedSet>, E> {
    let mut tried = Vec::new();
    for id in ids {
        tried.push(run(vec![id.clone()])?);
    }
    if tried.iter().any(TriedSet::is_same) {
        return Ok(tried);
    }
    for (at, first) in ids.iter().enumerate() {
        for second in &ids[at + 1..] {
            tried.push(run(vec![first.clone(), second.clone()])?);
            if tried.last().is_some_and(TriedSet::is_same) {
                return Ok(tried);
            }
        }
    }
    if ids.len() > 2 {
        let mut set = ids.to_vec();
        tried.push(run(set.clone())?);
        let mut at = if tried.last().is_some_and(TriedSet::is_same) { 0 } else { set.len() };
        // Pairs are known not to be enough.
        while at < set.len() && set.len() > 3 {
            let mut fewer = set.clone();
            fewer.remove(at);
            let without = run(fewer.clone())?;
            // Where variants interact, one that was needed may no longer be: all are tried again.
            match without.is_same() {
                true => (set, at) = (fewer, 0),
                false => at += 1,
            }
            tried.push(without);
        }
    }
    Ok(tried)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// What is tried of `count` variants where just the sets with all of `needed` are the same bytes.
    fn found(count: usize, needed: &[&str]) -> (VariantSearch, Vec<String>) {
        found_where(count, |ids| needed.iter().all(|id| ids.iter().any(|known| known == id)))
    }

    /// What is tried of `count` variants where just the sets of which `is_same` holds are the same bytes.
    fn found_where(count: usize, is_same: impl Fn(&[String]) -> bool) -> (VariantSearch, Vec<String>) {
        let ids: Vec<String> = (1..=count).map(|n| n.to_string()).collect();
        let mut order = Vec::new();
        let tried = search(&ids, |variants| {
            order.push(variants.join("+"));
            let outputs = |is_there: bool| if is_there { vec!["x".to_owned()] } else { vec![] };
            let is_same = is_same(&variants);
            let (same, other) = (outputs(is_same), outputs(!is_same));
            Ok::<_, Infallible>(TriedSet { variants, same, other, failed: None })
        });
        let Ok(tried) = tried;
        (VariantSearch::of(tried, false), order)
    }

    fn minimal(search: &VariantSearch) -> Option<String> {
        search.minimal.as_ref().map(|ids| ids.join("+"))
    }

    #[test]
    fn one_alone_comes_before_pairs_and_a_pair_before_all() {
        let (search, order) = found(3, &["2"]);
        assert_eq!((minimal(&search).as_deref(), order.join(" ").as_str()), (Some("2"), "1 2 3"));
        let (search, order) = found(4, &["1", "3"]);
        assert_eq!((minimal(&search).as_deref(), order.join(" ").as_str()), (Some("1+3"), "1 2 3 4 1+2 1+3"));
        assert_eq!(search.reason, "with `1` and `3` all outputs are the same bytes");
    }

    #[test]
    fn of_more_than_two_none_can_be_left_out() {
        let (search, order) = found(5, &["1", "3", "5"]);
        assert_eq!(minimal(&search).as_deref(), Some("1+3+5"));
        assert_eq!(order[15..], ["1+2+3+4+5", "2+3+4+5", "1+3+4+5", "3+4+5", "1+4+5", "1+3+5"]);
    }

    #[test]
    fn a_variant_that_another_one_made_necessary_is_left_out_with_it() {
        let sets = ["1+2+3+4+5", "1+3+4+5", "3+4+5"];
        let (search, _) = found_where(5, |ids| sets.contains(&ids.join("+").as_str()));
        assert_eq!(minimal(&search).as_deref(), Some("3+4+5"));
    }

    #[test]
    fn what_no_set_explains_is_said_so() {
        let (search, order) = found(3, &["none"]);
        assert_eq!((minimal(&search), order.len()), (None, 7));
        assert_eq!(
            search.reason,
            "with none of the 7 sets of variants that were tried all outputs are the same bytes"
        );
        assert!(found(0, &[]).0.reason.starts_with("nothing to try"));
        assert_eq!(VariantSearch::of(Vec::new(), true).minimal, Some(Vec::new()));
    }

    #[test]
    fn a_failed_run_is_no_agreement() {
        let failed = TriedSet {
            variants: vec!["1".into()],
            same: vec![],
            other: vec![],
            failed: Some("gone\nmore".into()),
        };
        assert_eq!(failed.words(), "a side failed: gone");
        assert_eq!(VariantSearch::of(vec![failed], false).minimal, None);
    }
}

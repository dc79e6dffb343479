//! What a matrix is known to give: a verdict for each case, in a file that is kept with the list, and what flipped since.
//!
//! Not here: running and judging cases.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use nanobragg::error::InputError;
use nanobragg::open_file::{self, TABLE};
use serde::{Deserialize, Serialize};

use crate::evidence::exit::Exit;
use crate::evidence::failure::EndsCommand;
use crate::evidence::verdict::Verdict;

/// What a baseline is expected to be.
const WHAT: &str = "a baseline in TOML";
/// More flips than this are not named in a sentence.
const NAMED: usize = 3;

/// What is known of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownCase {
    /// Its name.
    pub name: String,
    /// How it comes out.
    pub verdict: Verdict,
    /// Why it does not pass, in the words of whoever accepted that.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The bundle of evidence in which it was first seen not to pass.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub first_seen: String,
}

/// A verdict for each case.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixBaseline {
    /// By name.
    #[serde(default, rename = "case")]
    pub cases: Vec<KnownCase>,
}

/// A baseline that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] InputError),
    /// It makes no sense.
    #[error("`{}`: {fault}", path.display())]
    Fault {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        fault: BaselineFault,
    },
    /// Cases that passed do not, and nobody says why that is accepted.
    #[error(
        "{} that passed before {} now; expected --reason TEXT, which says why that is accepted",
        crate::evidence::wording::counted(cases.len(), "case"),
        if cases.len() == 1 { "does not" } else { "do not" }
    )]
    NoReason {
        /// Their names.
        cases: Vec<String>,
    },
}

/// What is wrong with a baseline.
#[derive(Debug, thiserror::Error)]
pub enum BaselineFault {
    /// It is no TOML, or has other fields.
    #[error("is no baseline: {}", .0.to_string().trim())]
    Form(Box<toml::de::Error>),
    /// A case stands there twice.
    #[error("the case `{0}` stands there twice; expected one verdict for each")]
    Twice(String),
    /// A failure without its reason.
    #[error("the case `{0}` does not pass, and has no `reason`; expected why that is accepted")]
    Unexplained(String),
}

impl EndsCommand for BaselineError {
    fn exit(&self) -> Exit {
        match self {
            Self::Unreadable(e) => e.exit(),
            Self::Fault { .. } | Self::NoReason { .. } => Exit::Usage,
        }
    }

    fn hint(&self) -> &str {
        match self {
            Self::Unreadable(e) => e.hint(),
            Self::Fault { .. } => "",
            Self::NoReason { .. } => "nothing was written; the flips are on the page of the evidence",
        }
    }
}

/// How a case stands to what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlipKind {
    /// It comes out worse than it did.
    NewlyFailing,
    /// The baseline does not know it, and it does not pass.
    NewFailure,
    /// The baseline knows it, the list does not.
    Gone,
    /// It passes, and did not.
    NewlyPassing,
    /// The baseline does not know it, and it passes.
    New,
    /// It does not pass, as is known.
    StillFailing,
}

impl FlipKind {
    /// Whether it is for the worse.
    pub fn is_worse(self) -> bool {
        matches!(self, Self::NewlyFailing | Self::NewFailure)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NewlyFailing => "newly failing",
            Self::NewFailure => "new and failing",
            Self::Gone => "gone",
            Self::NewlyPassing => "newly passing",
            Self::New => "new",
            Self::StillFailing => "failing as known",
        }
    }
}

/// A case that is not simply passing as before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flip {
    /// The case.
    pub name: String,
    /// How it stands to what was known.
    pub kind: FlipKind,
    /// How it came out; none where it is gone.
    pub verdict: Option<Verdict>,
    /// What is known of it; none where it is new.
    pub known: Option<KnownCase>,
}

/// A case that came out.
#[derive(Debug, Clone, Copy)]
pub struct SeenCase<'a> {
    /// Its name.
    pub name: &'a str,
    /// How.
    pub verdict: Verdict,
}

impl MatrixBaseline {
    /// Reads one.
    ///
    /// # Errors
    /// The file cannot be read or makes no sense.
    pub fn read(path: &Path) -> Result<Self, BaselineError> {
        let fault = |fault| BaselineError::Fault { path: path.to_owned(), fault };
        Self::in_text(&open_file::text(path, WHAT, TABLE)?).map_err(fault)
    }

    /// That of a text.
    ///
    /// # Errors
    /// The text makes no sense.
    pub fn in_text(text: &str) -> Result<Self, BaselineFault> {
        let mut baseline: Self = toml::from_str(text).map_err(|e| BaselineFault::Form(Box::new(e)))?;
        let mut seen = BTreeSet::new();
        for case in &baseline.cases {
            if !seen.insert(&*case.name) {
                return Err(BaselineFault::Twice(case.name.clone()));
            }
            if case.verdict != Verdict::Pass && case.reason.trim().is_empty() {
                return Err(BaselineFault::Unexplained(case.name.clone()));
            }
        }
        baseline.cases.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(baseline)
    }

    /// What is known of a case.
    pub fn of(&self, name: &str) -> Option<&KnownCase> {
        self.cases.iter().find(|case| case.name == name)
    }

    /// What flipped, the worst first and then by name: `seen` came out, `listed` are the names of all cases of the list, of which a
    /// part may have been run.
    pub fn flips(&self, seen: &[SeenCase<'_>], listed: &BTreeSet<&str>) -> Vec<Flip> {
        let known: BTreeMap<&str, &KnownCase> =
            self.cases.iter().map(|case| (case.name.as_str(), case)).collect();
        let mut flips = Vec::new();
        for SeenCase { name, verdict } in seen {
            let known = known.get(name).copied();
            let kind = match known.map(|known| known.verdict) {
                None if *verdict == Verdict::Pass => FlipKind::New,
                None => FlipKind::NewFailure,
                Some(known) if *verdict > known => FlipKind::NewlyFailing,
                Some(Verdict::Pass) => continue,
                Some(_) if *verdict == Verdict::Pass => FlipKind::NewlyPassing,
                Some(_) => FlipKind::StillFailing,
            };
            flips.push(Flip {
                name: (*name).to_owned(),
                kind,
                verdict: Some(*verdict),
                known: known.cloned(),
            });
        }
        let gone = self.cases.iter().filter(|case| !listed.contains(&*case.name));
        flips.extend(gone.map(|case| Flip {
            name: case.name.clone(),
            kind: FlipKind::Gone,
            verdict: None,
            known: Some(case.clone()),
        }));
        flips.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        flips
    }

    /// The baseline as of now: what came out takes the place of what was known, cases that are gone are left out, and those that were not
    /// run stay. A case that stops passing, or comes new and does not pass, gets `reason`, and `bundle` as where it was first seen.
    ///
    /// # Errors
    /// There is such a case and no reason.
    pub fn updated(
        &self,
        seen: &[SeenCase<'_>],
        listed: &BTreeSet<&str>,
        reason: Option<&str>,
        bundle: &str,
    ) -> Result<Self, BaselineError> {
        let reason = reason.map(str::trim).filter(|reason| !reason.is_empty());
        let worse: Vec<String> = self
            .flips(seen, listed)
            .into_iter()
            .filter(|flip| flip.kind.is_worse())
            .map(|flip| flip.name)
            .collect();
        let Some(reason) = reason.or(worse.is_empty().then_some("")) else {
            return Err(BaselineError::NoReason { cases: worse });
        };
        let mut cases: BTreeMap<String, KnownCase> = self
            .cases
            .iter()
            .filter(|case| listed.contains(&*case.name))
            .map(|case| (case.name.clone(), case.clone()))
            .collect();
        for SeenCase { name, verdict } in seen {
            let before =
                cases.get(*name).filter(|known| known.verdict >= *verdict && *verdict != Verdict::Pass);
            let (reason, first_seen) = match (before, verdict) {
                (_, Verdict::Pass) => (String::new(), String::new()),
                (Some(known), _) => (known.reason.clone(), known.first_seen.clone()),
                (None, _) => (reason.to_owned(), bundle.to_owned()),
            };
            let name = (*name).to_owned();
            cases.insert(name.clone(), KnownCase { name, verdict: *verdict, reason, first_seen });
        }
        Ok(Self { cases: cases.into_values().collect() })
    }

    /// As a file, a table per case, by name.
    pub fn to_toml(&self) -> String {
        let mut text = "# What the matrix is known to give. `--update-baseline` writes it; reasons may be edited by hand.\n".to_owned();
        // Names and verdicts are always TOML.
        text += &toml::to_string(self).unwrap_or_default();
        text
    }
}

/// One sentence: what flipped, and what is as known.
pub fn sentence(flips: &[Flip]) -> String {
    let mut parts = Vec::new();
    for kind in [
        FlipKind::NewlyFailing,
        FlipKind::NewFailure,
        FlipKind::NewlyPassing,
        FlipKind::New,
        FlipKind::Gone,
        FlipKind::StillFailing,
    ] {
        let names: Vec<&str> =
            flips.iter().filter(|flip| flip.kind == kind).map(|flip| &*flip.name).collect();
        if names.is_empty() {
            continue;
        }
        let mut part = format!("{} {}", names.len(), kind.words());
        if kind != FlipKind::StillFailing && kind != FlipKind::New {
            let _ = write!(part, " ({}", names[..names.len().min(NAMED)].join(", "));
            part += if names.len() > NAMED { ", ...)" } else { ")" };
        }
        parts.push(part);
    }
    if parts.is_empty() { "nothing flipped".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
        [[case]]
        name = "good"
        verdict = "PASS"

        [[case]]
        name = "bad"
        verdict = "FAIL"
        reason = "a known defect"
        first_seen = "comparisons/one"

        [[case]]
        name = "old"
        verdict = "PASS"
    "#;

    fn seen<'a>(cases: &[(&'a str, Verdict)]) -> Vec<SeenCase<'a>> {
        cases.iter().map(|(name, verdict)| SeenCase { name, verdict: *verdict }).collect()
    }

    fn kinds(cases: &[(&str, Verdict)], listed: &[&str]) -> Vec<(String, FlipKind)> {
        let flips =
            MatrixBaseline::in_text(FILE).unwrap().flips(&seen(cases), &listed.iter().copied().collect());
        flips.into_iter().map(|flip| (flip.name, flip.kind)).collect()
    }

    #[test]
    fn what_is_as_it_was_is_no_flip() {
        let as_it_was = [("good", Verdict::Pass), ("bad", Verdict::Fail), ("old", Verdict::Pass)];
        let flips = kinds(&as_it_was, &["good", "bad", "old"]);
        assert_eq!(flips, [("bad".to_owned(), FlipKind::StillFailing)]);
        assert!(!FlipKind::StillFailing.is_worse());
    }

    #[test]
    fn every_change_has_its_name() {
        let changed = [
            ("good", Verdict::Fail),
            ("bad", Verdict::Pass),
            ("fresh", Verdict::Pass),
            ("fresh-and-wrong", Verdict::Undecided),
        ];
        let flips = kinds(&changed, &["good", "bad", "fresh", "fresh-and-wrong"]);
        let flips: Vec<(&str, FlipKind)> = flips.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        assert_eq!(
            flips,
            [
                ("good", FlipKind::NewlyFailing),
                ("fresh-and-wrong", FlipKind::NewFailure),
                ("old", FlipKind::Gone),
                ("bad", FlipKind::NewlyPassing),
                ("fresh", FlipKind::New),
            ]
        );
    }

    #[test]
    fn a_known_failure_that_gets_worse_flips_and_one_that_gets_better_does_not() {
        assert_eq!(kinds(&[("bad", Verdict::Error)], &["good", "bad", "old"])[0].1, FlipKind::NewlyFailing);
        assert_eq!(
            kinds(&[("bad", Verdict::Undecided)], &["good", "bad", "old"])[0].1,
            FlipKind::StillFailing
        );
    }

    #[test]
    fn cases_that_were_not_run_are_not_gone() {
        assert_eq!(kinds(&[("good", Verdict::Pass)], &["good", "bad", "old"]), []);
    }

    #[test]
    fn nothing_that_passed_is_accepted_as_a_failure_without_a_reason() {
        let baseline = MatrixBaseline::in_text(FILE).unwrap();
        let listed = ["good", "bad"].into();
        let now = seen(&[("good", Verdict::Fail), ("bad", Verdict::Fail)]);
        for reason in [None, Some(" ")] {
            let refused = baseline.updated(&now, &listed, reason, "comparisons/two").unwrap_err();
            assert!(refused.to_string().contains("--reason"), "{refused}");
        }
        let updated = baseline.updated(&now, &listed, Some("accepted"), "comparisons/two").unwrap();
        let known = |name: &str| updated.of(name).map(|known| (&*known.reason, &*known.first_seen));
        assert_eq!(known("good"), Some(("accepted", "comparisons/two")));
        assert_eq!(known("bad"), Some(("a known defect", "comparisons/one")), "its own reason stays");
        assert_eq!(known("old"), None, "it is gone");
        assert_eq!(MatrixBaseline::in_text(&updated.to_toml()).unwrap(), updated);
    }

    #[test]
    fn what_passes_needs_no_reason_and_loses_its_old_one() {
        let baseline = MatrixBaseline::in_text(FILE).unwrap();
        let listed = ["good", "bad", "old"].into();
        let updated = baseline.updated(&seen(&[("bad", Verdict::Pass)]), &listed, None, "x").unwrap();
        assert_eq!(updated.of("bad").unwrap().reason, "");
        assert_eq!(updated.of("old").unwrap().verdict, Verdict::Pass, "it was not run and stays");
    }

    #[test]
    fn files_that_make_no_sense_are_refused() {
        for (text, why) in [
            ("[[case]]\nname = \"a\"\nverdict = \"maybe\"", "is no baseline"),
            ("[[case]]\nname = \"a\"\nverdict = \"PASS\"\nwhat = 1", "is no baseline"),
            ("[[case]]\nname = \"a\"\nverdict = \"FAIL\"", "no `reason`"),
            (
                "[[case]]\nname = \"a\"\nverdict = \"PASS\"\n[[case]]\nname = \"a\"\nverdict = \"PASS\"",
                "twice",
            ),
        ] {
            assert!(MatrixBaseline::in_text(text).unwrap_err().to_string().contains(why), "{text}");
        }
    }

    #[test]
    fn the_sentence_names_what_matters() {
        assert_eq!(sentence(&[]), "nothing flipped");
        let flip = |name: &str, kind| Flip { name: name.to_owned(), kind, verdict: None, known: None };
        let flips = [
            flip("a", FlipKind::NewlyFailing),
            flip("b", FlipKind::StillFailing),
            flip("c", FlipKind::StillFailing),
        ];
        assert_eq!(sentence(&flips), "1 newly failing (a), 2 failing as known");
    }
}

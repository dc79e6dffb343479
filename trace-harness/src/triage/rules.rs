//! A rules file: clusters that the project knows by name, and limits that the results do not mention.
//!
//! Not here: putting failures into clusters (`cluster`).

use std::path::{Path, PathBuf};

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

/// How much work something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effort {
    /// An hour or so.
    Small,
    /// A day or so.
    Medium,
    /// More.
    Large,
}

/// How soon it should be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// First.
    High,
    /// Then.
    Medium,
    /// Last.
    Low,
}

/// A cluster by rule: what its tests are called, or what their failures say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCluster {
    name: String,
    test: Option<String>,
    message: Option<String>,
    effort: Option<Effort>,
    priority: Option<Priority>,
    note: Option<String>,
    command: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLimit {
    test: String,
    seconds: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    #[serde(default, rename = "cluster")]
    clusters: Vec<RawCluster>,
    #[serde(default, rename = "timeout")]
    limits: Vec<RawLimit>,
}

/// One rule; a failure belongs to it when all of its patterns are found.
#[derive(Debug, Clone)]
pub struct TriageRule {
    /// Name of the cluster.
    pub name: String,
    /// Found in the test's name.
    pub test: Option<Regex>,
    /// Found in the failure's text.
    pub message: Option<Regex>,
    /// As the file says.
    pub effort: Option<Effort>,
    /// As the file says.
    pub priority: Option<Priority>,
    /// A remark for whoever takes it on.
    pub note: Option<String>,
    /// How to run it again; `{tests}` stands for the names of its tests.
    pub command: Option<String>,
}

/// A limit of the tests whose names hold a pattern.
#[derive(Debug, Clone)]
pub struct Limit {
    /// Found in the test's name.
    pub test: Regex,
    /// The limit.
    pub seconds: f64,
}

/// All rules, in the order of the file: the first that fits counts.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Clusters.
    pub clusters: Vec<TriageRule>,
    /// Limits.
    pub limits: Vec<Limit>,
}

/// A file that holds no rules.
#[derive(Debug, thiserror::Error)]
#[error("`{}`: {problem}", path.display())]
pub struct RulesError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub problem: RulesProblem,
}

/// What is wrong with rules.
#[derive(Debug, thiserror::Error)]
pub enum RulesProblem {
    /// The system refuses to give the file, or it is no text.
    #[error("cannot be read: {0}; expected rules in TOML")]
    Unreadable(std::io::Error),
    /// The text is no TOML, or TOML of another form.
    #[error("is no file of rules: {}", .0.to_string().trim())]
    Form(toml::de::Error),
    /// A cluster without a pattern.
    #[error("cluster `{cluster}` fits everything; expected `test` or `message`")]
    FitsEverything {
        /// Its name.
        cluster: String,
    },
    /// A pattern that is none.
    #[error("`{pattern}` is no regular expression: {problem}")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// Why not.
        problem: regex::Error,
    },
    /// A limit of time that no test has.
    #[error("limit of `{test}` is not above 0; expected seconds")]
    Limit {
        /// The pattern of its tests.
        test: String,
    },
}

impl Rules {
    /// Reads a rules file.
    ///
    /// # Errors
    /// The file cannot be read, or holds no rules.
    pub fn read(path: &Path) -> Result<Self, RulesError> {
        let text = crate::evidence::given::text(path).map_err(RulesProblem::Unreadable);
        let rules = text.and_then(|text| Self::parse(&text));
        rules.map_err(|problem| RulesError { path: path.to_owned(), problem })
    }

    /// Reads rules from text.
    ///
    /// # Errors
    /// The text holds no rules, or one that makes no sense.
    pub fn parse(text: &str) -> Result<Self, RulesProblem> {
        let raw: Raw = toml::from_str(text).map_err(RulesProblem::Form)?;
        let mut rules = Self::default();
        for c in raw.clusters {
            if c.test.is_none() && c.message.is_none() {
                return Err(RulesProblem::FitsEverything { cluster: c.name });
            }
            rules.clusters.push(TriageRule {
                test: c.test.as_deref().map(pattern).transpose()?,
                message: c.message.as_deref().map(pattern).transpose()?,
                name: c.name,
                effort: c.effort,
                priority: c.priority,
                note: c.note,
                command: c.command,
            });
        }
        for limit in raw.limits {
            if !(limit.seconds > 0.0 && limit.seconds < 1e9) {
                return Err(RulesProblem::Limit { test: limit.test });
            }
            rules.limits.push(Limit { test: pattern(&limit.test)?, seconds: limit.seconds });
        }
        Ok(rules)
    }
}

fn pattern(text: &str) -> Result<Regex, RulesProblem> {
    // A bound on the compiled size keeps a hostile pattern from taking the memory.
    let built = RegexBuilder::new(text).size_limit(1 << 20).build();
    built.map_err(|problem| RulesProblem::Pattern { pattern: text.to_owned(), problem })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_that_makes_no_sense_is_refused_with_a_reason() {
        let cases = [
            ("[[cluster]]\nname = 'x'\n", "fits everything"),
            ("[[cluster]]\nname = 'x'\ntest = '('\n", "no regular expression"),
            ("[[cluster]]\nname = 'x'\ntest = 'a'\ncolour = 'red'\n", "colour"),
            ("[[cluster]]\nname = 'x'\ntest = 'a'\neffort = 'huge'\n", "huge"),
            ("[[timeout]]\ntest = 'a'\nseconds = -1.0\n", "not above 0"),
        ];
        for (text, reason) in cases {
            let problem = Rules::parse(text).unwrap_err().to_string();
            assert!(problem.contains(reason), "{problem}");
        }
        assert!(Rules::parse("").unwrap().clusters.is_empty());
    }
}

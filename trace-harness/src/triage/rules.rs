//! A rules file: clusters that the project knows by name, and limits that the results do not mention.
//!
//! Not here: putting failures into clusters (`cluster`).

use std::path::Path;

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
pub struct Rule {
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
    pub clusters: Vec<Rule>,
    /// Limits.
    pub limits: Vec<Limit>,
}

impl Rules {
    /// Reads a rules file.
    ///
    /// # Errors
    /// In words: the file and what was expected of it.
    pub fn read(path: &Path) -> Result<Self, String> {
        let wrong = |problem: String| format!("`{}`: {problem}", path.display());
        let text = crate::evidence::given::text(path)
            .map_err(|e| wrong(format!("cannot be read: {e}; expected rules in TOML")))?;
        Self::parse(&text).map_err(wrong)
    }

    /// Reads rules from text.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let raw: Raw =
            toml::from_str(text).map_err(|e| format!("is no file of rules: {}", e.to_string().trim()))?;
        let mut rules = Self::default();
        for c in raw.clusters {
            if c.test.is_none() && c.message.is_none() {
                return Err(format!("cluster `{}` fits everything; expected `test` or `message`", c.name));
            }
            rules.clusters.push(Rule {
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
                return Err(format!("limit of `{}` is not above 0; expected seconds", limit.test));
            }
            rules.limits.push(Limit { test: pattern(&limit.test)?, seconds: limit.seconds });
        }
        Ok(rules)
    }
}

fn pattern(text: &str) -> Result<Regex, String> {
    // A bound on the compiled size keeps a hostile pattern from taking the memory.
    let built = RegexBuilder::new(text).size_limit(1 << 20).build();
    built.map_err(|e| format!("`{text}` is no regular expression: {e}"))
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
            let problem = Rules::parse(text).unwrap_err();
            assert!(problem.contains(reason), "{problem}");
        }
        assert!(Rules::parse("").unwrap().clusters.is_empty());
    }
}

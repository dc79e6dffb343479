//! Parameters that an adapter knows by name, and the lines of text that state them.
//!
//! Not here: patterns that name parameters themselves, comparing what both sides state (`stated`, `effective`).

use serde::Deserialize;

use crate::adapter::AdapterError;
use crate::adapter::stated::StatedValues;
use crate::adapter::template::captures;

/// Texts that state more values than this state none of the rest.
const MOST: usize = 10_000;

/// How the values of a parameter are compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParameterKind {
    /// As text.
    Word,
    /// As numbers.
    #[default]
    Number,
    /// As numbers that are a direction or a place in space.
    Vector,
    /// As a place on the detector: a shift by half a pixel means something.
    Place,
    /// As three vectors side by side, row by row.
    Matrix,
}

/// Something that a side states.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What it is called.
    pub name: String,
    /// Its unit here, whatever the unit it was stated in; empty for counts and words.
    #[serde(default)]
    pub unit: String,
    /// How it is compared.
    #[serde(default)]
    pub kind: ParameterKind,
    /// Where the header of an image states it.
    pub header: Option<HeaderKeys>,
    /// The value that stands where none is given.
    pub default: Option<UsualValue>,
    /// Parameters that it follows from: where one of these differs, this one is no news.
    #[serde(default)]
    pub follows: Vec<String>,
    /// Whether the compared outputs depend on it.
    #[serde(default = "yes")]
    pub in_image: bool,
    /// For a switch: what is meant where a side that states its parameters is silent about it.
    pub silent: Option<String>,
    /// What to say where vectors are turned as a whole, with `{}` for the angle in degrees.
    pub turned: Option<String>,
}

/// Keys of a header that state a parameter; several numbers may stand in one entry.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderKeys {
    /// The keys.
    pub keys: Vec<String>,
    /// The factor to the parameter's unit.
    #[serde(default = "one")]
    pub factor: f64,
}

/// The value of a parameter that is not given.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsualValue {
    /// The value.
    pub value: f64,
    /// What to ask where a side has it and it is not known what was asked for.
    pub question: String,
    /// What it means where another one was given.
    pub statement: String,
}

/// A line of text that states parameters: blanks run together, a value where `{}` stands.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatingLine {
    /// The line.
    pub text: String,
    /// What it gives.
    pub gives: Vec<Give>,
}

/// What a line gives.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "`name` with `at` and perhaps `factor`, with `word`, or with `is`"
)]
pub enum Give {
    /// Numbers of a parameter: which values of the line, and the factor to its unit.
    Numbers {
        /// Of which parameter.
        name: String,
        /// Which values of the line, counted from 0.
        at: Vec<usize>,
        /// The factor to the parameter's unit.
        #[serde(default = "one")]
        factor: f64,
    },
    /// A word.
    Word {
        /// Of which parameter.
        name: String,
        /// Which value of the line.
        word: usize,
    },
    /// What the line says by being there.
    Fixed {
        /// Of which parameter.
        name: String,
        /// The value.
        is: String,
    },
}

/// Lines below a title that state one parameter together, row by row.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatingRows {
    /// Of which parameter.
    pub name: String,
    /// How the title begins.
    pub below: String,
    /// The lines in their order.
    pub text: Vec<String>,
}

/// Two parameters of which a side can have one for the other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Swapped {
    /// The parameters.
    pub names: [String; 2],
    /// What to say then.
    pub meaning: String,
}

/// Everything that an adapter knows of parameters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParameterTable {
    /// Every parameter, causes first.
    pub known: Vec<Parameter>,
    /// The lines that state them.
    pub lines: Vec<StatingLine>,
    /// Groups of lines that do.
    pub rows: Vec<StatingRows>,
    /// A side that states these states all, so that its silence means something.
    pub complete: Vec<String>,
    /// The parameter that has the length in which places are counted.
    pub places_in: Option<String>,
    /// Parameters that one side may have swapped.
    pub swapped: Option<Swapped>,
}

fn yes() -> bool {
    true
}

fn one() -> f64 {
    1.0
}

impl Give {
    /// The parameter that it is of.
    pub fn name(&self) -> &str {
        match self {
            Self::Numbers { name, .. } | Self::Word { name, .. } | Self::Fixed { name, .. } => name,
        }
    }

    /// The last value of the line that it needs.
    fn last(&self) -> Option<usize> {
        match self {
            Self::Numbers { at, .. } => at.iter().max().copied(),
            Self::Word { word, .. } => Some(*word),
            Self::Fixed { .. } => None,
        }
    }

    /// The value as text, for who knows no units; none where a number is none.
    fn text(&self, found: &[&str]) -> Option<String> {
        let number =
            |at: &usize, factor: f64| Some((found.get(*at)?.parse::<f64>().ok()? * factor).to_string());
        match self {
            Self::Numbers { at, factor, .. } => {
                Some(at.iter().map(|at| number(at, *factor)).collect::<Option<Vec<_>>>()?.join(" "))
            }
            Self::Word { word, .. } => found.get(*word).map(|&word| word.to_owned()),
            Self::Fixed { is, .. } => Some(is.clone()),
        }
    }
}

/// A line with its blanks run together.
pub(crate) fn single_blanks(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl ParameterTable {
    /// The table, if it makes sense by itself.
    ///
    /// # Errors
    /// A name is not known or is there twice, a cause stands behind what follows from it, a line has fewer values than it gives.
    pub(super) fn checked(self) -> Result<Self, AdapterError> {
        let names: Vec<&str> = self.known.iter().map(|known| known.name.as_str()).collect();
        let unknown = |name: &str, place: &str| {
            AdapterError::senseless(
                format!("{place}: `{name}` is no parameter that is known"),
                "the name of a [[parameters.known]]",
            )
        };
        for (at, known) in self.known.iter().enumerate() {
            let place = format!("[[parameters.known]] `{}`", known.name);
            if names[..at].contains(&known.name.as_str()) {
                return Err(AdapterError::senseless(
                    format!("{place}: is there twice"),
                    "a name of its own for each",
                ));
            }
            if let Some(cause) = known.follows.iter().find(|cause| !names[..at].contains(&cause.as_str())) {
                let problem = format!("{place}: follows from `{cause}`, which does not stand before it");
                return Err(AdapterError::senseless(problem, "causes first"));
            }
        }
        for line in &self.lines {
            let place = format!("[[parameters.line]] `{}`", line.text);
            let values = line.text.matches("{}").count();
            for give in &line.gives {
                if !names.contains(&give.name()) {
                    return Err(unknown(give.name(), &place));
                }
                if let Some(last) = give.last().filter(|last| *last >= values) {
                    let problem =
                        format!("{place}: has {values} values, and `{}` is value {last}", give.name());
                    return Err(AdapterError::senseless(
                        problem,
                        "values counted from 0, each a {} of the line",
                    ));
                }
            }
        }
        let swapped = self.swapped.iter().flat_map(|swapped| &swapped.names);
        let named = self
            .rows
            .iter()
            .map(|rows| &rows.name)
            .chain(&self.complete)
            .chain(&self.places_in)
            .chain(swapped);
        match named.into_iter().find(|name| !names.contains(&name.as_str())) {
            Some(name) => Err(unknown(name, "[parameters]")),
            None => Ok(self),
        }
    }

    /// What lines of `text` state, as text in the units of the parameters.
    pub(crate) fn stated(&self, text: &str) -> StatedValues {
        let mut stated = StatedValues::new();
        let mut left = MOST;
        for line in text.lines().map(single_blanks) {
            for known in &self.lines {
                let Some(found) = captures(&known.text, &line) else { continue };
                for give in &known.gives {
                    let Some(value) = give.text(&found).filter(|_| left > 0) else { continue };
                    stated.entry(give.name().to_owned()).or_default().push(value);
                    left -= 1;
                }
            }
        }
        stated
    }
}

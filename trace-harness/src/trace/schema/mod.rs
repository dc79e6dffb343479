//! What is known about the keys of a program's traces, as data: unit, shape, what each is computed from, and by which law.
//!
//! The built-in schema is that of nanoBragg: the simulator's own table of keys, with what a comparison needs to know beyond
//! it. Another program's schema is a TOML file of the same form. Not here: reading traces (`trace::log`).

mod check;
mod error;
pub mod expression;
pub mod markdown;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use nanobragg::trace::schema as simulator;
use serde::{Deserialize, Serialize};

use crate::trace::schema::expression::Relation;

pub use error::{SchemaError, SchemaProblem};

/// What the comparison knows about nanoBragg's keys beyond the simulator's own table.
const BEYOND: &str = include_str!("nanobragg.toml");

/// Shape of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// One number.
    #[default]
    Scalar,
    /// Three numbers.
    Vector,
    /// Three integers.
    Indices,
    /// One integer.
    Integer,
    /// Words, with numbers between them or without.
    Text,
}

/// How closely two values of a key have to agree; the tolerances stand in `diff::tolerance`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyKind {
    /// Rounding errors stay what they are.
    #[default]
    Plain,
    /// Rounding errors are amplified: differences of large numbers, sums over many.
    Amplified,
    /// An index or a sine of many turns: rounding errors are amplified, and stay the same size near zero.
    Index,
    /// Rounded to single precision by every program.
    Single,
    /// No difference at all.
    Exact,
}

impl KeyKind {
    /// Whether rounding errors of the inputs grow.
    pub fn amplifies(self) -> bool {
        matches!(self, Self::Amplified | Self::Index | Self::Single)
    }
}

/// The precision that a program computes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// 32-bit floats.
    Single,
    /// 64-bit floats.
    Double,
}

/// One key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Name in the trace; `level.key` for the fields of record lines (`TRACE_RS_PHI k_frac=…` is `phi.k_frac`).
    pub name: String,
    /// True unit of the printed number; empty for none.
    #[serde(default)]
    pub unit: String,
    /// Shape.
    #[serde(default)]
    pub shape: Shape,
    /// Keys it is computed from; empty for what follows from the configuration. `prev.x` is `x` of the record before, in laws too.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Meaning, with its equation.
    #[serde(default)]
    pub meaning: String,
    /// Names that other programs give it; the first one present is taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The quantity that it is a part or another form of; findings are named after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<String>,
    /// How closely values have to agree.
    #[serde(default)]
    pub kind: KeyKind,
    /// How it follows from other keys of the same trace (see `expression`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// When the law holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Its period, as an expression without keys: `2*pi`. Values that are whole periods apart are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// How it follows from other keys of its record in a trace that does not have it at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub otherwise: Option<String>,
    /// What NaN comes to here, where that is another rule than the schema's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nan: Option<NotANumber>,
    /// The value it has when the user gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<f64>,
    /// The question when one side alone has the default, and nothing is known of the arguments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_question: Option<String>,
    /// Whether it is a vector of the cell, which another orientation turns.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub turns: bool,
    /// Whether it adds up what came before it, in earlier sub-pixels too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accumulates: bool,
    /// Whether this is what the program is run for.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub result: bool,
    /// Labels of programs that print fixed text under this name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fixed_in: Vec<String>,
}

/// What a value that is not a number comes to when two traces are compared. A field of stars decides nothing, whatever is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotANumber {
    /// It agrees with another one, and with nothing else.
    #[default]
    Equal,
    /// It is as if the key were not there.
    Missing,
    /// It differs from everything, another one included.
    Fail,
}

/// Two forms of the same quantities: where those of the second trace do not agree with the first one's, but do in the other form, they are
/// the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Equivalence {
    /// Short name.
    pub name: String,
    /// The keys.
    pub keys: Vec<String>,
    /// The other form of each, as expressions of the keys: `["-I", "node + pi", "w - pi"]`.
    pub same: Vec<String>,
}

/// A key that says how a record ended, in words or codes that differ from program to program, and the categories that they share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutcomeRule {
    /// The key.
    pub key: String,
    /// The category of a record that does not have the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<String>,
    /// Categories of records without an answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<String>,
    /// The words of each category; `*` at the end stands for any rest. Other words are a category by themselves.
    #[serde(default)]
    pub categories: BTreeMap<String, Vec<String>>,
}

impl OutcomeRule {
    /// The category of what a record says.
    pub fn category<'o>(&'o self, words: &'o str) -> &'o str {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => words.starts_with(start),
            None => pattern == words,
        };
        let named = self.categories.iter().find(|(_, patterns)| patterns.iter().any(fits));
        named.map_or(words, |(category, _)| category)
    }
}

/// Something that has to be true of the keys of one trace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SchemaRule {
    /// Short name.
    pub name: String,
    /// Left side.
    pub left: String,
    /// How the left side stands to the right one.
    #[serde(default, skip_serializing_if = "is_usual")]
    pub relation: Relation,
    /// Right side.
    pub right: String,
    /// When it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How far the two sides may be apart beyond rounding; not with `!=`, `<` and `>`, which are about the numbers as they stand.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub within: f64,
    /// Why, in words.
    pub meaning: String,
}

fn is_zero(x: &f64) -> bool {
    *x == 0.0
}

fn is_usual(relation: &Relation) -> bool {
    *relation == Relation::default()
}

/// All keys of a program's traces, in the order of emission, and what has to be true of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schema {
    /// The precision that its programs compute in; found from the values where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Keys whose values name a record, from the outermost to the innermost: `["sat", "t"]`. Text, integers and floats of either sign;
    /// a key or the field of a record line. Records of two traces are paired by these values, whatever their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub record: Vec<String>,
    /// Those of the record keys that name a sequence, in which every record follows from the one before: `["sat"]`; empty where the whole
    /// trace is one. Nothing is compared after the first difference of a sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<Vec<String>>,
    /// What NaN comes to: `equal` to NaN, `missing`, or `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nan: Option<NotANumber>,
    /// The keys.
    #[serde(rename = "key", default)]
    pub keys: Vec<Key>,
    /// The rules.
    #[serde(rename = "rule", default)]
    pub rules: Vec<SchemaRule>,
    /// Quantities with two forms.
    #[serde(rename = "equivalence", default, skip_serializing_if = "Vec::is_empty")]
    pub equivalences: Vec<Equivalence>,
    /// Keys that say how records ended.
    #[serde(rename = "outcome", default, skip_serializing_if = "Vec::is_empty")]
    pub outcomes: Vec<OutcomeRule>,
}

impl Schema {
    /// The schema of nanoBragg's traces.
    ///
    /// # Errors
    /// None for the embedded data, which a test reads; otherwise what is wrong with it.
    pub fn built_in() -> Result<Self, SchemaError> {
        let mut beyond = Self::parse(BEYOND, Path::new("nanobragg.toml"))?;
        let mut extra: HashMap<String, Key> = HashMap::new();
        let mut records = Vec::new();
        for key in std::mem::take(&mut beyond.keys) {
            match simulator::find(&key.name) {
                Some(_) => drop(extra.insert(key.name.clone(), key)),
                None => records.push(key),
            }
        }
        // Set-up lines are printed before the pixel's, the fields of record lines after.
        let first_record = records.iter().position(|k| k.name.contains('.')).unwrap_or(records.len());
        let after = records.split_off(first_record);
        let pixel = simulator::PIXEL_KEYS
            .iter()
            .map(|key| completed(key, extra.remove(key.name).unwrap_or_default()));
        let keys = records.into_iter().chain(pixel).chain(after).collect();
        let schema = Self { keys, ..beyond };
        schema.checked(Path::new("nanobragg.toml"))
    }

    /// The schema in the file at `path`, or the built-in one.
    ///
    /// # Errors
    /// The file cannot be read, or is no schema.
    pub fn at(path: Option<&Path>) -> Result<Self, SchemaError> {
        let Some(path) = path else { return Self::built_in() };
        let unreadable =
            |e| SchemaError { path: path.to_owned(), problem: Box::new(SchemaProblem::Unreadable(e)) };
        let text = crate::evidence::given::text(path).map_err(unreadable)?;
        Self::parse(&text, path)?.checked(path)
    }

    fn parse(text: &str, path: &Path) -> Result<Self, SchemaError> {
        let wrong = |e| SchemaError { path: path.to_owned(), problem: Box::new(SchemaProblem::Form(e)) };
        toml::from_str(text).map_err(wrong)
    }

    fn checked(self, path: &Path) -> Result<Self, SchemaError> {
        match self.check() {
            Ok(()) => Ok(self),
            Err(problem) => Err(SchemaError { path: path.to_owned(), problem: Box::new(problem) }),
        }
    }

    /// The schema in `text`, checked.
    ///
    /// # Errors
    /// The text is no schema, or one that contradicts itself; the error calls its file `schema`.
    pub fn from_toml(text: &str) -> Result<Self, SchemaError> {
        let path = Path::new("schema");
        Self::parse(text, path)?.checked(path)
    }

    /// As text that [`Schema::from_toml`] reads back.
    ///
    /// # Errors
    /// None that is known; whatever the writer says.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }

    /// The key of this name.
    pub fn find(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|k| k.name == name)
    }
}

/// The key whose value in the record before is meant by `prev.KEY`.
pub fn carried(name: &str) -> Option<&str> {
    name.strip_prefix("prev.").filter(|key| !key.is_empty())
}

/// A key of the simulator with what is known beyond its table.
fn completed(key: &simulator::Key, extra: Key) -> Key {
    let inputs = key.inputs.iter().map(|i| (*i).to_owned()).chain(extra.inputs).collect();
    Key {
        name: key.name.to_owned(),
        unit: key.unit.to_owned(),
        shape: match key.shape {
            simulator::ValueShape::Scalar => Shape::Scalar,
            simulator::ValueShape::Vector => Shape::Vector,
            simulator::ValueShape::Indices => Shape::Indices,
            simulator::ValueShape::Integer => Shape::Integer,
        },
        inputs,
        meaning: key.meaning.to_owned(),
        ..extra
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_schema_holds_every_key_of_the_simulator_in_its_order() {
        let schema = Schema::built_in().unwrap();
        let own: Vec<&str> = simulator::PIXEL_KEYS.iter().map(|k| k.name).collect();
        let kept: Vec<&str> =
            schema.keys.iter().map(|k| k.name.as_str()).filter(|n| own.contains(n)).collect();
        assert_eq!(kept, own);
        let of = |name: &str| schema.find(name).unwrap();
        assert!(of("I_pixel_final").result && of("F_latt").law.is_some());
        assert_eq!(of("hkl_frac").inputs.len(), 4);
    }

    #[test]
    fn the_built_in_schema_survives_being_written_as_toml() {
        let schema = Schema::built_in().unwrap();
        assert_eq!(Schema::from_toml(&schema.to_toml().unwrap()).unwrap(), schema);
    }

    #[test]
    fn everything_said_beyond_the_simulators_table_is_about_a_known_or_a_described_key() {
        let beyond = Schema::parse(BEYOND, Path::new("x")).unwrap();
        for key in beyond.keys {
            let known = simulator::find(&key.name).is_some();
            assert_eq!(known, key.meaning.is_empty(), "{} is described twice or never", key.name);
        }
    }

    #[test]
    fn schemas_that_cannot_be_used_say_why() {
        let key = |name: &str, rest: &str| format!("[[key]]\nname = '{name}'\n{rest}\n");
        let cases = [
            (key("a", "") + &key("a", ""), "two keys are named `a`"),
            (key("a", "inputs = ['b']"), "computed from `b`"),
            (key("a", "inputs = ['b']") + &key("b", "inputs = ['a']"), "depends on itself"),
            (key("a", "law = '1 +'"), "law of `a`"),
            (key("a", "colour = 'red'"), "colour"),
            (key("a b", ""), "without blanks"),
            ("record = ['a', 'a']\n".to_owned(), "record key `a` stands twice"),
            (key("a", "period = '2*'"), "period of `a`"),
            (key("a", "period = 'b'"), "period of `a`"),
            (key("a", "period = '-1'"), "period of `a`"),
            (key("a", "otherwise = '1 +'"), "law of `a`"),
            (key("a", "nan = 'zero'"), "zero"),
            (key("a", "") + "[[equivalence]]\nname = 'e'\nkeys = ['a']\nsame = []\n", "equivalence `e`"),
            (key("a", "") + "[[equivalence]]\nname = 'e'\nkeys = ['a']\nsame = ['-']\n", "equivalence `e`"),
            ("[[outcome]]\nkey = 'e'\nrefusals = ['no']\n".to_owned(), "outcome `e`: category `no`"),
            (
                "[[outcome]]\nkey = 'e'\n[outcome.categories]\na = ['1']\nb = ['1']\n".to_owned(),
                "outcome `e`: `1`",
            ),
            ("sequence = ['a']\n".to_owned(), "sequence key `a`; expected one of the record keys"),
            (key("a", "inputs = ['prev.b']"), "computed from `prev.b`"),
            ("record = ['a b']\n".to_owned(), "without blanks"),
        ];
        for (text, reason) in cases {
            let problem = Schema::from_toml(&text).unwrap_err().to_string();
            assert!(problem.contains(reason), "{problem}");
        }
    }
}

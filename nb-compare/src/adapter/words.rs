//! The words of a command with their placeholders: `{args}`, `{image}`, `{out}`, of requests for traces `{element}`, `{pixel}`,
//! `{trace}`; `{{` is a brace. And the variables that are set for it.
//!
//! Not here: which command it is (`document`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use trace_harness::evidence::bundle::paths::token_in;
use trace_harness::evidence::process::is_variable;

use crate::adapter::AdapterError;

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placeholder {
    /// The arguments that the user gave, each a word of its own.
    Args,
    /// The file that the output with the path `{image}` is to be written to.
    Image,
    /// The folder that the program works in.
    Out,
    /// The file that a trace is to be written to.
    Trace,
    /// The element that a trace is asked of: its places along all axes, with commas between them.
    Element,
    /// The same, a word for each axis.
    Pixel,
}

const NAMES: [(&str, Placeholder); 6] = [
    ("args", Placeholder::Args),
    ("image", Placeholder::Image),
    ("out", Placeholder::Out),
    ("trace", Placeholder::Trace),
    ("element", Placeholder::Element),
    ("pixel", Placeholder::Pixel),
];

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Place(Placeholder),
}

/// One word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template(Vec<Part>);

/// What the placeholders of a command stand for.
#[derive(Debug, Clone, Copy)]
pub struct Filling<'a> {
    /// The arguments, in full.
    pub args: &'a [OsString],
    /// The file of the image.
    pub image: &'a Path,
    /// The working folder.
    pub out: &'a Path,
}

impl Template {
    /// The word `text`, in which only the `allowed` placeholders have a meaning.
    ///
    /// # Errors
    /// A brace without its partner, a placeholder that is not known or has no meaning here, `{args}` as a part of a word.
    pub fn of(text: &str, allowed: &[Placeholder]) -> Result<Self, AdapterError> {
        let names: Vec<String> = NAMES
            .iter()
            .filter(|(_, p)| allowed.contains(p))
            .map(|(name, _)| format!("{{{name}}}"))
            .collect();
        let known = format!("one of {}", names.join(", "));
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('{') {
            literal += &rest[..at];
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix('{') {
                literal.push('{');
                rest = behind;
                continue;
            }
            let Some(end) = rest.find('}') else {
                let hint = "a brace that is meant as one is written {{";
                return Err(AdapterError::senseless(
                    format!("`{text}`: has a brace without its partner"),
                    known,
                )
                .advise(hint));
            };
            let name = &rest[..end];
            rest = &rest[end + 1..];
            let Some((_, place)) = NAMES.iter().find(|(known, _)| *known == name) else {
                let problem = format!("`{text}`: `{{{name}}}` is no placeholder");
                let nearest = NAMES.iter().map(|(known, _)| *known);
                let hint = match nearest_of(name, nearest) {
                    Some(meant) => {
                        format!("did you mean `{{{meant}}}`? A brace that is meant as one is written {{{{")
                    }
                    None => "a brace that is meant as one is written {{".to_owned(),
                };
                return Err(AdapterError::senseless(problem, known).advise(hint));
            };
            if !allowed.contains(place) {
                return Err(AdapterError::senseless(
                    format!("`{text}`: `{{{name}}}` has no meaning here"),
                    known,
                ));
            }
            if !literal.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut literal)));
            }
            parts.push(Part::Place(*place));
        }
        literal += rest;
        if !literal.is_empty() || parts.is_empty() {
            parts.push(Part::Text(literal));
        }
        for part in &parts {
            if let Part::Text(text) = part {
                recordable(text)?;
            }
        }
        for (name, place) in [("args", Placeholder::Args), ("pixel", Placeholder::Pixel)] {
            if parts.contains(&Part::Place(place)) && parts.len() > 1 {
                let problem = format!("`{text}`: `{{{name}}}` is a part of a word");
                return Err(AdapterError::senseless(
                    problem,
                    "it as a word of its own: what it stands for is any number of words",
                ));
            }
        }
        Ok(Self(parts))
    }

    /// The word `text`, braces and all.
    pub(crate) fn text(text: String) -> Self {
        Self(vec![Part::Text(text)])
    }

    /// The words that a request for a trace of `element` comes to, which is to be written to the file `trace`.
    pub(crate) fn asked(&self, trace: &str, element: &[usize]) -> Vec<String> {
        let places: Vec<String> = element.iter().map(usize::to_string).collect();
        if self.has(Placeholder::Pixel) {
            return places;
        }
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Place(Placeholder::Trace) => trace.to_owned(),
            Part::Place(Placeholder::Element) => places.join(","),
            // Of these, no request has any.
            Part::Place(Placeholder::Args | Placeholder::Image | Placeholder::Out | Placeholder::Pixel) => {
                String::new()
            }
        };
        vec![self.0.iter().map(part).collect()]
    }

    /// Whether `placeholder` is in it.
    pub fn has(&self, placeholder: Placeholder) -> bool {
        self.0.contains(&Part::Place(placeholder))
    }

    /// The text, where the word has no placeholder.
    pub fn literal(&self) -> Option<&str> {
        match self.0.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The words that it comes to.
    pub fn fill(&self, with: &Filling<'_>) -> Vec<OsString> {
        if self.has(Placeholder::Args) {
            return with.args.to_vec();
        }
        let mut word = OsString::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => word.push(text),
                Part::Place(Placeholder::Image) => word.push(with.image),
                Part::Place(Placeholder::Out) => word.push(with.out),
                // Of these, no command that is filled has any.
                Part::Place(
                    Placeholder::Args | Placeholder::Trace | Placeholder::Element | Placeholder::Pixel,
                ) => {}
            }
        }
        vec![word]
    }
}

/// The refusal of a name that no variable can have.
pub(super) fn no_variable(key: &str, name: &str) -> AdapterError {
    let problem = format!("`{key}`: `{name}` is no name of a variable");
    AdapterError::senseless(problem, "letters, digits and `_`, no digit first")
}

/// Checks names and values of variables that are set.
pub(super) fn variables(key: &str, env: &BTreeMap<String, String>) -> Result<(), AdapterError> {
    for (name, value) in env {
        if !is_variable(name) {
            return Err(no_variable(key, name));
        }
        if value.contains('\0') {
            let problem = format!("`{key}`: the value of `{name}` has a zero byte");
            return Err(AdapterError::senseless(problem, "text"));
        }
        recordable(value).map_err(|e| e.within(&format!("`{key}`: the value of `{name}`")))?;
    }
    Ok(())
}

/// Refuses a word that evidence would write for something else.
pub(super) fn recordable(text: &str) -> Result<(), AdapterError> {
    let Some(token) = token_in(text) else { return Ok(()) };
    let problem = format!("`{text}`: has `{token}`, which evidence writes where a path stands");
    Err(AdapterError::senseless(problem, "a word without it")
        .advise("have a script that calls the program add it"))
}

/// The known word that `word` was most likely meant to be.
pub(super) fn nearest_of<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |known: &str| strsim::damerau_levenshtein(word, known);
    let nearest = known.into_iter().min_by_key(|known| distance(known))?;
    (distance(nearest) <= nearest.len().max(3) / 2).then_some(nearest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAND: [Placeholder; 3] = [Placeholder::Args, Placeholder::Image, Placeholder::Out];

    fn filled(text: &str) -> Vec<String> {
        let args = ["-n".into(), "a b".into()];
        let with = Filling { args: &args, image: Path::new("/w/image.npy"), out: Path::new("/w") };
        let words = Template::of(text, &COMMAND).expect(text).fill(&with);
        words.into_iter().map(|word| word.into_string().expect("text")).collect()
    }

    #[test]
    fn placeholders_are_replaced_and_arguments_stay_single_words() {
        assert_eq!(filled("{args}"), ["-n", "a b"]);
        assert_eq!(filled("--out={image}"), ["--out=/w/image.npy"]);
        assert_eq!(filled("{out}/x{out}"), ["/w/x/w"]);
        assert_eq!(filled(""), [""]);
        assert_eq!(filled("{{\"n\": 1}"), ["{\"n\": 1}"]);
        assert_eq!(filled("{{args}"), ["{args}"]);
    }

    #[test]
    fn what_is_no_placeholder_is_refused_with_what_was_meant() {
        let refusal = |text: &str, allowed: &[Placeholder]| match Template::of(text, allowed) {
            Err(AdapterError::Senseless { problem, expected, hint }) => {
                format!("{problem}; {expected}; {hint}")
            }
            other => panic!("{other:?}"),
        };
        let text = refusal("{imgae}", &COMMAND);
        assert!(
            text.contains("`{imgae}` is no placeholder") && text.contains("did you mean `{image}`?"),
            "{text}"
        );
        assert!(refusal("{pixel}", &COMMAND).contains("has no meaning here; one of {args}, {image}, {out}"));
        assert!(refusal("{", &COMMAND).contains("brace without its partner"));
        assert!(refusal("--all={args}", &COMMAND).contains("a part of a word"));
        assert!(refusal("{{out}/x", &COMMAND).contains("has `{out}`, which evidence writes"));
        assert!(!refusal("{zzzzzzzz}", &COMMAND).contains("did you mean"));
    }
}

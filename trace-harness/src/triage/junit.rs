//! Reads JUnit XML, as pytest, cargo-nextest and others write it.
//!
//! Entities are not expanded beyond the five of XML and character references, nesting and text are limited, and a document
//! type definition is passed over: a hostile file costs no more than its own length. Not here: text logs.

use std::collections::BTreeMap;

use quick_xml::events::attributes::{AttrError, Attribute};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::triage::message::{headline, is_pytest_timeout};
use crate::triage::record::{Kind, Outcome, Test, TestRun};

/// Deepest nesting of elements that is read.
const DEEPEST: usize = 32;

/// A text that is no JUnit XML.
#[derive(Debug, thiserror::Error)]
pub enum JunitError {
    /// No XML.
    #[error("byte {at}: {problem}; expected JUnit XML")]
    Xml {
        /// Where, from 0.
        at: u64,
        /// Why not.
        problem: quick_xml::Error,
    },
    /// An element whose attributes are none.
    #[error("byte {at}: {problem}; expected JUnit XML")]
    Attribute {
        /// Where the element begins, from 0.
        at: u64,
        /// Why not.
        problem: AttributeProblem,
    },
    /// Elements inside elements, more than are read.
    #[error("byte {at}: more than {deepest} elements inside each other")]
    TooDeep {
        /// Where, from 0.
        at: u64,
        /// How many are read.
        deepest: usize,
    },
    /// XML of something else.
    #[error("holds no `testcase`; expected JUnit XML with at least one")]
    NoTestCase,
}

/// What is wrong with an attribute.
#[derive(Debug, thiserror::Error)]
pub enum AttributeProblem {
    /// The sequence of names, equals signs and quotes is broken.
    #[error(transparent)]
    Syntax(#[from] AttrError),
    /// Its name holds a character that ends names.
    #[error("`{0}` is no name of an attribute")]
    Name(String),
}

/// Reads a file.
///
/// # Errors
/// The text is no XML, is nested too deep, or holds no `testcase`; with the byte where that was found.
pub fn read(text: &str) -> Result<TestRun, JunitError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().allow_dangling_amp = true;
    let mut state = State {
        run: TestRun::new(Kind::Other),
        open: Vec::new(),
        test: None,
        suites: Vec::new(),
        suite_of: Vec::new(),
        begun: 0,
    };
    loop {
        let at = reader.buffer_position();
        let event = reader.read_event().map_err(|problem| JunitError::Xml { at, problem })?;
        match event {
            Event::Eof => break,
            Event::Start(tag) => {
                state.start(&tag).map_err(|problem| JunitError::Attribute { at, problem })?;
                if state.open.len() == DEEPEST {
                    return Err(JunitError::TooDeep { at, deepest: DEEPEST });
                }
                state.open.push(tag.local_name().as_ref().to_owned());
            }
            Event::Empty(tag) => {
                state.start(&tag).map_err(|problem| JunitError::Attribute { at, problem })?;
                state.end(tag.local_name().as_ref());
            }
            Event::End(tag) => {
                state.open.pop();
                state.end(tag.local_name().as_ref());
            }
            Event::Text(text) => state.text(&text),
            Event::CData(text) => state.text(&text),
            Event::GeneralRef(name) => state.reference(&name),
            _ => {}
        }
    }
    if let Some(inside) = state.open.last() {
        state.run.gaps.push(format!("the XML ends inside `{inside}`"));
        while !state.suites.is_empty() {
            state.suite_ends();
        }
    }
    state.tell_namesakes_apart();
    let mut run = state.run;
    if run.tests.is_empty() {
        return Err(JunitError::NoTestCase);
    }
    if run.kind == Kind::Pytest {
        run.tests.iter_mut().for_each(name_for_pytest);
    }
    run.join_attempts();
    Ok(run)
}

struct State {
    run: TestRun,
    /// Names of the open elements.
    open: Vec<String>,
    test: Option<Test>,
    /// Open suites, outermost first.
    suites: Vec<Suite>,
    /// Number and name of the suite that each test stands in.
    suite_of: Vec<(usize, String)>,
    /// How many suites have begun.
    begun: usize,
}

/// What a suite says of itself.
struct Suite {
    name: String,
    number: usize,
    /// Where its tests begin.
    first: usize,
    tests: usize,
    /// Failures and errors.
    trouble: usize,
}

type Attributes = BTreeMap<String, String>;

fn attributes(tag: &BytesStart<'_>) -> Result<Attributes, AttributeProblem> {
    let mut all = tag.attributes();
    // Duplicates do no harm here, and looking for them takes time that grows with the square of their number.
    let all = all.with_checks(false);
    let text = |a: Attribute<'_>| {
        // Line breaks in a message mean something, so the value is unescaped but not normalised.
        let value =
            quick_xml::escape::unescape(&a.value).map_or_else(|_| a.value.to_string(), |v| v.into_owned());
        (a.key.local_name().as_ref().to_owned(), value)
    };
    all.map(|attribute| {
        let attribute = attribute?;
        match attribute.key.as_ref().contains(['<', '&', '"', '\'']) {
            true => Err(AttributeProblem::Name(attribute.key.as_ref().to_owned())),
            false => Ok(text(attribute)),
        }
    })
    .collect()
}

fn seconds(attributes: &Attributes) -> Option<f64> {
    attributes.get("time").and_then(|t| t.replace(',', "").parse().ok()).filter(|t: &f64| t.is_finite())
}

impl State {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), AttributeProblem> {
        let (name, of) = (tag.local_name(), attributes(tag)?);
        match name.as_ref() {
            "testsuites" | "testsuite" => self.suite(&of),
            "testcase" => self.case(&of),
            "property" => self.property(&of),
            other => self.outcome(other, &of),
        }
        Ok(())
    }

    fn suite(&mut self, of: &Attributes) {
        let name = of.get("name").map_or("", String::as_str);
        let mut count = |key: &str| {
            let text = of.get(key).map_or("", |n| n.trim());
            text.parse::<usize>().unwrap_or_else(|_| {
                if !text.is_empty() {
                    self.run.gaps.push(format!("suite `{name}` has `{key}` that are no number"));
                }
                0
            })
        };
        let (tests, failures, errors) = (count("tests"), count("failures"), count("errors"));
        self.begun += 1;
        self.suites.push(Suite {
            name: name.to_owned(),
            number: self.begun,
            first: self.run.tests.len(),
            tests,
            trouble: failures.saturating_add(errors),
        });
        if name.starts_with("nextest") || of.contains_key("uuid") {
            self.run.kind = Kind::Nextest;
        } else if name.contains("pytest") {
            self.run.kind = Kind::Pytest;
        }
        if self.open.is_empty() || self.open == ["testsuites"] {
            self.run.seconds = self.run.seconds.or(seconds(of));
        }
    }

    /// Holds what a suite announces against what it lists.
    fn suite_ends(&mut self) {
        let Some(suite) = self.suites.pop() else { return };
        let tests = &self.run.tests[suite.first..];
        let (listed, trouble) = (tests.len(), tests.iter().filter(|t| t.outcome.is_trouble()).count());
        let place = format!("suite `{}`", suite.name);
        if listed < suite.tests {
            self.run.gaps.push(format!("{place} announces {} tests and lists {listed}", suite.tests));
        }
        // What a suite inside has announced already is not announced twice.
        if self.run.unnamed.failed == 0 {
            self.run.declare_failures(suite.trouble, trouble, &place);
        }
    }

    /// Tests of one name in several suites are several tests, not attempts of one.
    fn tell_namesakes_apart(&mut self) {
        // For each name its suites by number, and which of them it is.
        let mut suites: BTreeMap<String, BTreeMap<usize, usize>> = BTreeMap::new();
        for (test, (number, _)) in self.run.tests.iter().zip(&self.suite_of) {
            let numbers = suites.entry(test.key.clone()).or_default();
            let place = numbers.len();
            numbers.entry(*number).or_insert(place);
        }
        for (test, (number, name)) in self.run.tests.iter_mut().zip(&self.suite_of) {
            let Some(all) = suites.get(&test.key).filter(|all| all.len() > 1) else { continue };
            let place = all.get(number).copied().unwrap_or_default();
            let after = if place > 0 { format!("#{}", place + 1) } else { String::new() };
            test.key = format!("{name}{after} {}", test.key);
        }
    }

    fn case(&mut self, of: &Attributes) {
        let get = |key: &str| of.get(key).cloned().unwrap_or_default();
        let (class, name) = (get("classname"), get("name"));
        let between = if self.run.kind == Kind::Nextest { "::" } else { "." };
        let key = if class.is_empty() { name.clone() } else { format!("{class}{between}{name}") };
        let file = get("file");
        let mut test = Test::new(key, name, if file.is_empty() { class.clone() } else { file });
        test.seconds = seconds(of);
        // CTest and googletest list tests that are switched off.
        if ["disabled", "notrun"].contains(&get("status").as_str()) {
            test.outcome = Outcome::Skipped;
        }
        // Kept only until the names of pytest are put together.
        test.facts.insert("classname".to_owned(), class);
        self.test = Some(test);
    }

    fn property(&mut self, of: &Attributes) {
        let (Some(name), Some(value)) = (of.get("name"), of.get("value")) else { return };
        match &mut self.test {
            Some(test) if name == "timeout" => test.timeout_s = value.parse().ok(),
            Some(test) => {
                test.facts.insert(name.clone(), value.clone());
            }
            None => {
                self.run.facts.insert(name.clone(), value.clone());
            }
        }
    }

    fn outcome(&mut self, element: &str, of: &Attributes) {
        let Some(test) = &mut self.test else { return };
        let get = |key: &str| of.get(key).map_or("", String::as_str);
        let (message, kind) = (get("message"), get("type"));
        let found = match element {
            "skipped" => Outcome::Skipped,
            // nextest writes `test timeout`, CTest a message of one word.
            "failure" | "error"
                if kind.contains("timeout") || message == "Timeout" || is_pytest_timeout(message) =>
            {
                Outcome::TimedOut
            }
            "error" => Outcome::Error,
            "failure" if kind.contains("abort") => Outcome::Error,
            "failure" => Outcome::Failed,
            "flakyFailure" | "flakyError" => {
                test.flaky = true;
                return;
            }
            _ => return,
        };
        if found.is_trouble() && !test.outcome.is_trouble() {
            // The text of a skip says nothing about the error that came after it.
            test.message.clear();
        }
        test.outcome = test.outcome.max(found);
        if found == Outcome::Skipped && test.outcome == Outcome::Passed {
            test.outcome = Outcome::Skipped;
        }
        if test.message.is_empty() {
            test.message = message.to_owned();
        }
    }

    fn end(&mut self, element: &str) {
        if element == "testsuites" || element == "testsuite" {
            self.suite_ends();
        }
        if element == "testcase"
            && let Some(mut test) = self.test.take()
        {
            // pytest names the end of a fixture in the message and its reason in the text.
            if self.run.kind == Kind::Pytest && test.outcome.is_trouble() && is_pytest_timeout(&test.detail) {
                test.outcome = Outcome::TimedOut;
            }
            let long = if test.message.contains("panicked at ") { &test.detail } else { &test.message };
            let line = headline(long);
            test.message = if line.is_empty() { headline(&test.detail) } else { line };
            if test.outcome == Outcome::TimedOut && test.message.is_empty() {
                test.message = "ran out of time".to_owned();
            }
            if self.run.kind != Kind::Pytest {
                test.facts.remove("classname");
            }
            self.run.tests.push(test);
            self.suite_of.push(self.suites.last().map_or((0, String::new()), |s| (s.number, s.name.clone())));
        }
    }

    /// Text counts where it tells of a failure; what tests print is long and is left where it is.
    fn text(&mut self, text: &str) {
        let tells = self.open.last().is_some_and(|o| o == "failure" || o == "error");
        if let Some(test) = self.test.as_mut().filter(|_| tells) {
            test.add_detail(text);
        }
    }

    fn reference(&mut self, name: &quick_xml::events::BytesRef<'_>) {
        let named = match &**name {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "apos" => Some('\''),
            "quot" => Some('"'),
            _ => name.resolve_char_ref().ok().flatten(),
        };
        if let Some(c) = named {
            self.text(c.encode_utf8(&mut [0; 4]));
        }
    }
}

/// pytest writes `tests.test_a.TestB` and `test_c[1]`; it takes `tests/test_a.py::TestB::test_c[1]`.
fn name_for_pytest(test: &mut Test) {
    let class = test.facts.remove("classname").unwrap_or_default();
    if class.is_empty() {
        return;
    }
    let known = test.group.strip_suffix(".py").map(|file| file.replace(['/', '\\'], "."));
    let (module, classes) = match known.as_deref().and_then(|m| class.strip_prefix(m)) {
        Some(rest) => (class[..class.len() - rest.len()].to_owned(), rest.trim_start_matches('.').to_owned()),
        // Without the file's name, classes are told from modules by their first letter.
        None => {
            let parts: Vec<&str> = class.split('.').collect();
            let modules =
                parts.iter().take_while(|p| !p.starts_with(|c: char| c.is_ascii_uppercase())).count();
            (parts[..modules].join("."), parts[modules..].join("."))
        }
    };
    let file = format!("{}.py", module.replace('.', "/"));
    let inner: String = classes.split('.').filter(|c| !c.is_empty()).map(|c| format!("{c}::")).collect();
    test.name = format!("{file}::{inner}{}", test.name);
    test.group = file;
}

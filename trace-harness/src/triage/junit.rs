//! Reads JUnit XML, as pytest, cargo-nextest and others write it.
//!
//! Entities are not expanded beyond the five of XML and character references, nesting and text are limited, and a document
//! type definition is passed over: a hostile file costs no more than its own length. Not here: text logs.

use std::collections::BTreeMap;

use quick_xml::events::attributes::{AttrError, Attribute};
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::triage::message::{headline, is_pytest_timeout};
use crate::triage::record::{Test, TestFramework, TestOutcome, TestRun};

/// More tests than this no suite has.
const MOST_TESTS: usize = 1 << 32;

/// What runners write as the status of a test that failed.
const FAILED: [&str; 10] = [
    "aborted",
    "broken",
    "crashed",
    "error",
    "errored",
    "fail",
    "failed",
    "failure",
    "regression",
    "timeout",
];

/// What they write as the status of a test that did not fail; googletest's `completed` says nothing more.
const NOT_FAILED: [&str; 9] =
    ["", "completed", "fixed", "ok", "pass", "passed", "run", "success", "successful"];

/// What they write as the status of a test that was not run; CTest and googletest list tests that are switched off.
const NOT_RUN: [&str; 6] = ["disabled", "ignored", "notrun", "skip", "skipped", "suppressed"];

/// Parts of names of elements that may report a failure. Of what runners add of their own, these are the ones to check.
const OMINOUS: [&str; 8] = ["abort", "broken", "crash", "error", "exception", "fail", "rerun", "timeout"];

/// Attributes in which a suite counts its tests that did not pass, beside `failures` and `errors`.
const FAILURE_COUNTS: [&str; 6] = ["aborted", "crashed", "failed", "failure", "error", "timeouts"];

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
    let mut state = JunitParser {
        run: TestRun::new(TestFramework::Other),
        open: Vec::new(),
        test: None,
        suites: Vec::new(),
        suite_of: Vec::new(),
        begun: 0,
        not_run: false,
        of_suite: false,
        has_ended: false,
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
                state.open.push(element(tag.local_name().as_ref()));
            }
            Event::Empty(tag) => {
                state.start(&tag).map_err(|problem| JunitError::Attribute { at, problem })?;
                state.end(&element(tag.local_name().as_ref()));
            }
            Event::End(tag) => {
                state.open.pop();
                state.end(&element(tag.local_name().as_ref()));
            }
            Event::Text(text) => {
                state.outside(!text.trim().is_empty());
                state.text(&text);
            }
            Event::CData(text) => {
                state.outside(true);
                state.text(&text);
            }
            Event::GeneralRef(name) => {
                state.outside(true);
                state.reference(&name);
            }
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
    if run.kind == TestFramework::Pytest {
        run.tests.iter_mut().for_each(name_for_pytest);
    }
    run.join_namesakes();
    Ok(run)
}

/// The name of an element, which some write in capitals.
fn element(name: &str) -> String {
    name.to_ascii_lowercase()
}

struct JunitParser {
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
    /// Whether the test says that it was not run.
    not_run: bool,
    /// Whether the test stands for the suite itself.
    of_suite: bool,
    /// Whether the first of the outermost elements has ended.
    has_ended: bool,
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

/// The words in which a suite or a test says how it ended, the status first; in small letters.
fn outcome_attributes(of: &Attributes) -> [String; 3] {
    ["status", "result", "outcome"].map(|key| of.get(key).map_or("", |word| word.trim()).to_ascii_lowercase())
}

fn seconds(attributes: &Attributes) -> Option<f64> {
    attributes.get("time").and_then(|t| t.replace(',', "").parse().ok()).filter(|t: &f64| t.is_finite())
}

impl JunitParser {
    fn start(&mut self, tag: &BytesStart<'_>) -> Result<(), AttributeProblem> {
        let of = attributes(tag)?;
        let name = element(tag.local_name().as_ref());
        // Files that were put one behind another are read, nothing else is.
        self.outside(self.has_ended && !["testsuites", "testsuite"].contains(&name.as_str()));
        match name.as_str() {
            "testsuites" | "testsuite" => self.suite(&of),
            "testcase" => {
                // A test inside a test: no runner writes that, and neither may be lost.
                self.case_ends();
                self.case(&of);
            }
            "property" => self.property(&of),
            other => self.outcome(other, &of),
        }
        Ok(())
    }

    /// Notes what stands outside of all elements, where a log may have run into the file.
    fn outside(&mut self, is_something: bool) {
        const GAP: &str = "there is something outside of the elements of the XML";
        if is_something && self.open.is_empty() && !self.run.gaps.iter().any(|gap| gap == GAP) {
            self.run.gaps.push(GAP.to_owned());
        }
    }

    fn suite(&mut self, of: &Attributes) {
        let name = of.get("name").map_or("", String::as_str);
        let mut count = |key: &str| {
            let text = of.get(key).map_or("", |n| n.trim());
            text.parse::<usize>().ok().filter(|count| *count <= MOST_TESTS).unwrap_or_else(|| {
                if !text.is_empty() {
                    self.run.gaps.push(format!("suite `{name}` has `{key}` that are no count"));
                }
                0
            })
        };
        let tests = count("tests");
        let usual = count("failures").saturating_add(count("errors"));
        // These may count what `failures` and `errors` do, and so are not added.
        let trouble = FAILURE_COUNTS.map(&mut count).into_iter().fold(usual, usize::max);
        let says_failed = outcome_attributes(of).iter().any(|word| FAILED.contains(&word.as_str()));
        self.begun += 1;
        self.suites.push(Suite {
            name: name.to_owned(),
            number: self.begun,
            first: self.run.tests.len(),
            tests,
            trouble: trouble.max(usize::from(says_failed)),
        });
        if name.starts_with("nextest") || of.contains_key("uuid") {
            self.run.kind = TestFramework::Nextest;
        } else if name.contains("pytest") {
            self.run.kind = TestFramework::Pytest;
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
        let between = if self.run.kind == TestFramework::Nextest { "::" } else { "." };
        let key = if class.is_empty() { name.clone() } else { format!("{class}{between}{name}") };
        let file = get("file");
        let mut test = Test::new(key, name, if file.is_empty() { class.clone() } else { file });
        test.seconds = seconds(of);
        let values = outcome_attributes(of);
        for word in &values {
            let word = word.as_str();
            if FAILED.contains(&word) {
                test.outcome = TestOutcome::Failed;
            } else if NOT_RUN.contains(&word) {
                if !test.outcome.is_trouble() {
                    test.outcome = TestOutcome::Skipped;
                }
            } else if !NOT_FAILED.contains(&word) {
                let word: String = word.chars().take(40).collect();
                self.run.gaps.push(format!("test `{}` ended as `{word}`, which is not known", test.name));
            }
        }
        self.not_run = values[0] == "notrun";
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
        let get = |key: &str| of.get(key).map_or("", String::as_str);
        let (message, kind) = (get("message"), get("type"));
        if self.test.is_none() && ["failure", "error", "rerunfailure", "rerunerror"].contains(&element) {
            // The suite itself: its preparation or its end.
            let name = self.suites.last().map_or("", |suite| &suite.name);
            let name = format!("{name} (suite)");
            self.test = Some(Test::new(name.clone(), name, String::new()));
            self.of_suite = true;
        }
        let Some(test) = &mut self.test else { return };
        let found = match element {
            // CTest: no executable, a file that is missing, a fixture that failed.
            "skipped" if self.not_run && !(message == "Disabled" || message.starts_with("SKIP_")) => {
                test.outcome = TestOutcome::Error;
                test.message.clear();
                TestOutcome::Error
            }
            "skipped" => TestOutcome::Skipped,
            // nextest writes `test timeout`, CTest a message of one word.
            // Of a test that failed, Maven reports its other attempts as well.
            "rerunfailure" | "rerunerror" if test.outcome.is_trouble() => return,
            "failure" | "error" | "rerunfailure" | "rerunerror"
                if kind.contains("timeout") || message == "Timeout" || is_pytest_timeout(message) =>
            {
                TestOutcome::TimedOut
            }
            "error" | "rerunerror" => TestOutcome::Error,
            "failure" if kind.contains("abort") => TestOutcome::Error,
            "failure" | "rerunfailure" => TestOutcome::Failed,
            "flakyfailure" | "flakyerror" => {
                test.flaky = true;
                return;
            }
            _ => {
                if OMINOUS.iter().any(|part| element.contains(part)) {
                    let element: String = element.chars().take(40).collect();
                    self.run.gaps.push(format!("test `{}` has a `{element}`, which is not known", test.name));
                }
                return;
            }
        };
        if found.is_trouble() && !test.outcome.is_trouble() {
            // The text of a skip says nothing about the error that came after it.
            test.message.clear();
        }
        test.outcome = test.outcome.max(found);
        if found == TestOutcome::Skipped && test.outcome == TestOutcome::Passed {
            test.outcome = TestOutcome::Skipped;
        }
        if test.message.is_empty() {
            test.message = message.to_owned();
        }
    }

    fn end(&mut self, element: &str) {
        self.has_ended |= self.open.is_empty();
        if element == "testsuites" || element == "testsuite" {
            self.suite_ends();
        }
        let tells = ["failure", "error", "rerunfailure", "rerunerror"].contains(&element);
        if element == "testcase" || self.of_suite && tells {
            self.case_ends();
        }
    }

    /// Takes in the test that is being read.
    fn case_ends(&mut self) {
        self.of_suite = false;
        if let Some(mut test) = self.test.take() {
            // pytest names the end of a fixture in the message and its reason in the text.
            if self.run.kind == TestFramework::Pytest
                && test.outcome.is_trouble()
                && is_pytest_timeout(&test.detail)
            {
                test.outcome = TestOutcome::TimedOut;
            }
            let long = if test.message.contains("panicked at ") { &test.detail } else { &test.message };
            let line = headline(long);
            test.message = if line.is_empty() { headline(&test.detail) } else { line };
            if test.outcome == TestOutcome::TimedOut && test.message.is_empty() {
                test.message = "ran out of time".to_owned();
            }
            if self.run.kind != TestFramework::Pytest {
                test.facts.remove("classname");
            }
            self.run.tests.push(test);
            self.suite_of.push(self.suites.last().map_or((0, String::new()), |s| (s.number, s.name.clone())));
        }
    }

    /// Text counts where it reports a failure; what tests print is long and is left where it is.
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
        // Without the file's name, the first letter distinguishes classes from modules.
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

#[cfg(test)]
mod tests {
    use super::*;

    fn outcomes(text: &str) -> Vec<(String, TestOutcome)> {
        let run = read(text).expect("JUnit XML");
        run.tests.into_iter().map(|test| (test.name, test.outcome)).collect()
    }

    /// Jest allows it, and `go test -count` makes them.
    #[test]
    fn of_tests_of_one_name_a_failure_is_not_forgotten_for_a_pass() {
        for cases in [
            "<testcase name=\"a\"><failure/></testcase><testcase name=\"a\"/>",
            "<testcase name=\"a\"/><testcase name=\"a\"><failure/></testcase>",
        ] {
            let text = format!("<testsuite name=\"s\" tests=\"2\" failures=\"1\">{cases}</testsuite>");
            let run = read(&text).expect("JUnit XML");
            assert_eq!((run.counts().trouble(), run.counts().flaky), (1, 0), "{cases}");
        }
        let marked = "<testsuite name=\"s\"><testcase name=\"a\"><flakyFailure/></testcase></testsuite>";
        assert!(read(marked).expect("JUnit XML").tests[0].flaky);
    }

    #[test]
    fn a_test_that_ctest_could_not_run_has_not_been_skipped() {
        for (message, outcome) in [
            ("Unable to find executable", TestOutcome::Error),
            ("Required Files Missing", TestOutcome::Error),
            ("Fixture dependency failed", TestOutcome::Error),
            ("Disabled", TestOutcome::Skipped),
            ("SKIP_RETURN_CODE=77", TestOutcome::Skipped),
        ] {
            let text = format!(
                "<testsuite name=\"s\"><testcase name=\"a\" status=\"notrun\"><skipped message=\"{message}\"/></testcase></testsuite>"
            );
            assert_eq!(outcomes(&text), [("a".to_owned(), outcome)], "{message}");
        }
        let switched_off = "<testsuite name=\"s\"><testcase name=\"a\" status=\"notrun\"/></testsuite>";
        assert_eq!(outcomes(switched_off), [("a".to_owned(), TestOutcome::Skipped)]);
    }

    #[test]
    fn failures_in_unusual_places_count() {
        let failed = |name: &str| (name.to_owned(), TestOutcome::Failed);
        let nested =
            "<testsuite><testcase name=\"a\"><failure/><testcase name=\"b\"/></testcase></testsuite>";
        assert_eq!(outcomes(nested), [failed("a"), ("b".to_owned(), TestOutcome::Passed)]);
        let of_suite = "<testsuite name=\"s\"><error message=\"set-up\"/><testcase name=\"a\"/></testsuite>";
        assert_eq!(outcomes(of_suite)[0], ("s (suite)".to_owned(), TestOutcome::Error));
        for attribute in ["status=\"failed\"", "result=\"Failed\"", "status=\"ERROR\""] {
            assert_eq!(
                outcomes(&format!("<testsuite><testcase name=\"a\" {attribute}/></testsuite>")),
                [failed("a")]
            );
        }
        let capitals = "<TestSuite><TestCase name=\"a\"><Failure/></TestCase></TestSuite>";
        assert_eq!(outcomes(capitals), [failed("a")]);
    }

    #[test]
    fn counts_beyond_reason_are_gaps_and_no_sum_wraps() {
        let most = usize::MAX;
        let suite = format!(
            "<testsuite name=\"s\" tests=\"1\" failures=\"{most}\"><testcase name=\"a\"/></testsuite>"
        );
        let run = read(&format!("<testsuites>{suite}{suite}</testsuites>")).expect("JUnit XML");
        assert!(run.gaps.iter().any(|gap| gap.contains("no count")), "{:?}", run.gaps);
        assert!(run.counts().tests < 100);
    }
}

//! Results of tests as JUnit XML, which continuous integration systems show.
//!
//! Not here: reading it (`triage`), and what counts as a failure.

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};

/// A test and how it ended.
#[derive(Debug, Clone, Copy)]
pub struct TestCase<'a> {
    /// What it belongs to; empty for nothing.
    pub class: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How long it took.
    pub seconds: Option<f64>,
    /// How it ended.
    pub end: End<'a>,
    /// The kind of an end that is no pass, in a program's words; empty where there is one kind.
    pub kind: &'a str,
}

/// How a test ended; where it did not pass, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End<'a> {
    /// As it should.
    Passed,
    /// What was tested is wrong.
    Failed(&'a str),
    /// The test could not be done.
    Error(&'a str),
    /// It was not requested, or does not apply.
    Skipped(&'a str),
}

/// The file: one suite with all tests.
pub fn document(run: &str, suite: &str, cases: &[TestCase<'_>]) -> String {
    let mut out = Writer::new_with_indent(Vec::new(), b' ', 1);
    // Writing to memory cannot fail.
    let _ = write_suites(&mut out, [run, suite], cases);
    String::from_utf8_lossy(&out.into_inner()).into_owned() + "\n"
}

fn write_suites(out: &mut Writer<Vec<u8>>, names: [&str; 2], cases: &[TestCase<'_>]) -> io::Result<()> {
    let count =
        |wanted: fn(&End<'_>) -> bool| cases.iter().filter(|case| wanted(&case.end)).count().to_string();
    let counts = [
        ("tests", cases.len().to_string()),
        ("failures", count(|end| matches!(end, End::Failed(_)))),
        ("errors", count(|end| matches!(end, End::Error(_)))),
        ("skipped", count(|end| matches!(end, End::Skipped(_)))),
    ];
    let counts = || counts.iter().map(|(name, number)| (*name, number.as_str()));
    let [run, suite] = names.map(text);
    out.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = out.create_element("testsuites").with_attribute(("name", &*run)).with_attributes(counts());
    suites.write_inner_content(|out| {
        let element =
            out.create_element("testsuite").with_attribute(("name", &*suite)).with_attributes(counts());
        element.write_inner_content(|out| cases.iter().try_for_each(|case| write_case(out, case)))?;
        Ok(())
    })?;
    Ok(())
}

fn write_case(out: &mut Writer<Vec<u8>>, case: &TestCase<'_>) -> io::Result<()> {
    let [class, name, kind] = [case.class, case.name, case.kind].map(text);
    let seconds = case.seconds.map(|s| format!("{s:.3}")).unwrap_or_default();
    let attributes = [("classname", &class), ("name", &name), ("time", &seconds)];
    let given = attributes.iter().filter(|(key, value)| *key == "name" || !value.is_empty());
    let element =
        out.create_element("testcase").with_attributes(given.map(|(key, value)| (*key, value.as_str())));
    let (tag, why) = match case.end {
        End::Passed => return element.write_empty().map(|_| ()),
        End::Failed(why) => ("failure", why),
        End::Error(why) => ("error", why),
        End::Skipped(why) => ("skipped", why),
    };
    let why = text(why);
    element.write_inner_content(|out| {
        let mut end = out.create_element(tag).with_attribute(("message", &*why));
        if !kind.is_empty() {
            end = end.with_attribute(("type", &*kind));
        }
        end.write_empty().map(|_| ())
    })?;
    Ok(())
}

/// Text that an attribute can hold: XML has no control characters, whatever is put in their place.
fn text(text: &str) -> String {
    text.replace(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'), " ")
}

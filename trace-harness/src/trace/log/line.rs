//! One text line of a trace: prefix, level and what follows.
//!
//! Not here: the numbers in it (`crate::numbers`), what came before (`reader`).

use nanobragg::Pixel;

use crate::trace::log::LineError;

/// What a line of a trace begins with.
const PREFIX: &str = "TRACE_";

/// A trace line taken apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LineForm<'a> {
    /// `TRACE_X: key value…`
    Value { label: &'a str, key: &'a str, value: &'a str },
    /// `TRACE_X:key=value`
    SetUp { label: &'a str, key: &'a str, value: &'a str },
    /// `TRACE_X_SOURCE n: key value…`
    Source { label: &'a str, source: i32, key: &'a str, value: &'a str },
    /// `TRACE_X_LEVEL name=value…`
    Record { label: &'a str, level: &'a str, fields: &'a str },
    /// `TRACE_X_LEVEL: value`
    Level { label: &'a str, level: &'a str, value: &'a str },
    /// The pixel that follows.
    Pixel(Pixel),
    /// Begins like a trace, carries nothing.
    Mark,
}

/// The trace line in `text`, which may begin behind a warning without an end of its own; `None` for any other line.
///
/// # Errors
/// What follows the prefix has none of the forms.
pub(super) fn parse(text: &str) -> Option<Result<LineForm<'_>, LineError>> {
    let at = if text.starts_with(PREFIX) { 0 } else { text.find(PREFIX)? };
    let rest = &text[at + PREFIX.len()..];
    let end = rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit())).unwrap_or(rest.len());
    let (label, rest) = rest.split_at(end);
    if label.is_empty() {
        return None;
    }
    Some(match rest.as_bytes().first() {
        Some(b':') if label == "CONFIG" => configuration(rest),
        Some(b':') => colon(label, &rest[1..]),
        Some(b'_') => level(label, &rest[1..]),
        _ => return None,
    })
}

/// Whether a line is one of a trace from its first character on.
pub(super) fn begins(text: &str) -> bool {
    text.starts_with(PREFIX) && parse(text).is_some()
}

fn colon<'a>(label: &'a str, rest: &'a str) -> Result<LineForm<'a>, LineError> {
    match rest.strip_prefix(' ') {
        Some(rest) => key_and_value(rest).map(|(key, value)| LineForm::Value { label, key, value }),
        None => match rest.split_once('=') {
            Some((key, value)) if is_key(key) => Ok(LineForm::SetUp { label, key, value }),
            _ => Err(LineError::Equation { found: rest.to_owned() }),
        },
    }
}

fn key_and_value(text: &str) -> Result<(&str, &str), LineError> {
    let text = text.trim();
    let (key, value) = text.split_once(' ').unwrap_or((text, ""));
    match (key.is_empty(), value.is_empty()) {
        (true, _) => Err(LineError::Empty),
        (_, true) => Err(LineError::KeyAlone { key: key.to_owned() }),
        _ => Ok((key, value)),
    }
}

/// `TRACE_CONFIG: tracing pixel (spixel=20, fpixel=30)`
fn configuration(rest: &str) -> Result<LineForm<'_>, LineError> {
    let after = |name: &str| -> Option<usize> {
        let digits = &rest[rest.find(name)? + name.len()..];
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok()
    };
    match (after("spixel="), after("fpixel=")) {
        (Some(slow), Some(fast)) => Ok(LineForm::Pixel(Pixel { slow, fast })),
        // A pixel without a name would be compared with any other.
        _ if rest.contains("tracing pixel") => Err(LineError::Announcement { found: rest.trim().to_owned() }),
        _ => Ok(LineForm::Mark),
    }
}

fn level<'a>(label: &'a str, rest: &'a str) -> Result<LineForm<'a>, LineError> {
    let end = rest.find([' ', ':']).unwrap_or(rest.len());
    let (level, rest) = rest.split_at(end);
    if level == "PIXEL" {
        let mut numbers = rest.split_ascii_whitespace().map(str::parse);
        return match (numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(slow)), Some(Ok(fast)), None) => Ok(LineForm::Pixel(Pixel { slow, fast })),
            _ => Err(LineError::Pixel { found: rest.trim().to_owned() }),
        };
    }
    if !is_key(level) {
        return Err(LineError::Level { found: level.to_owned() });
    }
    if let Some(value) = rest.strip_prefix(':') {
        return Ok(LineForm::Level { label, level, value: value.trim() });
    }
    let rest = rest.trim();
    if rest.is_empty() {
        return Ok(LineForm::Mark);
    }
    if level == "SOURCE" {
        let source = rest.split_once(':').and_then(|(n, rest)| Some((n.trim().parse().ok()?, rest)));
        let (source, rest) = source.ok_or_else(|| LineError::Source { found: rest.to_owned() })?;
        return key_and_value(rest).map(|(key, value)| LineForm::Source { label, source, key, value });
    }
    Ok(LineForm::Record { label, level, fields: rest })
}

/// A line `key = value` without a prefix, whose value begins with a number.
pub(super) fn bare(text: &str) -> Option<(&str, &str)> {
    let (key, value) = text.split_once('=')?;
    let (key, value) = (key.trim(), value.trim());
    let number = value.split([' ', ',']).next().and_then(crate::numbers::number);
    (is_key(key) && number.is_some()).then_some((key, value))
}

/// Whether a word can be a key.
pub(super) fn is_key(text: &str) -> bool {
    let inside = |c: char| c.is_alphanumeric() || "_.-".contains(c);
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_that_are_none_are_other_lines() {
        for text in ["TRACE", "TRACE_", "TRACE_lower: a 1", "my TRACE_ of it", "TRACE_C", ""] {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_key_of_a_set_up_line_is_one_word() {
        assert!(parse("TRACE_C:two words=1").unwrap().is_err());
        assert!(parse("TRACE_C_: 1").unwrap().is_err());
        assert!(parse("TRACE_C_:").unwrap().is_err());
        let setup = LineForm::SetUp { label: "C", key: "a", value: "x=1" };
        assert_eq!(parse("TRACE_C:a=x=1").unwrap().unwrap(), setup);
    }
}

//! Lines of console text against templates: literal text with `{}` where a value stands.
//!
//! Not here: which lines there are (`known`).

/// The texts that stand where `template` has `{}`, if `line` is such a line. Only one at the
/// very end may be empty or have blanks in it.
pub(crate) fn captures<'l>(template: &str, line: &'l str) -> Option<Vec<&'l str>> {
    let mut literals = template.split("{}");
    let mut rest = line.strip_prefix(literals.next()?)?;
    let mut found = Vec::new();
    let mut literals = literals.peekable();
    while let Some(literal) = literals.next() {
        let last = literals.peek().is_none();
        let end = match (literal.is_empty(), last) {
            (true, true) => rest.len(),
            (_, true) => rest.len().checked_sub(literal.len()).filter(|_| rest.ends_with(literal))?,
            _ => rest.find(literal)?,
        };
        let text = &rest[..end];
        if !(last && literal.is_empty()) && (text.is_empty() || text.contains(' ')) {
            return None;
        }
        found.push(text);
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_template_has_braces() {
        let all = captures("distance={} detsize={}x{} pixel", "distance=0.1 detsize=5e-05x2 pixel");
        assert_eq!(all.unwrap(), ["0.1", "5e-05", "2"]);
        assert_eq!(captures("pivoting around {}", "pivoting around direct beam").unwrap(), ["direct beam"]);
        assert_eq!(captures("{}x{} steps{}", "2x2 steps").unwrap(), ["2", "2", ""]);
        assert_eq!(captures("on", "on").unwrap(), Vec::<&str>::new());
    }

    #[test]
    fn other_lines_do_not_fit() {
        assert_eq!(captures("{} sources", "created a total of 1 sources:"), None);
        assert_eq!(captures("{} sources", "1 sources:"), None);
        assert_eq!(captures("wave={} m", "wave= m"), None);
        assert_eq!(captures("{} a {}", "x y a z"), None);
        assert_eq!(captures("on", "on and on"), None);
    }
}

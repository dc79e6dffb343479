//! Words of a plan that look like passwords, which a bundle would keep and pass on.
//!
//! Not here: leaving them out (`evidence::bundle::paths`).

use std::sync::LazyLock;

use regex::Regex;

use crate::plan::Plan;

/// A password in an address: `scheme://user:password@host`.
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[A-Za-z][\w+.-]*://[^/\s:@]*:[^/\s@]+@").ok());
/// A word that names a secret, as an option or a variable: `--password`, `API_KEY`.
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^-{0,2}(\w+[-_])*(password|passwd|passphrase|token|secret|(api|access|private|secret)[-_]?key)$").ok()
});

/// Where the plan seems to hold a password that none of `redacted` leaves out, one sentence each. The password is not repeated.
pub fn suspicions(plan: &Plan, redacted: &[Regex]) -> Vec<String> {
    let kept = |text: &str| {
        redacted.iter().fold(text.to_owned(), |text, pattern| pattern.replace_all(&text, "").into_owned())
    };
    let mut found = Vec::new();
    for step in &plan.steps {
        let mut suspect = |place: String| {
            found.push(format!(
                "step `{}`: {place} looks like a password, which the bundle would keep",
                step.name
            ));
        };
        let arguments: Vec<String> = step.command.iter().map(|word| kept(word)).collect();
        for (number, word) in arguments.iter().enumerate() {
            let named =
                number > 0 && is_name(&arguments[number - 1]) && arguments[number - 1].starts_with('-');
            let assigned =
                word.split_once('=').is_some_and(|(name, value)| is_name(name) && !value.is_empty());
            if !word.is_empty() && (named && !word.starts_with('-') || assigned || holds_address(word)) {
                suspect(format!("word {number} of the command"));
            }
        }
        for (name, value) in &step.export {
            let value = kept(value);
            if !value.is_empty() && (is_name(name) || holds_address(&value)) {
                suspect(format!("the value of `{name}`"));
            }
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    NAME.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

fn holds_address(text: &str) -> bool {
    ADDRESS.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn suspicions_of(arguments: &[&str], redacted: &str) -> Vec<String> {
        let plan = Plan::of_command("t".into(), arguments.iter().map(|w| (*w).to_owned()).collect(), None);
        let patterns: Vec<Regex> =
            [redacted].iter().filter(|p| !p.is_empty()).map(|p| Regex::new(p).unwrap()).collect();
        suspicions(&plan, &patterns)
    }

    #[test]
    fn what_looks_like_a_password_is_named_by_its_place_and_not_repeated() {
        for arguments in [
            ["get", "--password", "hunter2"],
            ["get", "x", "--api-key=hunter2"],
            ["get", "x", "https://ann:hunter2@example.org/a"],
            ["get", "x", "MY_TOKEN=hunter2"],
        ] {
            let found = suspicions_of(&arguments, "");
            assert!(
                found.len() == 1 && found[0].contains("word 2 ") && !found[0].contains("hunter2"),
                "{found:?}"
            );
            assert!(suspicions_of(&arguments, "hunter2").is_empty(), "{arguments:?}");
        }
        for arguments in
            [["get", "--tokenize", "x"], ["get", "-hkl", "P1.hkl"], ["get", "http://example.org:80/a", "b@c"]]
        {
            assert!(suspicions_of(&arguments, "").is_empty(), "{arguments:?}");
        }
        let mut plan = Plan::of_command("t".into(), vec!["true".into()], None);
        plan.steps[0].export.insert("DB_PASSWORD".into(), "hunter2".into());
        assert!(suspicions(&plan, &[])[0].contains("the value of `DB_PASSWORD`"));
    }
}

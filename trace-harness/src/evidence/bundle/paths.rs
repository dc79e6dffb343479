//! Machine paths in recorded texts become tokens, so that a bundle means the same on another machine.
//!
//! Not here: resolving tokens when a bundle is run again (`rerun`).

use std::path::Path;

use regex::Regex;

use crate::evidence::bundle::BundleError;

/// Which paths become which tokens, and whether others may name a home folder.
#[derive(Debug, Clone, Default)]
pub struct Paths {
    /// Longest path first.
    rules: Vec<(String, String)>,
    keep: bool,
    redacted: Vec<Regex>,
}

/// What stands where text was left out.
pub const REDACTED: &str = "{redacted}";

/// What stands in bundles for a folder, for what was left out, and how files and programs begin: a second run puts those of its own there.
const TOKENS: [&str; 6] = ["{work}", "{out}", "{tmp}", REDACTED, "{input:", "{bin:"];

/// What `text` has of what bundles write for something else: in a word of a user it would be taken for that.
pub fn token_in(text: &str) -> Option<&'static str> {
    TOKENS.into_iter().find(|token| text.contains(token))
}

/// Refuses a folder whose path no text can have, and so none of a bundle.
///
/// # Errors
/// It is no UTF-8.
pub fn recordable(folder: &Path) -> Result<(), BundleError> {
    match folder.to_str() {
        Some(_) => Ok(()),
        None => {
            let problem = "is no UTF-8; expected a folder whose path evidence can record".to_owned();
            Err(BundleError::Unfit { path: folder.to_owned(), problem })
        }
    }
}

impl Paths {
    /// No tokens yet. With `keep`, paths under home folders are recorded as they are.
    pub fn new(keep: bool) -> Self {
        Self { rules: Vec::new(), keep, redacted: Vec::new() }
    }

    /// From now on `path`, and what lies below it, is written with `token`.
    pub fn add(&mut self, path: &Path, token: impl Into<String>) {
        // A path that is not UTF-8 cannot be part of recorded text, so it needs no token.
        if let Some(text) = path.to_str().filter(|t| t.len() > 1) {
            self.rules.push((text.trim_end_matches('/').to_owned(), token.into()));
            self.rules.sort_by_key(|(path, _)| std::cmp::Reverse(path.len()));
        }
    }

    /// From now on what matches `pattern` is left out.
    pub fn redact(&mut self, pattern: Regex) {
        self.redacted.push(pattern);
    }

    /// What is left out.
    pub fn redacted(&self) -> &[Regex] {
        &self.redacted
    }

    /// A path that is written as `token`.
    pub fn path_of(&self, token: &str) -> Option<&Path> {
        self.rules.iter().find(|(_, its)| its == token).map(|(path, _)| Path::new(path))
    }

    /// `text` with every known path replaced.
    ///
    /// # Errors
    /// What is left names a path under a home folder, and those are not kept.
    pub fn record(&self, text: &str) -> Result<String, BundleError> {
        let kept = self
            .redacted
            .iter()
            .fold(text.to_owned(), |text, pattern| pattern.replace_all(&text, REDACTED).into_owned());
        let out = self.rules.iter().fold(kept, |out, (path, token)| replace(&out, path, token));
        match self.keep || !names_a_home(&out) {
            true => Ok(out),
            false => Err(BundleError::HomePath(text.to_owned())),
        }
    }
}

/// Replaces `path` by `token` where it stands as a path of its own or as the start of a longer one.
fn replace(text: &str, path: &str, token: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(path) {
        let after = &rest[at + path.len()..];
        let whole = !after.starts_with(|c: char| c.is_alphanumeric() || "_-.+~".contains(c));
        let starts = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.+~/".contains(c));
        out.push_str(&rest[..at]);
        out.push_str(if whole && starts { token } else { path });
        rest = after;
    }
    out + rest
}

/// Whether a text names a place under somebody's home folder, of this machine or by custom.
pub fn names_a_home(text: &str) -> bool {
    let own = std::env::var("HOME").ok().filter(|h| h.len() > 1);
    let customary = ["/home/", "/Users/", "/root/"];
    let starts = |needle: &str| {
        text.match_indices(needle).any(|(at, _)| {
            // `/data/home/x` is not under a home folder: the match has to begin the path.
            !text[..at].ends_with(|c: char| c.is_alphanumeric() || "_-.}".contains(c))
        })
    };
    customary.iter().any(|c| starts(c))
        || own.is_some_and(|h| starts(&format!("{}/", h.trim_end_matches('/'))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_paths_become_tokens_the_longest_first() {
        let mut paths = Paths::new(false);
        paths.add(Path::new("/home/ann/run"), "{work}");
        paths.add(Path::new("/home/ann/run/out"), "{out}");
        let text = "-hkl /home/ann/run/a.hkl -o /home/ann/run/out/x.bin /opt/home/ann/run";
        assert_eq!(paths.record(text).unwrap(), "-hkl {work}/a.hkl -o {out}/x.bin /opt/home/ann/run");
    }

    #[test]
    fn what_is_to_be_left_out_is() {
        let mut paths = Paths::new(false);
        paths.redact(Regex::new("hunter[0-9]").unwrap());
        paths.add(Path::new("/a/b"), "{work}");
        assert_eq!(paths.record("-p hunter2 /a/b/hunter3").unwrap(), "-p {redacted} {work}/{redacted}");
    }

    #[test]
    fn a_home_folder_is_refused_unless_kept() {
        for text in ["/home/ann/x", "--in=/Users/ann/x", concat!("/root", "/x")] {
            assert!(matches!(Paths::new(false).record(text), Err(BundleError::HomePath(_))), "{text}");
            assert_eq!(Paths::new(true).record(text).unwrap(), text);
        }
        assert!(Paths::new(false).record("/data/home/x and /srv/Users/x").is_ok());
    }

    #[test]
    fn a_path_that_only_begins_the_same_is_another_path() {
        let mut paths = Paths::new(true);
        paths.add(Path::new("/a/b"), "{work}");
        assert_eq!(paths.record("/a/bc /a/b.x /a/b/c (/a/b)").unwrap(), "/a/bc /a/b.x {work}/c ({work})");
    }
}

//! Keys that one of two traces may lack.
//!
//! Not here: finding out which are missing (`compare`).

/// Stands for the keys of set-up lines among keys that may be missing.
pub const SET_UP: &str = "set-up";

/// What the JSON lines of a pixel have beyond its text lines.
pub const JSON_ALONE: &str = "term";

/// Patterns of keys: `*` at the end stands for any rest, [`SET_UP`] for all set-up lines.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    patterns: Vec<String>,
    set_up: bool,
}

impl Allowed {
    /// What `patterns` allow.
    pub fn new(patterns: &[String]) -> Self {
        Self { patterns: patterns.to_vec(), set_up: patterns.iter().any(|p| p == SET_UP) }
    }

    /// Whether a key may be missing; `set_up` says that it is missing among set-up lines.
    pub fn allows(&self, key: &str, set_up: bool) -> bool {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => key.starts_with(start),
            None => pattern == key,
        };
        set_up && self.set_up || self.patterns.iter().any(fits)
    }
}

//! What a check prints when it ends, for people or for programs.
//!
//! Not here: what a failure prints (`evidence::failure`).

use serde_json::Value;

use crate::commands::checks::failure::CheckFailure;
use crate::commands::print_line;

/// The result of a check as printed.
#[derive(Debug, Clone)]
pub struct CheckOutput {
    /// For people.
    pub text: String,
    /// For programs.
    pub value: Value,
}

impl CheckOutput {
    /// Adds a field and a line.
    pub fn add(&mut self, name: &str, value: Value, line: &str) {
        self.text = format!("{}\n{line}", self.text);
        if let Some(object) = self.value.as_object_mut() {
            object.insert(name.to_owned(), value);
        }
    }

    /// Prints one of the two. A reader that has gone has read enough.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn print(&self, json: bool) -> Result<(), CheckFailure> {
        Ok(if json { print_line(&format!("{:#}", self.value)) } else { print_line(&self.text) }?)
    }
}

//! What a check says when it is done, for people or for programs.
//!
//! Not here: what a failure prints (`evidence::failure`).

use serde_json::Value;

use crate::commands::checks::failure::CheckFailure;
use crate::commands::print_line;

/// What a command has to say, for people and for programs.
#[derive(Debug, Clone)]
pub struct Said {
    /// For people.
    pub text: String,
    /// For programs.
    pub value: Value,
}

impl Said {
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

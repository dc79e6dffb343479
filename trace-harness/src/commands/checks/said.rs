//! What a check says when it is done, for people or for programs.
//!
//! Not here: what a failure prints (`evidence::failure`).

use std::io::Write;

use serde_json::Value;

use crate::commands::checks::failure::CheckFailure;
use crate::evidence::failure::SystemError;

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
        let text = if json { format!("{:#}\n", self.value) } else { format!("{}\n", self.text) };
        match std::io::stdout().write_all(text.as_bytes()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(SystemError::StandardOutput(e).into())
            }
            _ => Ok(()),
        }
    }
}

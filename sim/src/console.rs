//! The terminal: summary on standard output, warnings and errors on standard error, a progress bar where there is a
//! terminal to show it.
//!
//! Not here: the texts.

use crate::error::{Error, OutputError};
use crate::terminal::message;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::HashSet;
use std::io::{ErrorKind, IsTerminal, Write};
use std::sync::{Mutex, OnceLock, PoisonError};

/// The process's standard streams. A reader that has gone away is not an error; a full device is.
#[derive(Debug)]
pub struct Console {
    stderr_is_terminal: bool,
    /// Why some text did not reach standard output; the first reason stays.
    refused: OnceLock<std::io::Error>,
    /// Warnings so far, where each is given once.
    warned: Option<Mutex<HashSet<String>>>,
}

impl Console {
    /// The standard streams.
    pub fn standard() -> Self {
        Self { stderr_is_terminal: std::io::stderr().is_terminal(), refused: OnceLock::new(), warned: None }
    }

    /// The same streams, which give a warning that several runs have once.
    pub fn saying_once() -> Self {
        Self { warned: Some(Mutex::default()), ..Self::standard() }
    }

    /// Prints on standard output. What goes wrong ends the summary, not the run: its files are still wanted. See
    /// [`Console::lost_text`].
    pub fn print(&self, text: &str) {
        let mut out = std::io::stdout().lock();
        if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            let _ = self.refused.set(error);
        }
    }

    /// Whether all that was printed has arrived, or nobody wants to read it.
    ///
    /// # Errors
    /// Why standard output took no more, such as a full device.
    pub fn lost_text(self) -> Result<(), OutputError> {
        match self.refused.into_inner() {
            Some(source) if source.kind() != ErrorKind::BrokenPipe => {
                Err(OutputError { path: "standard output".into(), source })
            }
            _ => Ok(()),
        }
    }

    /// One warning on standard error.
    pub fn warn(&self, text: &str) {
        // What a panic left in the lock is still a set of texts.
        let first = |warned: &Mutex<HashSet<String>>| {
            warned.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned())
        };
        if !self.warned.as_ref().is_none_or(first) {
            return;
        }
        self.say("warning", AnsiColor::Yellow, text);
    }

    /// One error on standard error, with its hint on a line of its own.
    pub fn error(&self, error: &Error) {
        self.say("error", AnsiColor::Red, &error.to_string());
        if !error.hint().is_empty() {
            self.say("hint", AnsiColor::Cyan, error.hint());
        }
    }

    fn say(&self, label: &str, color: AnsiColor, text: &str) {
        let style = Style::new().bold().fg_color(Some(color.into()));
        // anstream drops the colour where there is no terminal, or where NO_COLOR asks for it.
        // Names and files of somebody else are in it.
        let _ = writeln!(anstream::stderr().lock(), "{style}{label}:{style:#} {}", message(&text));
    }

    /// A progress bar over `rows`; none where it is not wanted or there is no terminal.
    pub fn progress(&self, rows: usize, wanted: bool) -> Option<ProgressBar> {
        self.bar(rows, wanted, "rendering {bar:40} {percent:>3}% of {len} rows, {eta} left")
    }

    /// As [`Console::progress`], over images.
    pub fn progress_of_images(&self, images: usize, wanted: bool) -> Option<ProgressBar> {
        self.bar(images, wanted, "rendering {bar:40} image {pos} of {len}, {per_sec}, {eta} left")
    }

    fn bar(&self, length: usize, wanted: bool, template: &str) -> Option<ProgressBar> {
        if !(wanted && self.stderr_is_terminal) {
            return None;
        }
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Some(ProgressBar::new(length as u64).with_style(style))
    }
}

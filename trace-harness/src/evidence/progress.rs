//! How far a long command is, on a terminal; elsewhere nothing.
//!
//! Not here: what is counted.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A bar over `count` things called `things` on standard error; hidden where that is no terminal or JSON is requested.
pub fn bar(count: usize, things: &str, json: bool) -> ProgressBar {
    if json || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(&format!(
        "{{bar:40}} {{pos}} of {{len}} {things}, {{eta}} left  {{msg}}"
    ));
    let bar = ProgressBar::new(count as u64);
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

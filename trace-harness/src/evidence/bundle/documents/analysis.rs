//! `analysis.md`: what a bundle came to, for people, in one layout.
//!
//! Not here: what a kind of bundle has to say; it comes in as Markdown.

use crate::evidence::bundle::summary::{Step, Summary};
use crate::evidence::page::markdown;

/// The text of `analysis.md`: title, verdict, `body`, commands, files, open points.
pub fn render(summary: &Summary, body: &str) -> String {
    let mut text = format!(
        "# {}\n\n{}: {}\n",
        markdown::text(&summary.title),
        summary.verdict,
        markdown::text(&summary.reason)
    );
    if !body.trim().is_empty() {
        text += &format!("\n{}\n", body.trim());
    }
    text += &commands(&summary.steps);
    text += &files(&summary.steps);
    text += "\n## Open points\n\n";
    if summary.open_points.is_empty() {
        text += "None noted.\n";
    }
    text + &summary
        .open_points
        .iter()
        .map(|point| format!("- {}\n", markdown::text(point)))
        .collect::<String>()
}

fn commands(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "\n## Commands\n\nNothing was run.\n".to_owned();
    }
    let seconds = |v: Option<f64>| v.map_or("-".to_owned(), |s| format!("{s:.3}"));
    let mut text = "\n## Commands\n\n".to_owned();
    text += &markdown::head(&["step", "outcome", "wall s", "processor s", "peak MiB"]);
    for step in steps {
        let peak = step.peak_memory_bytes.map(|bytes| bytes as f64 / f64::from(1 << 20));
        text += &markdown::row(&[
            markdown::text(&step.name),
            markdown::text(&step.status.text()),
            seconds(step.wall_s),
            seconds(step.cpu_s),
            peak.map_or("-".to_owned(), |mib| format!("{mib:.1}")),
        ]);
    }
    text
}

fn files(steps: &[Step]) -> String {
    let produced: String =
        steps.iter().flat_map(|s| &s.outputs).map(|o| format!("- {}\n", markdown::code(&o.path))).collect();
    let produced = if produced.is_empty() { "None.\n".to_owned() } else { produced };
    format!("\n## Files produced\n\n{produced}")
}

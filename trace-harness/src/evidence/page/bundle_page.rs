//! The page of a bundle: verdict, commands with their measures, environment.
//!
//! Not here: the figures of a particular kind of bundle; they come in as markup.

use maud::{Markup, html};

use crate::evidence::bundle::documents::commands::line;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::summary::{Step, Summary};
use crate::evidence::page::{page, section, table};
use crate::evidence::verdict::Verdict;

/// The page of a bundle with `sections` between the verdict and the commands.
pub fn bundle_page(
    summary: &Summary,
    environment: &Environment,
    sections: &Markup,
    script: &'static str,
) -> String {
    let body = html! {
        main {
            h1 { (summary.title) }
            (verdict_line(summary.verdict, summary.verdict.word(), &summary.reason))
            p.soft { (summary.kind) ", " (summary.created) }
            (sections)
            (steps_section(&summary.steps))
            (inputs_section(summary))
            (environment_section(environment))
        }
    };
    page(&format!("{}: {}", summary.verdict, summary.title), &body, script)
}

/// The line of a page that says what it came to: the verdict in the page's own `word`, and why.
pub fn verdict_line(verdict: Verdict, word: &str, reason: &str) -> Markup {
    html! {
        p class={ "verdict " (verdict.word()) } id="verdict" { strong { (word) } " " span { (reason) } }
    }
}

/// More commands than this are folded away.
const MANY: usize = 8;

/// All commands, each as a shell would take it, with its measures.
pub(super) fn steps_section(steps: &[Step]) -> Markup {
    let all = html! { @for step in steps { (step_part(step)) } };
    let content = html! {
        @if steps.is_empty() {
            p { "Nothing was run; the files under Inputs were read as they are." }
        }
        // A matrix has hundreds: they are evidence, and not what is read first.
        @if steps.len() > MANY {
            details {
                summary { (steps.len()) " commands" }
                (all)
            }
        } @else {
            (all)
        }
    };
    section("commands", "Commands", &content)
}

fn step_part(step: &Step) -> Markup {
    let measures = match (step.wall_s, step.cpu_s, step.peak_memory_bytes) {
        (Some(wall), Some(cpu), Some(peak)) => {
            let mib = peak as f64 / f64::from(1 << 20);
            format!(", {wall:.3} s wall, {cpu:.3} s processor, {mib:.1} MiB at most")
        }
        _ => String::new(),
    };
    html! {
        h3 { (step.name) }
        p { (step.status.text()) (measures) }
        pre { (line(step)) }
    }
}

fn inputs_section(summary: &Summary) -> Markup {
    if summary.inputs.is_empty() {
        return Markup::default();
    }
    let rows: Vec<Vec<String>> = summary
        .inputs
        .iter()
        .map(|i| {
            let stored = i.stored.clone().unwrap_or_else(|| "recorded, not copied".to_owned());
            vec![i.name.clone(), i.bytes.to_string(), i.sha256.clone(), stored]
        })
        .collect();
    section(
        "inputs",
        "Inputs",
        &table("Files that were read", &["name", "bytes", "SHA-256", "in this bundle"], &rows),
    )
}

/// The machine and the programs.
pub(super) fn environment_section(env: &Environment) -> Markup {
    let text = |number: Option<u64>| number.map_or("unknown".to_owned(), |n| n.to_string());
    let mut rows: Vec<(String, String)> = vec![
        ("operating system".into(), env.os.clone()),
        ("kernel".into(), env.kernel.clone()),
        ("processor".into(), env.cpu.clone()),
        ("cores".into(), text(env.cores.map(|c| c as u64))),
        ("memory in bytes".into(), text(env.memory_bytes)),
        ("C library".into(), env.libc.clone()),
        ("git commit".into(), env.git_commit.clone()),
        ("uncommitted changes".into(), env.git_dirty.clone()),
    ];
    for group in [&env.toolchain, &env.crates, &env.variables, &env.accelerators] {
        rows.extend(group.iter().map(|(k, v)| (k.clone(), v.clone())));
    }
    rows.extend(
        env.binaries.iter().map(|b| (b.name.clone(), format!("{}; SHA-256 {}", b.version, b.sha256))),
    );
    let rows: Vec<Vec<String>> = rows.into_iter().map(|(k, v)| vec![k, v]).collect();
    section("environment", "Environment", &table("Where this was made", &["what", "value"], &rows))
}

//! The page of a bundle: verdict, commands with their measures, environment.
//!
//! Not here: the figures of a particular kind of bundle; they come in as ready HTML.

use std::fmt::Write;

use crate::evidence::bundle::documents::commands::quote;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::summary::{Step, Summary};
use crate::evidence::page::{escape, page, table};

/// The page of a bundle with `sections` (HTML) between the verdict and the commands.
pub fn bundle_page(summary: &Summary, environment: &Environment, sections: &str, script: &str) -> String {
    let mut body = format!("<main>\n<h1>{}</h1>\n", escape(&summary.title));
    body += &verdict_line(summary);
    // Writing to a string cannot fail.
    let _ = writeln!(body, "<p class=\"soft\">{}, {}</p>", escape(&summary.kind), escape(&summary.created));
    body += sections;
    body += &steps_section(&summary.steps);
    body += &inputs_section(summary);
    body += &environment_section(environment);
    body += "</main>";
    page(&format!("{}: {}", summary.verdict, summary.title), &body, script)
}

/// The line of the page that says what the bundle came to.
pub fn verdict_line(summary: &Summary) -> String {
    format!(
        "<p class=\"verdict {0}\" id=\"verdict\"><strong>{0}</strong> <span>{1}</span></p>\n",
        summary.verdict,
        escape(&summary.reason)
    )
}

/// More commands than this are folded away.
const MANY: usize = 8;

/// All commands, each as a shell would take it, with its measures.
pub fn steps_section(steps: &[Step]) -> String {
    let mut out = String::from("<section aria-labelledby=\"commands\">\n<h2 id=\"commands\">Commands</h2>\n");
    if steps.is_empty() {
        out += "<p>Nothing was run; the files under Inputs were read as they are.</p>\n";
    }
    // A matrix has hundreds: they are evidence, and not what is read first.
    let folded = steps.len() > MANY;
    if folded {
        let _ = writeln!(out, "<details>\n<summary>{} commands</summary>", steps.len());
    }
    for step in steps {
        let words: Vec<String> = step.command.iter().map(|w| quote(w)).collect();
        let measures = match (step.wall_s, step.cpu_s, step.peak_memory_bytes) {
            (Some(wall), Some(cpu), Some(peak)) => {
                let mib = peak as f64 / f64::from(1 << 20);
                format!(", {wall:.3} s wall, {cpu:.3} s processor, {mib:.1} MiB at most")
            }
            _ => String::new(),
        };
        let status = step.status.text();
        let _ = writeln!(
            out,
            "<h3>{}</h3>\n<p>{}{measures}</p>\n<pre>{}</pre>",
            escape(&step.name),
            escape(&status),
            escape(&words.join(" "))
        );
    }
    if folded {
        out += "</details>\n";
    }
    out + "</section>\n"
}

fn inputs_section(summary: &Summary) -> String {
    if summary.inputs.is_empty() {
        return String::new();
    }
    let rows: Vec<Vec<String>> = summary
        .inputs
        .iter()
        .map(|i| {
            let stored = i.stored.clone().unwrap_or_else(|| "recorded, not copied".to_owned());
            vec![i.name.clone(), i.bytes.to_string(), i.sha256.clone(), stored]
        })
        .collect();
    format!(
        "<section aria-labelledby=\"inputs\">\n<h2 id=\"inputs\">Inputs</h2>\n{}</section>\n",
        table("Files that were read", &["name", "bytes", "SHA-256", "in this bundle"], &rows)
    )
}

/// The machine and the programs.
pub fn environment_section(env: &Environment) -> String {
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
    format!(
        "<section aria-labelledby=\"environment\">\n<h2 id=\"environment\">Environment</h2>\n{}</section>\n",
        table("Where this was made", &["what", "value"], &rows)
    )
}

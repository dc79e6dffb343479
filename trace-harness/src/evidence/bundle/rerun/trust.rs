//! What a bundle may ask of this machine when it is run again, and what a person is shown before it is.
//!
//! Not here: whether the bundle is what was written (`verify`).

use std::path::{Component, Path};

use crate::evidence::bundle::documents::commands::quote;
use crate::evidence::bundle::paths::REDACTED;
use crate::evidence::bundle::summary::{Summary, Tolerance};
use crate::evidence::terminal::visible;

/// Variables that change which code a program runs, whatever its command says: of the loader, of shells, and of interpreters.
const DANGEROUS: &[&str] = &[
    "BASHOPTS",
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "GCONV_PATH",
    "GLOBIGNORE",
    "HOSTALIASES",
    "IFS",
    "LOCPATH",
    "NLSPATH",
    "PATH",
    "PROMPT_COMMAND",
    "PS4",
    "SHELL",
    "SHELLOPTS",
    "TERMINFO",
];
/// The same by how they begin.
const DANGEROUS_START: &[&str] = &[
    "BASH_FUNC",
    "CARGO",
    "CLASSPATH",
    "DOTNET_",
    "DYLD_",
    "GIT_",
    "GLIBC_TUNABLES",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "LD_",
    "LUA_",
    "MALLOC_",
    "NODE_",
    "PERL",
    "PYTHON",
    "RUBY",
    "RUST",
    "_JAVA_OPTIONS",
];

/// Why the bundle cannot be run again here, whoever wrote it; `None` if it may.
pub fn refusal(summary: &Summary) -> Option<String> {
    summary.steps.iter().filter(|step| step.is_run_again()).find_map(|step| {
        let name = &step.name;
        if let Some(variable) = step.exported.keys().find(|variable| is_dangerous(variable)) {
            return Some(format!(
                "step `{name}` exports `{variable}`, which changes what programs run; run its commands by hand if you trust it"
            ));
        }
        if step.command.iter().chain(step.exported.values()).any(|text| text.contains(REDACTED)) {
            return Some(format!("step `{name}` has words that were left out of the bundle; run it by hand with them"));
        }
        (!is_own_folder(&step.folder)).then(|| {
            format!("step `{name}` works in `{}`; expected a folder of its own, below {{work}} or {{out}}", step.folder)
        })
    })
}

/// Whether a variable changes which code a program runs.
fn is_dangerous(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    DANGEROUS.contains(&name.as_str()) || DANGEROUS_START.iter().any(|start| name.starts_with(start))
}

/// Whether a recorded folder is one that the second run makes for itself.
fn is_own_folder(folder: &str) -> bool {
    let below = ["{work}", "{out}", "{tmp}"].iter().find_map(|token| folder.strip_prefix(token));
    below.is_some_and(|rest| {
        let relative = rest.strip_prefix('/').unwrap_or(rest);
        (rest.is_empty() || rest.starts_with('/'))
            && Path::new(relative).components().all(|part| matches!(part, Component::Normal(_)))
    })
}

/// What would be run, for a person to agree to: commands, folders, variables and tolerances.
pub fn preview(summary: &Summary) -> String {
    let mut text = String::new();
    for step in summary.steps.iter().filter(|step| step.is_run_again()) {
        let words: Vec<String> = step.command.iter().map(|word| quote(word)).collect();
        let mut line = |head: &str, told: &str| text += &format!("{head}{}\n", visible(told));
        line("", &step.name);
        line("  command  ", &words.join(" "));
        line("  folder   ", &step.folder);
        for (name, value) in &step.exported {
            line("  export   ", &format!("{name}={}", quote(value)));
        }
        for output in step.outputs.iter().filter(|output| output.tolerance != Tolerance::Exact) {
            line("  compare  ", &format!("{} {}", output.path, output.tolerance.to_text()));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_change_what_runs_are_dangerous_and_others_are_not() {
        for name in
            ["LD_PRELOAD", "ld_preload", "PATH", "BASH_ENV", "IFS", "PYTHONPATH", "DYLD_INSERT_LIBRARIES"]
        {
            assert!(is_dangerous(name), "{name}");
        }
        for name in ["OMP_NUM_THREADS", "NB_C_BIN", "HOME", "LANG", "ENVIRONMENT", "PATHS"] {
            assert!(!is_dangerous(name), "{name}");
        }
    }

    #[test]
    fn a_step_works_in_a_folder_of_its_own() {
        for folder in ["{work}", "{work}/a/b", "{out}", "{tmp}/c"] {
            assert!(is_own_folder(folder), "{folder}");
        }
        for folder in ["/", "/home", "{work}/../x", "{work}x", "", "{work}//..", "~", "{bin:0/x}"] {
            assert!(!is_own_folder(folder), "{folder}");
        }
    }
}

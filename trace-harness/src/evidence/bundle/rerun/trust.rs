//! What a bundle may require of this machine when it is run again, and what a person is shown before it is.
//!
//! Not here: whether the bundle is what was written (`verify`).

use std::path::{Component, Path};

use crate::evidence::bundle::documents::commands::{self, quote};
use crate::evidence::bundle::paths::REDACTED;
use crate::evidence::bundle::refusal::Refusal;
use crate::evidence::bundle::summary::{Summary, Tolerance};
use crate::evidence::terminal::visible;

/// Variables that a bundle may set without anybody naming them: they carry counts, devices and the language of numbers.
const HARMLESS: &[&str] = &[
    "CUDA_DEVICE_ORDER",
    "CUDA_LAUNCH_BLOCKING",
    "CUDA_VISIBLE_DEVICES",
    "HIP_VISIBLE_DEVICES",
    "LANG",
    "LANGUAGE",
    "NO_COLOR",
    "RAYON_NUM_THREADS",
    "ROCR_VISIBLE_DEVICES",
    "SOURCE_DATE_EPOCH",
    "TZ",
];
/// The same by how they begin: libraries of numerics.
const HARMLESS_START: &[&str] =
    &["BLIS_", "GOMP_", "KMP_", "LC_", "MKL_", "NUMEXPR_", "OMP_", "OPENBLAS_", "VECLIB_"];
/// Of those, the ones that name a library to be loaded.
const NAMES_A_LIBRARY: &str = "_TOOL";

/// Variables by which the loader and shells run other code than the command says: no bundle sets them here, whatever anybody allows.
const NEVER: &[&str] = &[
    "BASHOPTS",
    "BASH_ENV",
    "CDPATH",
    "ENV",
    "GCONV_PATH",
    "GLIBC_TUNABLES",
    "GLOBIGNORE",
    "IFS",
    "LOCPATH",
    "NLSPATH",
    "PATH",
    "PROMPT_COMMAND",
    "PS4",
    "SHELL",
    "SHELLOPTS",
    "ZDOTDIR",
];
/// The same by how they begin.
const NEVER_START: &[&str] = &["BASH_FUNC", "DYLD_", "LD_", "MALLOC_"];

/// Why the bundle cannot be run again here, whoever wrote it; `None` if it may. Somebody has `allowed` variables of these names.
pub(super) fn refusal(summary: &Summary, allowed: &[String]) -> Option<Refusal> {
    summary.steps.iter().filter(|step| step.is_run_again()).find_map(|step| {
        let name = step.name.clone();
        if let Some(variable) = step.exported.keys().find(|variable| is_never_set(variable)) {
            return Some(Refusal::Variable { step: name, variable: variable.clone() });
        }
        if let Some(variable) = step.exported.keys().find(|v| !is_harmless(v) && !allowed.contains(v)) {
            return Some(Refusal::NotAllowed { step: name, variable: variable.clone() });
        }
        if step.command.iter().chain(step.exported.values()).any(|text| text.contains(REDACTED)) {
            return Some(Refusal::Redacted(name));
        }
        let mut places = std::iter::once(&step.folder).chain(step.collected.values());
        let elsewhere = places.find(|place| !is_own_folder(place))?;
        Some(Refusal::Folder { step: name, folder: elsewhere.clone() })
    })
}

/// Whether a variable makes the loader or a shell run other code, in any spelling.
fn is_never_set(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    NEVER.contains(&name.as_str()) || NEVER_START.iter().any(|start| name.starts_with(start))
}

/// Whether a variable cannot change which code a program runs.
fn is_harmless(name: &str) -> bool {
    let starts = || HARMLESS_START.iter().any(|start| name.starts_with(start));
    HARMLESS.contains(&name) || starts() && !name.contains(NAMES_A_LIBRARY)
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
pub(super) fn preview(summary: &Summary) -> String {
    let mut text = String::new();
    for step in summary.steps.iter().filter(|step| step.is_run_again()) {
        let command = commands::line(step);
        let mut line = |head: &str, text_of: &str| text += &format!("{head}{}\n", visible(text_of));
        line("", &step.name);
        line("  command  ", &command);
        line("  folder   ", &step.folder);
        for (name, value) in &step.exported {
            line("  export   ", &format!("{name}={}", quote(value)));
        }
        for output in step.outputs.iter().filter(|output| output.tolerance != Tolerance::Exact) {
            line("  compare  ", &format!("{} {}", output.path, output.tolerance.to_text()));
        }
    }
    if summary.redacted > 0 {
        text += "something was left out of its logs: without --redact REGEX nothing of what the commands print is kept\n";
    }
    if let Some(bytes) = summary.output_limit_bytes {
        text += &format!("ended where it prints more than {bytes} bytes\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_of_numerics_and_language_need_nobody_to_allow_them() {
        for name in ["OMP_NUM_THREADS", "MKL_CBWR", "RAYON_NUM_THREADS", "LC_ALL", "CUDA_VISIBLE_DEVICES"] {
            assert!(is_harmless(name) && !is_never_set(name), "{name}");
        }
        for name in ["LD_PRELOAD", "ld_preload", "PATH", "BASH_ENV", "ENV", "IFS", "DYLD_INSERT_LIBRARIES"] {
            assert!(is_never_set(name) && !is_harmless(name), "{name}");
        }
        // What somebody has to know.
        for name in [
            "EDITOR",
            "GIT_SSH_COMMAND",
            "HOME",
            "JAVA_TOOL_OPTIONS",
            "LESSOPEN",
            "MAKEFLAGS",
            "NB_C_BIN",
            "NODE_OPTIONS",
            "OMP_TOOL_LIBRARIES",
            "OPENSSL_CONF",
            "PAGER",
            "PERL5OPT",
            "PYTHONPATH",
            "RUBYOPT",
            "TMPDIR",
            "XDG_CONFIG_HOME",
            "omp_num_threads",
            "",
        ] {
            assert!(!is_harmless(name) && !is_never_set(name), "{name}");
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

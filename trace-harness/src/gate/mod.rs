//! Preflight: is everything that a long run needs there and in order?
//!
//! Not here: the programs of the gate (`programs`), its file (`plan`).

mod check;
pub mod plan;
pub mod programs;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::evidence::bundle::{digest, manifest};
use crate::evidence::process::Runner;
pub use check::{CheckState, GateCheck};
use plan::{Disk, Gate, Golden, Protected, WorkingFolder};

/// Checks everything. `folder` is the working folder, absolute.
pub fn check(gate: &Gate, folder: &Path, runner: &dyn Runner) -> Vec<GateCheck> {
    let mut checks = Vec::new();
    if let Some(reference) = &gate.reference {
        checks.extend(programs::reference(reference, &gate.base, runner));
    }
    gate.golden.iter().for_each(|g| checks.extend(golden(g, &gate.base)));
    checks.extend(working_folder(&gate.folder, &gate.base, folder));
    checks.extend(gate.disk.as_ref().map(|d| disk(d, &gate.base, folder)));
    checks.extend(gate.tools.iter().map(|t| programs::tool(t, folder, runner)));
    checks.extend(gate.protected.iter().map(|p| protected(p, &gate.base)));
    checks
}

fn golden(golden: &Golden, base: &Path) -> Vec<GateCheck> {
    if let Some(list) = &golden.manifest {
        return listed(&base.join(list));
    }
    let path = golden.path.as_ref().map(|p| base.join(p)).unwrap_or_default();
    vec![content(
        "golden",
        &path,
        golden.sha256.as_deref(),
        "get the golden file again: it is not what was recorded",
    )]
}

fn listed(list: &Path) -> Vec<GateCheck> {
    let place = list.display().to_string();
    let text = match crate::evidence::given::text(list) {
        Ok(text) => text,
        Err(e) => {
            return vec![GateCheck::fail(
                "golden",
                "a list of digests",
                place,
                e.to_string(),
                "get the list again, or correct `manifest`",
            )];
        }
    };
    let folder = list.parent().unwrap_or(Path::new("/"));
    let lines = manifest::parse(&text);
    if lines.is_empty() {
        return vec![GateCheck::fail(
            "golden",
            "a list of digests",
            place,
            "lists no file",
            "make it with `sha256sum FILES`",
        )];
    }
    let one = |line: Result<manifest::ManifestEntry, (usize, manifest::LineFault)>| match line {
        Ok(e) => content(
            "golden",
            &folder.join(&e.path),
            Some(&e.sha256),
            "get the golden file again: it is not what was recorded",
        ),
        Err((n, problem)) => GateCheck::fail(
            "golden",
            "a list of digests",
            place.clone(),
            format!("line {n}: {problem}"),
            "make it with `sha256sum FILES`",
        ),
    };
    lines.into_iter().map(one).collect()
}

/// Whether a file is there with the digest it should have.
fn content(kind: &'static str, path: &Path, sha256: Option<&str>, fix: &str) -> GateCheck {
    let looked_for = sha256.map_or_else(|| "a file".to_owned(), |s| format!("a file with SHA-256 {s}"));
    match digest::of_file(path) {
        Err(e) => GateCheck::fail(
            kind,
            looked_for,
            path.display().to_string(),
            e.to_string(),
            "put the file there, or correct its path",
        ),
        Ok((found, bytes)) if sha256.is_some_and(|s| !s.eq_ignore_ascii_case(&found)) => GateCheck::fail(
            kind,
            looked_for,
            path.display().to_string(),
            format!("SHA-256 {found}, {bytes} bytes"),
            fix,
        ),
        Ok((found, bytes)) => {
            GateCheck::pass(kind, looked_for, path, format!("SHA-256 {found}, {bytes} bytes"))
        }
    }
}

fn working_folder(wanted: &WorkingFolder, base: &Path, folder: &Path) -> Vec<GateCheck> {
    let mut checks = vec![match tempfile::tempfile_in(folder) {
        Ok(_) => GateCheck::pass("folder", "a working folder that can be written to", folder, "it can"),
        Err(e) => GateCheck::fail(
            "folder",
            "a working folder that can be written to",
            folder.display().to_string(),
            e.to_string(),
            "change to another folder, or open this one for writing",
        ),
    }];
    if let Some(path) = &wanted.path {
        let wanted = base.join(path);
        let same = wanted.canonicalize().ok() == folder.canonicalize().ok();
        let looked_for = format!("the working folder `{}`", wanted.display());
        checks.push(match same {
            true => GateCheck::pass("folder", looked_for, folder, "it is"),
            false => GateCheck::fail(
                "folder",
                looked_for,
                folder.display().to_string(),
                "another folder",
                format!("cd {}", wanted.display()),
            ),
        });
    }
    for name in &wanted.contains {
        let looked_for = format!("`{name}` in the working folder");
        checks.push(match folder.join(name).exists() {
            true => GateCheck::pass("folder", looked_for, folder, "it is there"),
            false => GateCheck::fail(
                "folder",
                looked_for,
                folder.display().to_string(),
                "it is not there",
                "change to the folder that holds it",
            ),
        });
    }
    checks
}

fn disk(wanted: &Disk, base: &Path, folder: &Path) -> GateCheck {
    let path: PathBuf = wanted.path.as_ref().map_or_else(|| folder.to_owned(), |p| base.join(p));
    let looked_for = format!("{} MiB of free space", wanted.free_mib);
    match rustix::fs::statvfs(&path) {
        Err(e) => GateCheck::fail(
            "disk",
            looked_for,
            path.display().to_string(),
            e.to_string(),
            "make the folder, or correct its path",
        ),
        Ok(disk) => {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
            let found = format!("{free} MiB");
            match free >= wanted.free_mib {
                true => GateCheck::pass("disk", looked_for, &path, found),
                false => GateCheck::fail(
                    "disk",
                    looked_for,
                    path.display().to_string(),
                    found,
                    "make room, or run on another disk",
                ),
            }
        }
    }
}

fn protected(wanted: &Protected, base: &Path) -> GateCheck {
    let path = base.join(&wanted.path);
    let fix = format!("take the change back: git checkout -- {}", path.display());
    if wanted.sha256.is_some() {
        return content("protected", &path, wanted.sha256.as_deref(), &fix);
    }
    let place = path.display().to_string();
    let looked_for = "the file as git has committed it";
    let folder = path.parent().unwrap_or(Path::new("/"));
    let git =
        |args: &[&str]| Command::new("git").current_dir(folder).args(args).arg("--").arg(&path).output();
    // A file that git does not know has no differences either, so that is checked first.
    match (git(&["ls-files", "--error-unmatch"]), git(&["diff", "--quiet", "HEAD"])) {
        (Ok(known), Ok(_)) if !known.status.success() => GateCheck::fail(
            "protected",
            looked_for,
            place,
            "git does not know it",
            "commit it, or give its `sha256`",
        ),
        (Ok(_), Ok(same)) if same.status.success() => {
            GateCheck::pass("protected", looked_for, &path, "unchanged")
        }
        (Ok(_), Ok(_)) => GateCheck::fail("protected", looked_for, place, "it was changed", fix),
        (Err(e), _) | (_, Err(e)) => GateCheck::fail(
            "protected",
            looked_for,
            place,
            format!("git: {e}"),
            "install git, or give its `sha256`",
        ),
    }
}

#[cfg(test)]
mod tests;

//! What a command leaves in the folder of its bundle, made fit for one: no links, nothing closed, no names that the bundle needs.
//!
//! And what programs leave there that have no business in it. Not here: making the folder and making it visible (`staging`).

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use walkdir::WalkDir;

use crate::evidence::bundle::reading::regular;
use crate::evidence::bundle::staging::{PARTIAL, Staging};
use crate::evidence::bundle::{BundleError, MANIFEST, manifest};

/// Names at the top of a bundle that are written when it is closed: no command can have them.
const OWN_NAMES: [&str; 8] = [
    "analysis.md",
    "commands.txt",
    "env.json",
    "report.html",
    "rerun.json",
    "ro-crate-metadata.json",
    MANIFEST,
    "summary.json",
];

/// Whether `path` is a record of a bundle that lies inside another, whose files are `all`: what such a file says of times and of the
/// machine is no result, and differs from run to run.
pub fn is_record(path: &str, all: &[String]) -> bool {
    let cuts = path.match_indices('/').map(|(at, _)| path.split_at(at + 1));
    cuts.filter(|(folder, _)| all.contains(&format!("{folder}{MANIFEST}")))
        .any(|(_, name)| OWN_NAMES.contains(&name) || name.starts_with("logs/"))
}

/// Makes what a command has left in the folder fit for a bundle: a link to a result becomes a copy of it; any other link, pipes and
/// other special files, names that are not UTF-8, and names of the bundle's own files are removed. Gives what was left out and why, one sentence each.
///
/// # Errors
/// The folder cannot be listed or changed.
pub fn settle(folder: &Path) -> Result<Vec<String>, BundleError> {
    let mut left_out = Vec::new();
    for name in OWN_NAMES {
        let path = folder.join(name);
        let Ok(found) = path.symlink_metadata() else { continue };
        let removed = if found.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(BundleError::io(&path, "cannot be removed"))?;
        left_out.push(format!("`{name}` was left out: a file of the bundle itself has this name"));
    }
    open_to_owner(folder)?;
    for item in WalkDir::new(folder).min_depth(1) {
        let item = item.map_err(|e| manifest::walk_error(folder, e))?;
        let (kind, path) = (item.file_type(), item.path());
        if kind.is_file() && path.metadata().is_ok_and(|found| found.nlink() > 1) {
            // A file that has another name elsewhere would change with it.
            copy_in_place(path, path)?;
        }
        let name = path.strip_prefix(folder).unwrap_or(path);
        let problem = match name.to_str() {
            _ if kind.is_dir() => continue,
            None => "its name is not UTF-8",
            Some(_) if kind.is_file() => continue,
            Some(_) if kind.is_symlink() && copied_in_place(folder, path)? => continue,
            Some(_) if kind.is_symlink() => "a link that leads to no file among the results",
            Some(_) => "neither a file nor a folder",
        };
        fs::remove_file(path).map_err(BundleError::io(path, "cannot be removed"))?;
        let name = name.as_os_str().as_encoded_bytes().escape_ascii();
        left_out.push(format!("`{name}` was left out: {problem}"));
    }
    left_out.sort();
    Ok(left_out)
}

/// Removes what stands in the folder and was not placed there by whoever makes the bundle: a program that ran meanwhile has put it there,
/// and as evidence it would pass for what was recorded. Gives the names.
///
/// # Errors
/// The folder cannot be listed or changed.
pub fn remove_strangers(staging: &Staging) -> Result<Vec<String>, BundleError> {
    let (folder, placed) = (staging.folder(), staging.placed());
    open_to_owner(folder)?;
    let mut removed = Vec::new();
    for item in WalkDir::new(folder).min_depth(1).contents_first(true) {
        let item = item.map_err(|e| manifest::walk_error(folder, e))?;
        let path = item.path();
        let inside = path.strip_prefix(folder).unwrap_or(path);
        let is_own = inside.to_str().is_some_and(|name| match item.file_type() {
            kind if kind.is_dir() => placed.iter().any(|own| Path::new(own).starts_with(name)),
            kind => kind.is_file() && placed.contains(name),
        });
        if is_own {
            continue;
        }
        let gone = if item.file_type().is_dir() { fs::remove_dir(path) } else { fs::remove_file(path) };
        gone.map_err(BundleError::io(path, "cannot be removed"))?;
        removed.push(inside.as_os_str().as_encoded_bytes().escape_ascii().to_string());
    }
    removed.sort();
    Ok(removed)
}

/// Puts a copy in the place of a link to a file below `results/`; false where it leads elsewhere.
fn copied_in_place(folder: &Path, link: &Path) -> Result<bool, BundleError> {
    let results = folder.join("results");
    let Some(target) = link.canonicalize().ok().filter(|to| to.starts_with(results) && to.is_file()) else {
        return Ok(false);
    };
    copy_in_place(&target, link)?;
    Ok(true)
}

/// Puts a copy of the file `from`, with no other name, in the place of `to`.
fn copy_in_place(from: &Path, to: &Path) -> Result<(), BundleError> {
    let parent = to.parent().unwrap_or(Path::new("."));
    let written = || -> std::io::Result<()> {
        let mut copy = tempfile::Builder::new().prefix(PARTIAL).tempfile_in(parent)?;
        std::io::copy(&mut regular::open(from)?, &mut copy)?;
        // Temporary files are private; the copy is as open as what it is a copy of.
        copy.as_file().set_permissions(fs::metadata(from)?.permissions())?;
        copy.persist(to).map(|_| ()).map_err(|e| e.error)
    };
    written().map_err(BundleError::io(to, "cannot be copied"))
}

/// Lets the owner read everything below `folder`: a command may have closed what it made.
fn open_to_owner(folder: &Path) -> Result<(), BundleError> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(BundleError::io(&folder, "cannot be listed"))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            let found = path.symlink_metadata().map_err(BundleError::io(&path, "cannot be read"))?;
            let wanted = match found.file_type() {
                kind if kind.is_dir() => 0o700,
                kind if kind.is_file() => 0o400,
                _ => continue,
            };
            let mode = found.permissions().mode();
            if mode & wanted != wanted {
                fs::set_permissions(&path, fs::Permissions::from_mode(mode | wanted))
                    .map_err(BundleError::io(&path, "cannot be opened"))?;
            }
            if found.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::bundle::staging::{Staging, Target};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_cannot_be_in_a_bundle_is_left_out_and_named() {
        use std::os::unix::ffi::OsStrExt;
        use std::os::unix::fs::symlink;
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("secret"), "s").unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        staging.write("results/a.txt", "hello").unwrap();
        let at = |name: &str| staging.folder().join("results").join(name);
        symlink("a.txt", at("copy")).unwrap();
        for (to, name) in
            [("../../secret", "out"), ("nothing", "dangling"), ("loop", "loop"), (".", "folder")]
        {
            symlink(to, at(name)).unwrap();
        }
        assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
        fs::write(staging.folder().join(std::ffi::OsStr::from_bytes(b"results/\xff")), "").unwrap();
        let named: Vec<String> = settle(staging.folder())
            .unwrap()
            .iter()
            .map(|sentence| sentence.split('`').nth(1).unwrap().to_owned())
            .collect();
        let expected = ["\\xff", "dangling", "folder", "loop", "out", "pipe"];
        assert_eq!(named, expected.map(|name| format!("results/{name}")));
        let place = staging.publish().unwrap();
        assert_eq!(names(&place.join("results")), ["a.txt", "copy"]);
        assert_eq!(fs::read_to_string(place.join("results/copy")).unwrap(), "hello");
    }

    #[test]
    fn what_a_command_has_closed_or_linked_to_elsewhere_is_the_bundle_s_own() {
        let root = tempfile::tempdir().unwrap();
        let outside = root.path().join("outside");
        fs::write(&outside, "then").unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        staging.write("results/closed/a.txt", "hello").unwrap();
        let results = staging.folder().join("results");
        fs::hard_link(&outside, results.join("linked")).unwrap();
        for (name, mode) in [("closed/a.txt", 0o000), ("closed", 0o000)] {
            fs::set_permissions(results.join(name), fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(settle(staging.folder()).unwrap(), Vec::<String>::new());
        let place = staging.publish().unwrap();
        fs::write(&outside, "now").unwrap();
        assert_eq!(fs::read_to_string(place.join("results/linked")).unwrap(), "then");
        let mode = |name: &str| fs::metadata(place.join("results").join(name)).unwrap().permissions().mode();
        assert_eq!((mode("closed") & 0o700, mode("closed/a.txt") & 0o400), (0o700, 0o400));
    }

    #[test]
    fn only_what_was_placed_stays() {
        let root = tempfile::tempdir().unwrap();
        let staging = Staging::begin(Target::Exact(root.path().join("x"))).unwrap();
        staging.write("outputs/a/own.txt", "own").unwrap();
        let at = |name: &str| staging.folder().join(name);
        fs::write(at("outputs/a/more.txt"), "planted").unwrap();
        fs::create_dir_all(at("report.html/deep")).unwrap();
        fs::write(at("report.html/deep/x"), "planted").unwrap();
        fs::set_permissions(at("report.html/deep"), fs::Permissions::from_mode(0o000)).unwrap();
        std::os::unix::fs::symlink("own.txt", at("outputs/a/link")).unwrap();
        let removed = remove_strangers(&staging).unwrap();
        let expected =
            ["outputs/a/link", "outputs/a/more.txt", "report.html", "report.html/deep", "report.html/deep/x"];
        assert_eq!(removed, expected);
        staging.write("report.html", "own").unwrap();
        assert_eq!(remove_strangers(&staging).unwrap(), Vec::<String>::new());
        assert_eq!(names(&staging.publish().unwrap()), ["outputs", "report.html", MANIFEST]);
    }

    #[test]
    fn records_of_a_bundle_inside_are_told_from_its_results() {
        let all = ["results/b/sha256.txt", "results/b/env.json", "results/b/results/x", "results/env.json"];
        let all = all.map(str::to_owned);
        let records: Vec<&String> = all.iter().filter(|path| is_record(path, &all)).collect();
        assert_eq!(records, ["results/b/sha256.txt", "results/b/env.json"]);
    }
}

//! `env.json`: the machine, the toolchain and the binaries that a bundle's results came from.
//!
//! Not here: anything that identifies a person; variables are stored only when they are on the list below.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::{Deserialize, Serialize};

use crate::evidence::bundle::paths::Paths;
use crate::evidence::bundle::{BundleError, digest};

/// Value of the field `schema`.
pub const SCHEMA: &str = "nanobragg-rs/environment";
/// Version of the format.
pub const VERSION: u32 = 1;

/// Variables that can change results or run times; no other is ever stored.
pub const ALLOWED_VARIABLES: [&str; 12] = [
    "CUDA_VISIBLE_DEVICES",
    "KMP_DUPLICATE_LIB_OK",
    "LANG",
    "LC_ALL",
    "LC_NUMERIC",
    "MKL_NUM_THREADS",
    "NANOBRAGG_DISABLE_COMPILE",
    "NB_C_BIN",
    "NB_PY_BIN",
    "OMP_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TZ",
];

/// A program that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binary {
    /// Its name without folders.
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// What it says of its version, or `absent: reason`.
    pub version: String,
}

/// The facts. A text fact that could not be had reads `absent: reason`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Environment {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Always [`VERSION`].
    pub version: u32,
    /// Operating system.
    pub os: String,
    /// Kernel name, release and machine.
    pub kernel: String,
    /// Processor model.
    pub cpu: String,
    /// Processors that may be used.
    pub cores: Option<usize>,
    /// Memory in bytes.
    pub memory_bytes: Option<u64>,
    /// C library and its version.
    pub libc: String,
    /// Compiler, target and profile of this build.
    pub toolchain: BTreeMap<String, String>,
    /// Versions of this project's crates.
    pub crates: BTreeMap<String, String>,
    /// Git commit of this build, or `absent: reason`.
    pub git_commit: String,
    /// Whether that build had uncommitted changes: `true`, `false`, or `absent: reason`.
    pub git_dirty: String,
    /// Programs that were used.
    pub binaries: Vec<Binary>,
    /// The allow-listed variables that were set.
    pub variables: BTreeMap<String, String>,
    /// Names of variables that were set and change which code programs run; their values are not recorded.
    #[serde(default)]
    pub loader_variables: Vec<String>,
    /// For each kind of accelerator its description, or `absent: reason`.
    pub accelerators: BTreeMap<String, String>,
}

/// Gathers the facts; `binaries` are those that [`binary`] made. Values of variables are recorded through `paths`.
///
/// # Errors
/// A variable names a path under a home folder (see [`Paths::record`]).
pub fn gather(binaries: Vec<Binary>, paths: &Paths) -> Result<Environment, BundleError> {
    Ok(Environment {
        schema: SCHEMA.to_owned(),
        version: VERSION,
        os: os(),
        kernel: kernel(),
        cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| absent("/proc/cpuinfo names no model")),
        cores: std::thread::available_parallelism().ok().map(usize::from),
        memory_bytes: memory(),
        libc: answer("getconf", &["GNU_LIBC_VERSION"])
            .unwrap_or_else(|| absent("getconf knows no GNU_LIBC_VERSION")),
        toolchain: texts([
            ("rustc", env!("TRACE_HARNESS_RUSTC")),
            ("target", env!("TRACE_HARNESS_TARGET")),
            ("profile", env!("TRACE_HARNESS_PROFILE")),
        ]),
        crates: texts([("trace-harness", env!("CARGO_PKG_VERSION"))]),
        git_commit: env!("TRACE_HARNESS_COMMIT").to_owned(),
        git_dirty: env!("TRACE_HARNESS_DIRTY").to_owned(),
        binaries,
        variables: variables(paths)?,
        loader_variables: loader_variables(),
        accelerators: texts([("cuda", &*cuda()), ("rocm", &*rocm())]),
    })
}

impl Binary {
    /// What recorded commands call it.
    pub fn token(&self) -> String {
        format!("{{bin:{}/{}}}", &self.sha256[..12], self.name)
    }
}

/// Which programs are no longer what was used: what they did is not what the file on the disk would do. One sentence each.
pub fn changed(programs: &[(PathBuf, Binary)]) -> Vec<String> {
    let one = |(path, then): &(PathBuf, Binary)| {
        let now = match digest::of_file(path) {
            Ok((sha256, _)) if sha256 == then.sha256 => return None,
            Ok((sha256, _)) => format!("{sha256} afterwards"),
            Err(_) => "not to be read afterwards".to_owned(),
        };
        Some(format!("program `{}` changed meanwhile: SHA-256 {} before, {now}", then.name, then.sha256))
    };
    programs.iter().filter_map(one).collect()
}

/// The facts about an executable; `version` is what it says of itself, if that is known.
///
/// # Errors
/// The file cannot be read.
pub fn binary(path: &Path, version: Option<String>) -> Result<Binary, BundleError> {
    let (sha256, bytes) = digest::of_file(path).map_err(BundleError::io(path, "cannot be read"))?;
    let name = path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let version = version.unwrap_or_else(|| absent("it was not asked, or did not say"));
    Ok(Binary { name, sha256, bytes, version })
}

fn absent(reason: &str) -> String {
    format!("absent: {reason}")
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs.into_iter().map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn os() -> String {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let name = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    name.map_or_else(|| std::env::consts::OS.to_owned(), |n| n.trim_matches('"').to_owned())
}

fn kernel() -> String {
    let name = rustix::system::uname();
    // The host's own name is left out on purpose.
    [name.sysname(), name.release(), name.machine()].map(|part| part.to_string_lossy().into_owned()).join(" ")
}

/// The value after `name …:` in a file of such lines.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let line = text.lines().find(|l| l.split(':').next().is_some_and(|key| key.trim() == name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory() -> Option<u64> {
    let kib: u64 = field("/proc/meminfo", "MemTotal")?.strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

fn answer(program: &str, args: &[&str]) -> Option<String> {
    let output = Command::new(program).args(args).output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8_lossy(&output.stdout).trim().to_owned()).filter(|text| !text.is_empty())
}

/// The allow-listed variables that are set, as they are recorded.
///
/// # Errors
/// One names a path under a home folder (see [`Paths::record`]).
pub fn variables(paths: &Paths) -> Result<BTreeMap<String, String>, BundleError> {
    let set = ALLOWED_VARIABLES.iter().filter_map(|name| Some((*name, std::env::var_os(name)?)));
    set.map(|(name, value)| Ok((name.to_owned(), paths.record(&value.to_string_lossy())?))).collect()
}

fn loader_variables() -> Vec<String> {
    let is_one = |name: &String| {
        ["LD_", "DYLD_", "GLIBC_TUNABLES", "MALLOC_"].iter().any(|start| name.starts_with(start))
    };
    let mut names: Vec<String> =
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).filter(is_one).collect();
    names.sort();
    names
}

fn cuda() -> String {
    const DEVICES: &str = "/proc/driver/nvidia/gpus";
    let Ok(devices) = fs::read_dir(DEVICES) else { return absent("no NVIDIA driver is loaded") };
    let mut models: Vec<String> = devices
        .flatten()
        .filter_map(|d| field(&d.path().join("information").to_string_lossy(), "Model"))
        .collect();
    models.sort();
    if models.is_empty() { absent("the NVIDIA driver lists no device") } else { models.join(", ") }
}

fn rocm() -> String {
    match Path::new("/dev/kfd").exists() {
        true => "an AMD compute device".to_owned(),
        false => absent("no AMD compute driver is loaded"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_there_or_says_why_not() {
        let env = gather(Vec::new(), &Paths::new(true)).unwrap();
        let texts = [&env.os, &env.kernel, &env.cpu, &env.libc, &env.git_commit, &env.git_dirty];
        assert!(texts.iter().all(|t| !t.is_empty()), "{env:?}");
        assert!(env.toolchain["rustc"].starts_with("rustc "), "{env:?}");
        assert!(env.accelerators.values().all(|a| !a.is_empty()));
        assert!(env.variables.keys().all(|k| ALLOWED_VARIABLES.contains(&k.as_str())));
    }

    #[test]
    fn a_binary_is_known_by_its_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        fs::write(&path, "abc").unwrap();
        let facts = binary(&path, None).unwrap();
        assert_eq!((facts.name.as_str(), facts.bytes), ("program", 3));
        assert_eq!(facts.sha256, digest::of_bytes(b"abc"));
        assert!(facts.version.starts_with("absent: "));
    }
}

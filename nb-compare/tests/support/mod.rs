//! A folder of its own for each test, programs that pretend to render, and checks of what is left behind.

#[path = "../../../trace-harness/tests/support/json_schema.rs"]
mod json_schema;

#[allow(dead_code, reason = "some tests have no use for it")]
pub mod forge;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// A square image of `side` pixels with structure everywhere.
pub fn wave(side: u16, scale: f32) -> Vec<f32> {
    let pixel = |i: u32| ((f64::from(i) * 0.37).sin() + 1.25) as f32 * scale;
    (0..u32::from(side) * u32::from(side)).map(pixel).collect()
}

/// Arguments of the simulator that render 32 x 32 pixels at once.
#[allow(dead_code, reason = "some tests have no use for them")]
pub const SMALL: &str =
    "-default_F 100 -cell 50 60 70 80 90 100 -N 5 -detpixels 32 -distance 100 -lambda 1.2 -fluence 1e24";

/// A folder in which the program is called.
pub struct Scene(tempfile::TempDir);

/// What a call gave.
pub struct Called {
    pub code: i32,
    pub out: String,
    pub err: String,
    line: String,
}

impl Called {
    /// As a terminal shows it.
    pub fn shown(&self) -> String {
        format!("$ nb-compare {}\n{}{}[{}]\n", self.line, self.out, self.err, self.code)
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {}", self.out))
    }
}

impl Scene {
    pub fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        fs::create_dir(scene.path("temporary")).unwrap();
        scene
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a bare float image.
    pub fn image(&self, name: &str, pixels: &[f32]) {
        let bytes: Vec<u8> = pixels.iter().flat_map(|p| p.to_le_bytes()).collect();
        fs::write(self.path(name), bytes).unwrap();
    }

    /// A program that says its version, runs `script`, and writes `pixels` to its `-floatfile`.
    pub fn simulator(&self, name: &str, pixels: &[f32], script: &str) {
        let image = self.path(&format!("{name}.image"));
        self.image(&format!("{name}.image"), pixels);
        let text = format!(
            "#!/bin/sh\necho 'fake simulator 1.0'\n{script}\nwhile [ $# -gt 0 ]; do\n\
             [ \"$1\" = -floatfile ] && cp '{}' \"$2\"\nshift\ndone\nexit 0\n",
            image.display()
        );
        self.executable(name, &text);
    }

    #[allow(dead_code, reason = "some tests have no use for one")]
    /// A program that is the shell script `body`.
    pub fn script(&self, name: &str, body: &str) {
        self.executable(name, &format!("#!/bin/sh\n{body}\n"));
    }

    #[allow(dead_code, reason = "some tests have no use for it")]
    /// A native program, which this project's own is: with `__nanobragg` before its arguments a simulator.
    pub fn native(&self, name: &str) {
        let own = env!("CARGO_BIN_EXE_nb-compare");
        if fs::hard_link(own, self.path(name)).is_err() {
            fs::copy(own, self.path(name)).unwrap();
        }
    }

    fn executable(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Calls the program with the words of `line`.
    pub fn run(&self, line: &str) -> Called {
        self.run_with(&line.split_whitespace().collect::<Vec<_>>())
    }

    pub fn run_with(&self, args: &[&str]) -> Called {
        let output = Command::new(env!("CARGO_BIN_EXE_nb-compare"))
            .args(args)
            .current_dir(self.0.path())
            .env_remove("NB_C_BIN")
            .env_remove("NB_PY_BIN")
            .env_remove("OMP_NUM_THREADS")
            .env("XDG_CACHE_HOME", self.path("caches"))
            .env("TMPDIR", self.path("temporary"))
            .output()
            .unwrap();
        let folder = self.0.path().canonicalize().unwrap();
        let text =
            |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(&*folder.to_string_lossy(), "[folder]");
        Called {
            code: output.status.code().unwrap(),
            out: text(&output.stdout),
            err: text(&output.stderr),
            line: args.join(" "),
        }
    }

    /// Sorted names in a folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }

    /// Both our own check and the system's accept the folder.
    pub fn assert_sound(&self, folder: &str) {
        let report = trace_harness::evidence::bundle::verify::verify(&self.path(folder)).unwrap();
        assert!(report.is_sound(), "{report:?}");
        let mut system = Command::new("sha256sum");
        system.args(["-c", "--strict", "--quiet", "sha256.txt"]).current_dir(self.path(folder));
        let status = system.status().unwrap();
        assert!(status.success());
    }
}

/// The files obey their schemas.
pub fn assert_valid(summary: &Value, environment: &Value, metrics: Option<&Value>) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(summary, &own.join("../trace-harness/schemas/summary.schema.json"));
    check(summary, &own.join("schemas/comparison.schema.json"));
    check(environment, &own.join("../trace-harness/schemas/env.schema.json"));
    if let Some(metrics) = metrics {
        check(metrics, &own.join("../trace-harness/schemas/metrics.schema.json"));
    }
}

/// The files of a matrix obey their schemas.
#[allow(dead_code, reason = "some tests have no use for it")]
pub fn assert_valid_matrix(summary: &Value, environment: &Value, metrics: &Value) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(summary, &own.join("../trace-harness/schemas/summary.schema.json"));
    check(summary, &own.join("schemas/matrix.schema.json"));
    check(environment, &own.join("../trace-harness/schemas/env.schema.json"));
    check(metrics, &own.join("../trace-harness/schemas/metrics.schema.json"));
}

/// The files of a comparison of arrays obey their schemas.
#[allow(dead_code, reason = "some tests have no use for it")]
pub fn assert_valid_arrays(summary: &Value, environment: &Value, metrics: &Value) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(summary, &own.join("../trace-harness/schemas/summary.schema.json"));
    check(summary, &own.join("schemas/arrays.schema.json"));
    check(environment, &own.join("../trace-harness/schemas/env.schema.json"));
    check(metrics, &own.join("../trace-harness/schemas/metrics.schema.json"));
}

fn check(value: &Value, schema: &Path) {
    let schema = serde_json::from_slice(&fs::read(schema).unwrap()).unwrap();
    let wrong = json_schema::faults(value, &schema);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The files of the own noise of a reference obey their schemas.
#[allow(dead_code, reason = "some tests have no use for it")]
pub fn assert_valid_noise(summary: &Value, environment: &Value, metrics: &Value) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(summary, &own.join("../trace-harness/schemas/summary.schema.json"));
    check(summary, &own.join("schemas/noise.schema.json"));
    check(environment, &own.join("../trace-harness/schemas/env.schema.json"));
    check(metrics, &own.join("../trace-harness/schemas/metrics.schema.json"));
}

/// The files of a comparison by an adapter obey their schemas.
#[allow(dead_code, reason = "some tests have no use for it")]
pub fn assert_valid_outputs(summary: &Value, environment: &Value, metrics: &Value) {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    check(summary, &own.join("../trace-harness/schemas/summary.schema.json"));
    check(summary, &own.join("schemas/outputs.schema.json"));
    check(environment, &own.join("../trace-harness/schemas/env.schema.json"));
    check(metrics, &own.join("../trace-harness/schemas/metrics.schema.json"));
}

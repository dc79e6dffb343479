//! A headless Chromium: found, started through its driver, kept off the network, ended.
//!
//! Not here: how the driver is spoken to (`driver`), what is done with a page (`page`).

use std::path::{Path, PathBuf};

use libtest_mimic::Failed;
use serde_json::{Value, json};

use crate::driver::Driver;

/// What a step of a trial gives: a failure is anything that can be shown.
pub type Outcome<T = ()> = Result<T, Failed>;

const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const DRIVER: &str = "chromedriver";

/// No name of any host is resolved, so that nothing can leave this machine; what would be asked for is recorded all the same.
const SWITCHES: [&str; 13] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-device-scale-factor=1",
    "--window-size=1280,1300",
];

/// The two programs that are needed.
pub struct Programs {
    browser: PathBuf,
    driver: PathBuf,
}

impl Programs {
    /// Both, looked up on the PATH; an error names what is missing.
    pub fn find() -> Result<Self, String> {
        let browser = BROWSERS.iter().find_map(|name| on_path(name)).ok_or("no Chromium on the PATH")?;
        let driver = on_path(DRIVER).ok_or_else(|| format!("no {DRIVER} on the PATH"))?;
        Ok(Self { browser, driver })
    }
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// A line of a log of the driver.
#[derive(serde::Deserialize)]
struct LogEntry {
    level: String,
    message: String,
}

/// A running browser with one page.
pub struct Chromium {
    driver: Driver,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Starts the driver, and through it the browser with an empty profile.
    pub fn start(programs: &Programs) -> Outcome<Self> {
        let profile = tempfile::tempdir()?;
        let mut switches = SWITCHES.map(str::to_owned).to_vec();
        switches.push(format!("--user-data-dir={}", profile.path().display()));
        let capabilities = json!({
            "browserName": "chrome",
            "goog:chromeOptions": {"binary": programs.browser, "args": switches},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        });
        Ok(Self { driver: Driver::start(&programs.driver, &capabilities)?, _profile: profile })
    }

    /// Ends the browser.
    pub fn stop(self) -> Outcome {
        self.driver.stop()
    }

    /// Opens a file, bright and at the usual size, whatever was shown before; gives its address.
    pub fn open(&self, file: &Path) -> Outcome<String> {
        self.tools("Emulation.clearDeviceMetricsOverride", json!({}))?;
        self.prefer("light")?;
        self.go_to("about:blank")?;
        self.complaints()?;
        self.requests()?;
        self.go_to(&format!("file://{}", file.display()))?;
        Ok(serde_json::from_value(self.script("return location.href", vec![])?)?)
    }

    fn go_to(&self, address: &str) -> Outcome {
        self.driver.post("url", &json!({"url": address})).map(drop)
    }

    /// Has the pointer or the keys do what [`crate::hand`] describes.
    pub fn act(&self, actions: &Value) -> Outcome {
        self.driver.post("actions", actions).map(drop)
    }

    /// Says which colours the reader's system asks pages for.
    pub fn prefer(&self, scheme: &str) -> Outcome {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.tools("Emulation.setEmulatedMedia", json!({"features": features})).map(drop)
    }

    /// A command of the browser's developer tools.
    pub fn tools(&self, command: &str, parameters: Value) -> Outcome<Value> {
        self.driver.post("goog/cdp/execute", &json!({"cmd": command, "params": parameters}))
    }

    /// Runs the body of a function on the page.
    pub fn script(&self, body: &str, arguments: Vec<Value>) -> Outcome<Value> {
        self.driver.post("execute/sync", &json!({"script": body, "args": arguments}))
    }

    /// What is new in one of the driver's logs.
    fn log(&self, kind: &str) -> Outcome<Vec<LogEntry>> {
        Ok(serde_json::from_value(self.driver.post("se/log", &json!({"type": kind}))?)?)
    }

    /// Warnings and errors on the page's console since the last call.
    pub fn complaints(&self) -> Outcome<Vec<String>> {
        let bad = self.log("browser")?.into_iter().filter(|e| ["WARNING", "SEVERE"].contains(&&*e.level));
        Ok(bad.map(|entry| format!("{}: {}", entry.level, entry.message)).collect())
    }

    /// Addresses that the page asked for since the last call, its own among them.
    pub fn requests(&self) -> Outcome<Vec<String>> {
        let mut asked = Vec::new();
        for entry in self.log("performance")? {
            let event: Value = serde_json::from_str(&entry.message)?;
            let event = &event["message"];
            let address = match event["method"].as_str() {
                Some("Network.requestWillBeSent") => &event["params"]["request"]["url"],
                Some("Network.webSocketCreated" | "Network.webTransportCreated") => &event["params"]["url"],
                _ => continue,
            };
            asked.push(address.as_str().unwrap_or_default().to_owned());
        }
        Ok(asked)
    }
}

//! A headless Chromium and its driver: found, started on a free port of the loopback, kept off the network, ended.
//!
//! Not here: what is done with a page (`page`).

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use libtest_mimic::Failed;
use reqwest::{Client, Url};
use serde_json::{Value, json};
use thirtyfour::{ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel, WebDriver, error};
use tokio::runtime::Runtime;

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

/// The driver's process; it does not outlive this value.
struct Driver(Child);

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A running browser with one page.
pub struct Chromium {
    runtime: Runtime,
    session: WebDriver,
    _driver: Driver,
    _profile: tempfile::TempDir,
}

impl Chromium {
    /// Starts the driver, and through it the browser with an empty profile.
    pub fn start(programs: &Programs) -> Outcome<Self> {
        let profile = tempfile::tempdir()?;
        let (driver, port) = start_driver(&programs.driver)?;
        let capabilities = capabilities(&programs.browser, profile.path())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        // The driver is on this machine, whatever proxy the environment names. A browser that starts for the first time on a
        // busy machine takes its time.
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(120)).build()?;
        let address = format!("http://127.0.0.1:{port}");
        let session = runtime.block_on(WebDriver::builder(address, capabilities).client(client).connect())?;
        Ok(Self { runtime, session, _driver: driver, _profile: profile })
    }

    /// Ends the browser.
    pub fn stop(self) -> Outcome {
        Ok(self.runtime.block_on(self.session.quit())?)
    }

    /// The session, for commands whose answer [`Self::wait`] waits for.
    pub fn session(&self) -> &WebDriver {
        &self.session
    }

    /// The answer to a command.
    pub fn wait<T>(&self, answer: impl Future<Output = error::WebDriverResult<T>>) -> Outcome<T> {
        Ok(self.runtime.block_on(answer)?)
    }

    /// Opens a file, bright and at the usual size, whatever was shown before.
    pub fn open(&self, file: &Path) -> Outcome<Url> {
        let address =
            Url::from_file_path(file).map_err(|()| format!("`{}`: not absolute", file.display()))?;
        self.tools("Emulation.clearDeviceMetricsOverride", json!({}))?;
        self.prefer("light")?;
        self.wait(self.session.goto("about:blank"))?;
        self.complaints()?;
        self.requests()?;
        self.wait(self.session.goto(address.as_str()))?;
        Ok(address)
    }

    /// Says which colours the reader's system asks pages for.
    pub fn prefer(&self, scheme: &str) -> Outcome {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.tools("Emulation.setEmulatedMedia", json!({"features": features})).map(drop)
    }

    /// A command of the browser's developer tools.
    pub fn tools(&self, command: &str, parameters: Value) -> Outcome<Value> {
        self.wait(self.session.cdp().send_raw(command, parameters))
    }

    /// Runs the body of a function on the page.
    pub fn script(&self, body: &str, arguments: Vec<Value>) -> Outcome<Value> {
        Ok(self.wait(self.session.execute(body, arguments))?.json().clone())
    }

    /// Warnings and errors on the page's console since the last call.
    pub fn complaints(&self) -> Outcome<Vec<String>> {
        let log = self.wait(self.session.get_log("browser"))?;
        let bad = log.into_iter().filter(|entry| ["WARNING", "SEVERE"].contains(&entry.level.as_str()));
        Ok(bad.map(|entry| format!("{}: {}", entry.level, entry.message)).collect())
    }

    /// Addresses that the page asked for since the last call, its own among them.
    pub fn requests(&self) -> Outcome<Vec<String>> {
        let mut asked = Vec::new();
        for entry in self.wait(self.session.get_log("performance"))? {
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

/// Starts the driver on a port that it chooses itself, and reads from its output which one.
fn start_driver(program: &Path) -> Outcome<(Driver, u16)> {
    let mut command = Command::new(program);
    command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut driver = Driver(command.spawn()?);
    let output = driver.0.stdout.take().ok_or("the driver has no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        let number = line.split_once("successfully on port ").map(|(_, rest)| rest.trim_end_matches('.'));
        if let Some(port) = number.and_then(|text| text.parse().ok()) {
            return Ok((driver, port));
        }
    }
    Err(format!("`{}` ended without saying its port", program.display()).into())
}

fn capabilities(browser: &Path, profile: &Path) -> Outcome<thirtyfour::ChromeCapabilities> {
    let mut capabilities = DesiredCapabilities::chrome();
    capabilities.set_binary(&browser.to_string_lossy())?;
    for switch in SWITCHES {
        capabilities.add_arg(switch)?;
    }
    capabilities.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    for log in ["browser", "performance"] {
        capabilities.set_logging_prefs(log, LoggingPrefsLogLevel::All)?;
    }
    Ok(capabilities)
}

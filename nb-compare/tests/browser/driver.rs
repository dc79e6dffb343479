//! The browser's driver: started on a free port of the loopback, spoken to in WebDriver (JSON over HTTP), ended.
//!
//! Not here: which browser, and what is done with it (`chromium`).
//!
//! W3C WebDriver, <https://www.w3.org/TR/webdriver2/>; the commands below `goog/` and `se/` are chromedriver's own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::chromium::Outcome;

/// Seconds that a command may take: a browser that starts for the first time on a busy machine takes its time.
const PATIENCE: u64 = 120;

/// The driver's process; it does not outlive this value.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A driver with one browser.
pub struct Driver {
    _process: Process,
    /// Where the session's commands go.
    session: String,
}

impl Driver {
    /// Starts the driver, and through it a browser with these capabilities.
    pub fn start(program: &Path, capabilities: &Value) -> Outcome<Self> {
        let (process, port) = start_process(program)?;
        let address = format!("http://127.0.0.1:{port}/session");
        let wanted = json!({"capabilities": {"alwaysMatch": capabilities}});
        let answer = exchange(minreq::post(&address).with_body(wanted.to_string()))?;
        let id = answer["sessionId"].as_str().ok_or("the driver names no session")?;
        Ok(Self { _process: process, session: format!("{address}/{id}") })
    }

    /// Sends a command of the session and gives the value of its answer.
    pub fn post(&self, command: &str, parameters: &Value) -> Outcome<Value> {
        exchange(minreq::post(format!("{}/{command}", self.session)).with_body(parameters.to_string()))
    }

    /// Ends the browser.
    pub fn stop(self) -> Outcome {
        exchange(minreq::delete(&self.session)).map(drop)
    }
}

fn exchange(request: minreq::Request) -> Outcome<Value> {
    let request = request.with_header("Content-Type", "application/json").with_timeout(PATIENCE);
    let response = request.send()?;
    let mut answer: Value = serde_json::from_str(response.as_str()?)?;
    let value = answer["value"].take();
    match value["error"].as_str() {
        Some(error) if response.status_code != 200 => {
            Err(format!("{error}: {}", value["message"].as_str().unwrap_or_default()).into())
        }
        _ => Ok(value),
    }
}

/// Starts the driver on a port that it chooses itself, and reads from its output which one.
fn start_process(program: &Path) -> Outcome<(Process, u16)> {
    let mut command = Command::new(program);
    command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut process = Process(command.spawn()?);
    let output = process.0.stdout.take().ok_or("the driver has no output")?;
    for line in BufReader::new(output).lines() {
        let line = line?;
        let number = line.split_once("successfully on port ").map(|(_, rest)| rest.trim_end_matches('.'));
        if let Some(port) = number.and_then(|text| text.parse().ok()) {
            return Ok((process, port));
        }
    }
    Err(format!("`{}` ended without saying its port", program.display()).into())
}

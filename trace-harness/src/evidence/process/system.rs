//! Real processes, each in a process group of its own so that nothing it starts outlives it.
//!
//! Not here: recording what was measured.

use std::fs::File;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use rustix::process::{Signal, WaitId, WaitIdOptions, waitid};
use wait4::{ResUse, Wait4};

use crate::evidence::clock;
use crate::evidence::process::group::ProcessGroup;
use crate::evidence::process::{CommandError, Ending, Interrupt, Invocation, Measured, Runner};

/// How often an interrupt is looked for while a command runs.
const POLL: Duration = Duration::from_millis(20);
/// Time between the polite and the final signal.
const GRACE: Duration = Duration::from_secs(2);

/// Runs commands as processes. Output goes straight to the files: a command that prints a gigabyte costs no memory here.
#[derive(Debug, Clone, Default)]
pub struct SystemRunner {
    interrupt: Interrupt,
    max_output: Option<u64>,
}

impl SystemRunner {
    /// A runner that ends its command when `interrupt` is set.
    pub fn new(interrupt: Interrupt) -> Self {
        Self { interrupt, max_output: None }
    }

    /// The same runner, which ends commands that print more than `bytes` into one of their streams.
    pub fn with_max_output(self, bytes: Option<u64>) -> Self {
        Self { max_output: bytes, ..self }
    }
}

impl Runner for SystemRunner {
    fn run(&self, invocation: &Invocation) -> Result<Measured, CommandError> {
        let (stdout, stderr) = (log(&invocation.stdout)?, log(&invocation.stderr)?);
        let refused = |source| CommandError::Start { program: invocation.program.clone(), source };
        let stdin = match &invocation.stdin {
            Some(file) => file.try_clone().map_err(refused)?.into(),
            None => Stdio::null(),
        };
        let start = clock::now();
        let clock = Instant::now();
        let mut command = Command::new(&invocation.program);
        command
            .args(&invocation.args)
            .current_dir(&invocation.folder)
            .envs(invocation.exported.iter().map(|(k, v)| (k, v)))
            .stdin(stdin)
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0);
        end_with_us(&mut command);
        let (child, group) = ProcessGroup::start(|| command.spawn()).map_err(refused)?;
        let group = Arc::new(group);
        let ended = wait_aside(child, Arc::clone(&group), clock);
        let lost = |source| CommandError::Wait { program: invocation.program.clone(), source };
        let (usage, wall, forced) = self.attend(&ended, &group, clock, invocation).map_err(lost)?;
        let forced = match self.cut(invocation).map_err(lost)? {
            Some(too_much) => forced.or(Some(too_much)),
            None => forced,
        };
        Ok(Measured {
            start,
            end: start + wall,
            wall,
            cpu: usage.rusage.utime + usage.rusage.stime,
            peak_memory: usage.rusage.maxrss,
            ending: forced.unwrap_or_else(|| ending(usage.status)),
        })
    }
}

type Ended = std::io::Result<(ResUse, Duration)>;

fn log(path: &Path) -> Result<File, CommandError> {
    File::create(path).map_err(|source| CommandError::Log { path: path.to_owned(), source })
}

/// Has the system end the command when this process is killed and cannot do it itself.
#[cfg(target_os = "linux")]
fn end_with_us(command: &mut Command) {
    let ask = || rustix::process::set_parent_process_death_signal(Some(Signal::KILL)).map_err(Into::into);
    // SAFETY: what runs between fork and exec is one system call, which neither allocates nor locks.
    unsafe { command.pre_exec(ask) };
}

#[cfg(not(target_os = "linux"))]
fn end_with_us(_command: &mut Command) {}

/// Waits in a thread, so that the caller can watch the clock meanwhile. When the command has ended, so has its group.
fn wait_aside(mut child: Child, group: Arc<ProcessGroup>, clock: Instant) -> Receiver<Ended> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // Until the leader is awaited nobody else can have its number, so that the group is still the command's.
        let ended = waitid(WaitId::Pid(group.leader()), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        let wall = clock.elapsed();
        if ended.is_ok() {
            group.signal(Signal::KILL);
        }
        let usage = child.wait4();
        drop(group);
        // The receiver may have given up on a process that the kernel will not let die.
        let _ = send.send(usage.map(|u| (u, wall)));
    });
    receive
}

impl SystemRunner {
    /// Waits for the end, or brings it about.
    fn attend(
        &self,
        ended: &Receiver<Ended>,
        group: &ProcessGroup,
        clock: Instant,
        invocation: &Invocation,
    ) -> std::io::Result<(ResUse, Duration, Option<Ending>)> {
        let limit = invocation.time_limit;
        loop {
            let until_limit = limit.map_or(POLL, |l| l.saturating_sub(clock.elapsed()).min(POLL));
            match ended.recv_timeout(until_limit) {
                Ok(result) => return result.map(|(usage, wall)| (usage, wall, None)),
                Err(RecvTimeoutError::Disconnected) => return Err(std::io::ErrorKind::BrokenPipe.into()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            let forced = match limit {
                _ if self.interrupt.is_set() => Ending::Interrupted,
                Some(l) if clock.elapsed() >= l => Ending::TimedOut,
                _ => match self.too_much(invocation) {
                    Some(too_much) => too_much,
                    None => continue,
                },
            };
            let (usage, wall) = end_group(group, ended)?;
            return Ok((usage, wall, Some(forced)));
        }
    }
}

impl SystemRunner {
    /// Whether one of the streams is above the limit.
    fn too_much(&self, invocation: &Invocation) -> Option<Ending> {
        let limit_bytes = self.max_output?;
        let above = |path: &PathBuf| path.metadata().is_ok_and(|log| log.len() > limit_bytes);
        [&invocation.stdout, &invocation.stderr]
            .into_iter()
            .any(above)
            .then_some(Ending::TooMuchOutput { limit_bytes })
    }

    /// Cuts streams that are above the limit; nobody writes any more.
    fn cut(&self, invocation: &Invocation) -> std::io::Result<Option<Ending>> {
        let too_much = self.too_much(invocation);
        if let Some(Ending::TooMuchOutput { limit_bytes }) = too_much {
            for path in [&invocation.stdout, &invocation.stderr] {
                let log = File::options().write(true).open(path)?;
                if log.metadata()?.len() > limit_bytes {
                    log.set_len(limit_bytes)?;
                }
            }
        }
        Ok(too_much)
    }
}

/// Asks the whole group to end, then ends it.
fn end_group(group: &ProcessGroup, ended: &Receiver<Ended>) -> Ended {
    group.signal(Signal::TERM);
    let polite = ended.recv_timeout(GRACE);
    match polite {
        // The group has ended with its leader.
        Ok(result) => result,
        Err(_) => {
            group.signal(Signal::KILL);
            ended.recv().unwrap_or_else(|_| Err(std::io::ErrorKind::BrokenPipe.into()))
        }
    }
}

fn ending(status: ExitStatus) -> Ending {
    match (status.code(), status.signal()) {
        (Some(code), _) => Ending::Exit(code),
        (None, Some(signal)) => Ending::Signal(signal),
        (None, None) => Ending::Exit(-1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, folder: &Path, limit: Option<Duration>) -> Invocation {
        Invocation {
            stdin: None,
            program: "/bin/sh".into(),
            args: vec!["-c".into(), script.into()],
            folder: folder.to_owned(),
            exported: vec![("GREETING".into(), "hello".into())],
            stdout: folder.join("out"),
            stderr: folder.join("err"),
            time_limit: limit,
        }
    }

    fn run(script: &str, folder: &Path) -> Measured {
        SystemRunner::default().run(&shell(script, folder, None)).unwrap()
    }

    #[test]
    fn streams_status_and_variables_are_kept_byte_for_byte() {
        let folder = tempfile::tempdir().unwrap();
        let m = run("printf 'a\\377b'; printf \"$GREETING\" >&2; exit 7", folder.path());
        assert_eq!(m.ending, Ending::Exit(7));
        assert_eq!(std::fs::read(folder.path().join("out")).unwrap(), b"a\xffb");
        assert_eq!(std::fs::read(folder.path().join("err")).unwrap(), b"hello");
        assert!(m.end >= m.start && m.peak_memory > 0);
    }

    #[test]
    fn a_signal_is_told_from_an_exit() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(run("kill -9 $$", folder.path()).ending, Ending::Signal(9));
    }

    #[test]
    fn the_processor_time_is_that_of_the_command() {
        let folder = tempfile::tempdir().unwrap();
        let m = run("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done", folder.path());
        assert!(m.cpu > Duration::from_millis(20), "{m:?}");
        assert!(run("sleep 0.3", folder.path()).wall >= Duration::from_millis(300));
    }

    #[test]
    fn a_time_limit_ends_the_children_too() {
        let folder = tempfile::tempdir().unwrap();
        let script = "sleep 60 & echo $! > child; wait";
        let m = SystemRunner::default()
            .run(&shell(script, folder.path(), Some(Duration::from_millis(300))))
            .unwrap();
        assert_eq!(m.ending, Ending::TimedOut);
        assert!(m.wall < Duration::from_secs(10));
        assert_gone(folder.path());
    }

    #[test]
    fn a_command_that_prints_too_much_is_ended_and_its_output_cut() {
        let folder = tempfile::tempdir().unwrap();
        let limit_bytes = 100_000;
        let runner = SystemRunner::default().with_max_output(Some(limit_bytes));
        for (script, killed) in [("while :; do echo y; done", true), ("head -c 200000 /dev/zero >&2", false)]
        {
            let clock = Instant::now();
            let m = runner.run(&shell(script, folder.path(), Some(Duration::from_secs(60)))).unwrap();
            assert_eq!(m.ending, Ending::TooMuchOutput { limit_bytes }, "{script}");
            assert!(clock.elapsed() < Duration::from_secs(30));
            let log = if killed { "out" } else { "err" };
            assert_eq!(std::fs::metadata(folder.path().join(log)).unwrap().len(), limit_bytes);
        }
        let m = runner.run(&shell("head -c 100000 /dev/zero", folder.path(), None)).unwrap();
        assert_eq!(m.ending, Ending::Exit(0));
    }

    #[test]
    fn a_command_that_ignores_the_polite_signal_is_ended_all_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let script = "trap '' TERM; sleep 60 & echo $! > child; while :; do sleep 1; done";
        let m = SystemRunner::default()
            .run(&shell(script, folder.path(), Some(Duration::from_millis(200))))
            .unwrap();
        assert_eq!(m.ending, Ending::TimedOut);
        assert_gone(folder.path());
    }

    #[test]
    fn children_that_outlive_their_command_end_with_it() {
        let folder = tempfile::tempdir().unwrap();
        let start = Instant::now();
        assert_eq!(run("sleep 60 & echo $! > child; exit 0", folder.path()).ending, Ending::Exit(0));
        assert_gone(folder.path());
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn children_that_leave_the_group_end_with_the_command_too() {
        let folder = tempfile::tempdir().unwrap();
        let script =
            "setsid sh -c 'echo $$ > child; setsid sh -c \"echo \\$\\$ > grandchild; sleep 60\" & sleep 60' &
                      while ! test -s grandchild; do sleep 0.01; done";
        for limit in [None, Some(Duration::from_millis(300))] {
            let script = if limit.is_some() { format!("{script}; sleep 60") } else { script.to_owned() };
            SystemRunner::default().run(&shell(&script, folder.path(), limit)).unwrap();
            for name in ["child", "grandchild"] {
                assert_gone_by(folder.path(), name);
                std::fs::remove_file(folder.path().join(name)).unwrap();
            }
        }
    }

    #[test]
    fn an_interrupt_ends_the_group() {
        let folder = tempfile::tempdir().unwrap();
        let interrupt = Interrupt::default();
        let runner = SystemRunner::new(interrupt.clone());
        let script = "sleep 60 & echo $! > child; wait";
        let invocation = shell(script, folder.path(), None);
        let worker = std::thread::spawn(move || runner.run(&invocation).unwrap());
        while !folder.path().join("child").exists() {
            std::thread::sleep(POLL);
        }
        interrupt.set();
        assert_eq!(worker.join().unwrap().ending, Ending::Interrupted);
        assert_gone(folder.path());
    }

    /// The process whose id is in `child` does not run any more.
    fn assert_gone(folder: &Path) {
        assert_gone_by(folder, "child");
    }

    fn assert_gone_by(folder: &Path, name: &str) {
        let id = std::fs::read_to_string(folder.join(name)).unwrap();
        let alive = || {
            let state = std::fs::read_to_string(format!("/proc/{}/stat", id.trim())).unwrap_or_default();
            !state.is_empty() && !state.contains(") Z")
        };
        for _ in 0..100 {
            if !alive() {
                return;
            }
            std::thread::sleep(POLL);
        }
        assert!(!alive(), "process {id} is still there");
    }

    #[test]
    fn a_missing_program_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut invocation = shell("", folder.path(), None);
        invocation.program = "/no/such/program".into();
        let text = SystemRunner::default().run(&invocation).unwrap_err().to_string();
        assert!(text.starts_with("`/no/such/program`: cannot be started: "), "{text}");
    }
}

//! The process groups of running commands: each ends with its command, and what left its group ends with it.
//!
//! Not here: running commands (`system`), the user's interruption (`interrupt`).

use std::io;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// The groups of the commands that run now, and the processes that were there before the first of them.
static RUNNING: Mutex<Running> = Mutex::new(Running { groups: Vec::new(), before: Vec::new() });

struct Running {
    groups: Vec<Pid>,
    before: Vec<Pid>,
}

fn running() -> MutexGuard<'static, Running> {
    // A thread that panicked has left the list as it was.
    RUNNING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The group of a running command, led by it.
#[derive(Debug)]
pub(super) struct ProcessGroup(Pid);

impl ProcessGroup {
    /// Starts a command that leads a group of its own, by `spawn`.
    pub(super) fn start(spawn: impl FnOnce() -> io::Result<Child>) -> io::Result<(Child, Self)> {
        // Under the lock: no command may start while those without a group are being ended, or while the program is.
        let mut running = running();
        if running.groups.is_empty() {
            orphans::adopt();
            running.before = orphans::children();
        }
        let child = spawn()?;
        let leader = Pid::from_child(&child);
        running.groups.push(leader);
        Ok((child, Self(leader)))
    }

    /// The number of the group and of its leader.
    pub(super) fn leader(&self) -> Pid {
        self.0
    }

    /// Sends a signal to all of it.
    pub(super) fn signal(&self, signal: Signal) {
        // A group that is already gone is what we want.
        let _ = kill_process_group(self.0, signal);
    }
}

impl Drop for ProcessGroup {
    /// The leader has been awaited. Processes that left the group are ended once no other command runs that they may belong to.
    fn drop(&mut self) {
        let mut running = running();
        running.groups.retain(|group| *group != self.0);
        if running.groups.is_empty() {
            orphans::end(&running.before);
        }
    }
}

/// Ends all running commands. Nothing is started from now on: for the end of this program.
pub(super) fn end_all() {
    let running = running();
    for group in &running.groups {
        let _ = kill_process_group(*group, Signal::KILL);
    }
    // Their children without a group become ours as soon as their parents are gone.
    std::thread::sleep(Duration::from_millis(20));
    orphans::end(&running.before);
    std::mem::forget(running);
}

/// Processes whose parents are gone become children of this process, where the system can do that.
#[cfg(target_os = "linux")]
mod orphans {
    use std::fs;
    use std::time::{Duration, Instant};

    use rustix::process::{
        Pid, Signal, WaitOptions, getpgrp, getpid, kill_process, set_child_subreaper, waitpid,
    };

    /// How long processes that were killed are awaited.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// From now on orphans of commands are children of this process.
    pub(super) fn adopt() {
        // Without it they are out of reach, as on other systems.
        let _ = set_child_subreaper(Some(getpid()));
    }

    /// Children of this process in groups other than its own.
    pub(super) fn children() -> Vec<Pid> {
        let (own, group) = (getpid(), getpgrp());
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let foreign = numbers.filter(|number: &i32| {
            parent_and_group(*number).is_some_and(|(parent, its)| {
                parent == own.as_raw_nonzero().get() && its != group.as_raw_nonzero().get()
            })
        });
        foreign.filter_map(Pid::from_raw).collect()
    }

    fn parent_and_group(process: i32) -> Option<(i32, i32)> {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name stands in parentheses and may hold anything.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(1);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    }

    /// Ends all children that were not there `before`, and those that become children by that.
    pub(super) fn end(before: &[Pid]) {
        let clock = Instant::now();
        loop {
            let orphans: Vec<Pid> = children().into_iter().filter(|child| !before.contains(child)).collect();
            for orphan in &orphans {
                let _ = kill_process(*orphan, Signal::KILL);
                let _ = waitpid(Some(*orphan), WaitOptions::NOHANG);
            }
            if orphans.is_empty() || clock.elapsed() > PATIENCE {
                return;
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Nothing reaches a process that left its group and lost its parent.
#[cfg(not(target_os = "linux"))]
mod orphans {
    use rustix::process::Pid;

    pub fn adopt() {}

    pub fn children() -> Vec<Pid> {
        Vec::new()
    }

    pub fn end(_before: &[Pid]) {}
}

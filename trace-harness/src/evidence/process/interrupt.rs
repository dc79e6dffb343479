//! The user's interruption, as a flag that loops can look at.
//!
//! Not here: ending commands because of it (`system`).

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use super::{group, unfinished};
use crate::evidence::exit::Exit;

/// The flag that signals set: a process has one.
static HAPPENED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// Set once by Ctrl-C, a termination signal or a hang-up. A second signal ends the program at once,
/// with all running commands and without their bundle.
#[derive(Debug, Clone, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Installs the signal handlers; call once, early in `main`.
    ///
    /// # Errors
    /// The system refuses a handler.
    pub fn install() -> io::Result<Self> {
        let flag = Arc::clone(&HAPPENED);
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let seen = Arc::clone(&flag);
        std::thread::spawn(move || {
            for _ in signals.forever() {
                if seen.swap(true, Ordering::SeqCst) {
                    // Commands first: nothing may go on writing into a folder that is being removed.
                    group::end_all();
                    unfinished::remove_all();
                    std::process::exit(i32::from(u8::from(Exit::Interrupted)));
                }
            }
        });
        Ok(Self(flag))
    }

    /// Whether a signal interrupted this process: what did not come about then has that reason.
    pub fn happened() -> bool {
        HAPPENED.load(Ordering::SeqCst)
    }

    /// Whether the user wants to stop.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }

    /// Sets the flag, as a signal would.
    pub fn set(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Exit {
    /// This status, or that of an interruption where the user stopped what then did not come about.
    pub fn unless_interrupted(self) -> Self {
        if self != Self::Agrees && Interrupt::happened() { Self::Interrupted } else { self }
    }
}

//! The program `nanobragg`: hands its arguments to the library. Not here: anything else.

// With glibc the standard library's start reads and parses the process's memory map to find the end of the stack, which
// takes longer than rendering a small image (measured: 0.08 of 1.6 ms). `bare` does what else that start does.
#![cfg_attr(all(target_os = "linux", target_env = "gnu"), no_main)]

/// What the process ends with.
fn run() -> u8 {
    let args: Vec<_> = std::env::args_os().skip(1).collect();
    nanobragg::run::run_program(&args)
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn main() -> std::process::ExitCode {
    run().into()
}

/// The process's entry, called by the C library.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod bare {
    use std::ffi::{c_char, c_int};
    use std::io::Write;

    // Arguments come by way of the standard library: glibc hands them to it before this is called.
    #[unsafe(no_mangle)]
    extern "C" fn main(_count: c_int, _arguments: *const *const c_char) -> c_int {
        keep_standard_streams();
        // A reader of standard output that goes away is an error of that write, not the end of the run.
        // SAFETY: no other thread runs yet, and ignoring a signal needs no handler.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
        // A panic, which is a fault of this program, ends the process here as in the other two: nothing unwinds into C.
        let code = c_int::from(crate::run());
        // What remains in the buffer if the last line has no end; nobody is left to report an error to.
        let _ = std::io::stdout().flush();
        code
    }

    /// Opens closed standard streams on nothing, or the first file written would take the place of one and the summary
    /// would end up inside.
    fn keep_standard_streams() {
        for stream in 0..3 {
            // SAFETY: asks about a number; no memory is involved.
            if unsafe { libc::fcntl(stream, libc::F_GETFD) } == -1 {
                // SAFETY: the path ends with a zero byte. The lowest free number, this one, is what the system gives.
                unsafe { libc::open(c"/dev/null".as_ptr(), libc::O_RDWR) };
            }
        }
    }
}

//! As `threads.c`, from threads of the library.
//!
//! Not here: what is expected of it (`tests/emitters.rs`).
mod nbtrace;

fn main() {
    let work = |thread: i64| {
        for n in 100 * thread..100 * thread + 100 {
            nbtrace::begin("record", n);
            for k in 0..100 {
                nbtrace::scalar("x", n as f64 + f64::from(k) / 128.0);
            }
            nbtrace::end();
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || work(thread));
        }
    });
}

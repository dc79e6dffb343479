//! As `demo.c`.
//!
//! Not here: what is expected of it (`tests/emitters.rs`).
mod nbtrace;

fn main() {
    let (mut v, mut a) = ([1.0, -2.5, 1e300], [1.0, 2.0, 3.0, 4.0, 5.0, 6.5]);
    for line in std::fs::read_to_string("bits.txt").unwrap_or_default().lines() {
        nbtrace::scalar("x", f64::from_bits(line.parse::<i64>().unwrap_or(0) as u64));
    }
    for n in 0..2 {
        nbtrace::begin("step", n);
        let f = nbtrace::scalar("f", n as f64 * 0.7);
        nbtrace::vector("v", &mut v);
        nbtrace::begin("inner cell", -3);
        nbtrace::scalar("g", f + v[0]);
        nbtrace::end();
        nbtrace::array("a/b", &mut a, &[2, 3]);
        nbtrace::array("line", &mut a, &[6]);
        nbtrace::end();
    }
}

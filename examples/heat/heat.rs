//! Heat in a rod between two walls, with a heater in its middle: a port of `heat.c` with three faults.
//!
//! `trace-harness emit rust > nbtrace.rs && rustc -O heat.rs -o heat_port && ./heat_port`; an argument such as `13` has faults 1 and 3
//! alone, `0` none. Not here: what is right (`heat.c`).
mod nbtrace;

const CELLS: usize = 20;
const STEPS: i64 = 40;

fn main() {
    let faults = std::env::args().nth(1).unwrap_or_else(|| "123".to_owned());
    let has = |fault: char| faults.contains(fault);
    let length = nbtrace::scalar("length", 0.5);
    let conductivity = nbtrace::scalar("conductivity", 205.0);
    let density = nbtrace::scalar("density", 2700.0);
    let capacity = nbtrace::scalar("capacity", 900.0);
    let mut wall = [300.0, 350.0];
    nbtrace::vector("wall", &mut wall);
    let dx = nbtrace::scalar("dx", length / CELLS as f64);
    // Fault 1: the brackets are lost. Everything that follows is far off, and hides the other two.
    let diffusivity =
        if has('1') { conductivity / density * capacity } else { conductivity / (density * capacity) };
    let diffusivity = nbtrace::scalar("diffusivity", diffusivity);
    let dt = nbtrace::scalar("dt", 0.4 * dx * dx / diffusivity);
    let mut t = [wall[0]; CELLS];
    let mut energy = 0.0;
    for step in 1..=STEPS {
        nbtrace::begin("step", step);
        let heater = nbtrace::scalar("heater", 5000.0 * step as f64 / (step as f64 + 10.0));
        let flux_left = nbtrace::scalar("flux_left", conductivity * (wall[0] - t[0]) / (0.5 * dx));
        // Fault 2: a whole cell from the right wall, not half of one.
        let away = if has('2') { dx } else { 0.5 * dx };
        let flux_right = nbtrace::scalar("flux_right", conductivity * (wall[1] - t[CELLS - 1]) / away);
        let mut next = t;
        for i in 0..CELLS {
            let from_left = if i == 0 { flux_left } else { conductivity * (t[i - 1] - t[i]) / dx };
            let from_right = if i == CELLS - 1 { flux_right } else { conductivity * (t[i + 1] - t[i]) / dx };
            let source = if i == CELLS / 2 { heater } else { 0.0 };
            next[i] = t[i] + dt / (density * capacity * dx) * (from_left + from_right + source);
        }
        t = next;
        nbtrace::array("temperature", &mut t, &[CELLS]);
        // Fault 3: the last cell is left out.
        let counted = if has('3') { CELLS - 1 } else { CELLS };
        energy = 0.0;
        for t in &t[..counted] {
            energy += density * capacity * dx * t;
        }
        energy = nbtrace::scalar("energy", energy);
        nbtrace::end();
    }
    println!("energy {energy:.9e} J/m2");
}

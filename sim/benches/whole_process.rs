//! Whole runs of our program and of the C reference, from start to exit: user, system and wall time, peak memory.
//! Not here: timing of single functions.
//!
//! `cargo bench -p nanobragg --bench whole_process -- [--rounds N] [--threads N] [--row WORD] [--json FILE]`
//!
//! Programs take turns (A B A B …) in a fresh folder each, and the medians are printed with their ratios, so that a busy
//! minute slows both sides. `NB_C_BIN` names the C program; without it our engines are timed alone, and the first line
//! says so. `NB_SUPERVISOR_DIR` adds the full-size command.

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};
use support::golden::Golden;
use support::workplace::{arguments_of, missing_inputs};
use wait4::Wait4;

/// Smallest run that does everything: what is timed is starting up.
const START_UP: &str = "-default_F 100 -cell 100 100 100 90 90 90 -lambda 6.2 -N 5 -distance 100 -pixel 0.1 \
                        -detpixels 64 -floatfile float.bin -intfile int.img -nonoise -nopgm -noprogress";

/// Runs of the short rows per round: a single one is below the clock's tick.
const SHORT_RUNS: u32 = 20;

/// Makes this program list the rows and end.
const LIST_ROWS: &str = "--list-rows";

/// What was asked for.
struct Settings {
    rounds: usize,
    threads: String,
    row: String,
    json: Option<PathBuf>,
}

/// One command line to time.
struct Row {
    name: String,
    args: Vec<String>,
    /// Runs whose sum counts as one measurement.
    runs: u32,
}

/// A program with the flags that choose its engine.
struct Side {
    name: &'static str,
    program: PathBuf,
    own: Vec<String>,
}

/// Resources of one measurement: seconds, bytes.
#[derive(Clone, Copy)]
struct Cost {
    user: f64,
    system: f64,
    wall: f64,
    memory: f64,
}

fn main() {
    if std::env::args().any(|word| word == LIST_ROWS) {
        return list_rows();
    }
    let settings = settings();
    let sides = sides(&settings);
    let rows = rows();
    let mut report = vec![];
    println!("{} rounds, {} thread(s), medians; ratios are first / other", settings.rounds, settings.threads);
    for row in rows.iter().filter(|row| row.name.contains(&settings.row)) {
        let costs = interleaved(row, &sides, &settings);
        print_row(row, &sides, &costs);
        report.push(as_json(row, &sides, &costs));
    }
    if let Some(path) = &settings.json {
        let object = json!({
            "schema": "nanobragg-benchmark-1",
            "rounds": settings.rounds,
            "threads": settings.threads,
            "device": "CPU only",
            "cpus": std::thread::available_parallelism().map_or(0, usize::from),
            "architecture": std::env::consts::ARCH,
            "rows": report,
        });
        std::fs::write(path, format!("{object:#}\n"))
            .unwrap_or_else(|e| panic!("cannot write `{}`: {e}", path.display()));
    }
}

fn print_row(row: &Row, sides: &[Side], costs: &[Vec<Cost>]) {
    println!("\n{} ({} run(s) per measurement)", row.name, row.runs);
    println!("  {:<16}{:>10}{:>10}{:>10}{:>10}", "", "user s", "system s", "wall s", "peak MiB");
    for (side, costs) in sides.iter().zip(costs) {
        let m = medians(costs);
        let mib = m.memory / 1024.0 / 1024.0;
        println!("  {:<16}{:>10.4}{:>10.4}{:>10.4}{mib:>10.1}", side.name, m.user, m.system, m.wall);
    }
    let first = medians(&costs[0]);
    for (side, costs) in sides.iter().zip(costs).skip(1) {
        let m = medians(costs);
        let pair = format!("{} / {}", sides[0].name, side.name);
        let (cpu, first_cpu) = (m.user + m.system, first.user + first.system);
        println!(
            "  {pair:<26} user {:.2}x, cpu {:.2}x, wall {:.2}x",
            first.user / m.user,
            first_cpu / cpu,
            first.wall / m.wall
        );
    }
}

fn settings() -> Settings {
    let mut settings = Settings { rounds: 5, threads: "1".to_owned(), row: String::new(), json: None };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_else(|| panic!("`{word}` needs a value"));
        match word.as_str() {
            "--rounds" => settings.rounds = value().parse().expect("a number of rounds"),
            "--threads" => settings.threads = value(),
            "--row" => settings.row = value(),
            "--json" => settings.json = Some(value().into()),
            // Cargo adds it.
            "--bench" => {}
            _ => panic!("unknown word `{word}`, expected --rounds, --threads, --row or --json"),
        }
    }
    assert!(settings.rounds > 0, "at least one round");
    settings
}

fn sides(settings: &Settings) -> Vec<Side> {
    let ours = |name, engine: &str| Side {
        name,
        program: env!("CARGO_BIN_EXE_nanobragg").into(),
        own: ["--parity", "--engine", engine, "--threads", &settings.threads].map(str::to_owned).to_vec(),
    };
    let mut sides = vec![ours("ours, reference", "reference"), ours("ours, exact", "exact")];
    match std::env::var_os("NB_C_BIN") {
        Some(program) => sides.insert(0, Side { name: "C", program: program.into(), own: vec![] }),
        None => println!("NB_C_BIN is not set: the C reference was not there, our engines are timed alone"),
    }
    sides
}

/// The command lines. Reading the golden data takes more memory than the programs do, and on Linux a child's peak starts
/// from its parent's: so a second process reads them and says what it found.
fn rows() -> Vec<Row> {
    let this = std::env::current_exe().expect("the path of this program");
    let told = Command::new(this).arg(LIST_ROWS).output().expect("this program runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let mut rows = vec![Row {
        name: "start-up 64x64".to_owned(),
        args: START_UP.split(' ').map(str::to_owned).collect(),
        runs: SHORT_RUNS,
    }];
    for line in String::from_utf8_lossy(&told.stdout).lines() {
        match line.split_once('\t') {
            Some((name, args)) => {
                let args = args.split('\t').map(str::to_owned).collect();
                rows.push(Row { name: name.to_owned(), args, runs: 1 });
            }
            None => println!("{line}"),
        }
    }
    rows
}

/// One line per row: its name and its arguments with tabs between; or a sentence about a row that is not there.
fn list_rows() {
    let golden = Golden::load();
    for (name, id) in [("simple_cubic", "AT-PARALLEL-012/simple_cubic"), ("supervisor", "supervisor/full")] {
        let case = golden.case(id);
        match missing_inputs(case) {
            Some(reason) => println!("row `{name}` not run: {reason}"),
            None => println!("{name}\t{}", arguments_of(case).join("\t")),
        }
    }
}

/// Every side once per round, in turn; costs by side.
fn interleaved(row: &Row, sides: &[Side], settings: &Settings) -> Vec<Vec<Cost>> {
    let mut costs = vec![vec![]; sides.len()];
    for _ in 0..settings.rounds {
        for (side, costs) in sides.iter().zip(&mut costs) {
            costs.push(measure(row, side, &settings.threads));
        }
    }
    costs
}

fn measure(row: &Row, side: &Side, threads: &str) -> Cost {
    let mut sum = Cost { user: 0.0, system: 0.0, wall: 0.0, memory: 0.0 };
    for _ in 0..row.runs {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut command = Command::new(&side.program);
        command.args(&side.own).args(&row.args).current_dir(folder.path()).env("OMP_NUM_THREADS", threads);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let mut child =
            command.spawn().unwrap_or_else(|e| panic!("cannot run `{}`: {e}", side.program.display()));
        let used = child.wait4().expect("resources of the finished process");
        sum.wall += start.elapsed().as_secs_f64();
        assert!(used.status.success(), "{} failed on row `{}`: {}", side.name, row.name, used.status);
        sum.user += used.rusage.utime.as_secs_f64();
        sum.system += used.rusage.stime.as_secs_f64();
        sum.memory = sum.memory.max(used.rusage.maxrss as f64);
    }
    sum
}

/// Median of each quantity by itself.
fn medians(costs: &[Cost]) -> Cost {
    let median = |of: fn(&Cost) -> f64| {
        let mut values: Vec<f64> = costs.iter().map(of).collect();
        values.sort_by(f64::total_cmp);
        (values[(values.len() - 1) / 2] + values[values.len() / 2]) / 2.0
    };
    Cost {
        user: median(|c| c.user),
        system: median(|c| c.system),
        wall: median(|c| c.wall),
        memory: median(|c| c.memory),
    }
}

fn as_json(row: &Row, sides: &[Side], costs: &[Vec<Cost>]) -> Value {
    let number =
        |c: &Cost| json!({"user_s": c.user, "system_s": c.system, "wall_s": c.wall, "peak_bytes": c.memory});
    let side = |(side, costs): (&Side, &Vec<Cost>)| {
        json!({
            "side": side.name,
            "median": number(&medians(costs)),
            "rounds": costs.iter().map(number).collect::<Vec<_>>(),
        })
    };
    json!({
        "row": row.name,
        "runs_per_measurement": row.runs,
        "sides": sides.iter().zip(costs).map(side).collect::<Vec<_>>(),
    })
}

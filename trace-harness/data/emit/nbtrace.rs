//! Lets a Rust program say which values it computes, and take those of another program instead.
//!
//! Written by `trace-harness emit rust`; depends on nothing but the standard library. SPDX-License-Identifier: MIT OR Apache-2.0
//!
//! ```text
//! mod nbtrace;
//! x = nbtrace::scalar("flux", x);              one number; returns it, or the reference's in a replay
//! nbtrace::vector("velocity", &mut v);         some numbers, in a line
//! nbtrace::array("field", &mut a, &[ny, nx]);  many, in a .npy file beside the trace
//! nbtrace::begin("step", n); nbtrace::end();   a record, which may stand within another
//! nbtrace::flush();                            before an end that runs no exit handlers
//! ```
//!
//! `NBTRACE=FILE`: where the trace goes; off where it is unset: one branch, nothing allocated, nothing printed. In it `%p` is the process
//! id, `%r` the MPI rank, `%t` the number of the thread: files of their own. `NBTRACE_LABEL=RS`: what the program calls itself in the
//! trace, in capital letters and digits. `NBTRACE_REPLAY=FILE`: a trace whose values the calls return; `NBTRACE_KEYS=a,b`: for these
//! keys only.
//!
//! Not here: reading traces for any other purpose.
#![allow(dead_code)]

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

const UNKNOWN: u8 = 0;
const OFF: u8 = 1;
const ON: u8 = 2;
const FULL: usize = 1 << 16;
const MOST: usize = 1 << 24;

static MODE: AtomicU8 = AtomicU8::new(UNKNOWN);
static ARRAYS: AtomicUsize = AtomicUsize::new(0);
static ALL: OnceLock<Settings> = OnceLock::new();
static THREADS: Mutex<Vec<Arc<Mutex<Thread>>>> = Mutex::new(Vec::new());
static SHARED: Mutex<Option<File>> = Mutex::new(None);
static VALUES: Mutex<Option<HashMap<String, Vec<Value>>>> = Mutex::new(None);

struct Settings {
    pattern: Option<String>,
    own_files: bool,
    shared_name: String,
    head: String,
    reference: Option<String>,
    keys: Option<Vec<String>>,
}

enum Value {
    Numbers(Vec<f64>),
    File(std::path::PathBuf),
    /// Nothing that can be given back; it keeps its place among those of its key.
    None,
}

#[derive(Default)]
struct Thread {
    text: String,
    path: String,
    ends: Vec<usize>,
    file: Option<File>,
    name: String,
}

thread_local! {
    static ME: RefCell<Option<Arc<Mutex<Thread>>>> = const { RefCell::new(None) };
}

unsafe extern "C" {
    fn atexit(handler: extern "C" fn()) -> i32;
}

extern "C" fn at_exit() {
    flush();
}

/// One number: returns it, or the reference's.
#[inline]
pub fn scalar(key: &str, x: f64) -> f64 {
    if MODE.load(Relaxed) == OFF { x } else { scalar_on(key, x) }
}

/// Some numbers, in a line.
#[inline]
pub fn vector(key: &str, x: &mut [f64]) {
    if MODE.load(Relaxed) != OFF {
        vector_on(key, x);
    }
}

/// Many numbers, in a `.npy` file beside the trace; the last index runs fastest.
#[inline]
pub fn array(key: &str, x: &mut [f64], shape: &[usize]) {
    if MODE.load(Relaxed) != OFF {
        array_on(key, x, shape);
    }
}

/// Begins a record.
#[inline]
pub fn begin(name: &str, number: i64) {
    if MODE.load(Relaxed) != OFF {
        begin_on(name, number);
    }
}

/// Ends the record that began last.
#[inline]
pub fn end() {
    if MODE.load(Relaxed) != OFF {
        end_on();
    }
}

/// Writes what is not yet written.
pub fn flush() {
    if MODE.load(Relaxed) != ON {
        return;
    }
    for thread in locked(&THREADS).iter() {
        write_out(&mut locked(thread));
    }
}

fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn settings() -> Option<&'static Settings> {
    if MODE.load(Relaxed) == OFF {
        return None;
    }
    let mut first = false;
    let all = ALL.get_or_init(|| {
        first = true;
        let pattern = variable("NBTRACE");
        let reference = variable("NBTRACE_REPLAY");
        let own_files = pattern.as_ref().is_some_and(|p| p.contains("%t"));
        let mut all = Settings {
            pattern,
            own_files,
            shared_name: String::new(),
            head: format!("TRACE_{}: ", variable("NBTRACE_LABEL").unwrap_or_else(|| "NB".to_owned())),
            reference,
            keys: std::env::var("NBTRACE_KEYS").ok().map(|k| k.split(',').map(str::to_owned).collect()),
        };
        if let (Some(pattern), false) = (&all.pattern, own_files) {
            let (name, file) = open(pattern, all.reference.as_deref(), 0);
            *locked(&SHARED) = file;
            all.shared_name = name;
        }
        if let Some(reference) = &all.reference {
            *locked(&VALUES) = Some(load(reference, &all));
        }
        all
    });
    let on = all.pattern.is_some() || all.reference.is_some();
    if first && on {
        // SAFETY: the handler is a function without arguments that does not unwind.
        unsafe { atexit(at_exit) };
    }
    MODE.store(if on { ON } else { OFF }, Relaxed);
    on.then_some(all)
}

fn rank() -> String {
    let names = ["OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"];
    names.iter().find_map(|name| variable(name)).unwrap_or_else(|| "0".to_owned())
}

/// Whether two names are those of one file, linked twice.
fn one_file(a: &str, b: &str) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let of = |name: &str| std::fs::metadata(name).map(|about| (about.dev(), about.ino())).ok();
        of(a).is_some() && of(a) == of(b)
    }
    #[cfg(not(unix))]
    {
        let _ = (a, b);
        false
    }
}

fn open(pattern: &str, reference: Option<&str>, thread: usize) -> (String, Option<File>) {
    let mut name = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let word = match rest.get(..2) {
            Some("%p") => Some(std::process::id().to_string()),
            Some("%t") => Some(thread.to_string()),
            Some("%r") => Some(rank()),
            _ => None,
        };
        rest = &rest[if word.is_some() { 2 } else { c.len_utf8() }..];
        match word {
            Some(word) => name += &word,
            None => name.push(c),
        }
    }
    let same = |reference: &str| {
        let [a, b] = [&*name, reference].map(|name| std::fs::canonicalize(name).ok());
        a.is_some() && a == b || one_file(&name, reference)
    };
    if reference.is_some_and(same) {
        eprintln!("nbtrace: `{name}`: is the trace that NBTRACE_REPLAY names; expected another file");
        // The handler of the end would wait for what the caller has locked.
        MODE.store(OFF, Relaxed);
        std::process::exit(2);
    }
    let file = File::create(&name).and_then(|mut file| file.write_all(b"# nbtrace 1\n").map(|()| file));
    if file.is_err() {
        eprintln!("nbtrace: `{name}`: cannot be written");
    }
    (name, file.ok())
}

fn with<T>(work: impl FnOnce(&mut Thread, &'static Settings) -> T) -> Option<T> {
    let all = settings()?;
    ME.with_borrow_mut(|me| {
        let thread = me.get_or_insert_with(|| {
            let mut threads = locked(&THREADS);
            let mut thread = Thread { name: all.shared_name.clone(), ..Thread::default() };
            if let (Some(pattern), true) = (&all.pattern, all.own_files) {
                (thread.name, thread.file) = open(pattern, all.reference.as_deref(), threads.len());
            }
            let thread = Arc::new(Mutex::new(thread));
            threads.push(thread.clone());
            thread
        });
        let mut thread = locked(thread);
        let done = work(&mut thread, all);
        // Whole records go to a file that threads share, so that none stands within another; those above 16 MiB come in pieces.
        let most = if thread.ends.is_empty() || all.own_files { FULL } else { MOST };
        if thread.text.len() >= most {
            write_out(&mut thread);
        }
        Some(done)
    })
}

fn write_out(thread: &mut Thread) {
    let text = std::mem::take(&mut thread.text);
    let mut shared = locked(&SHARED);
    let file = if thread.file.is_some() { &mut thread.file } else { &mut *shared };
    // What cannot be written is said once; the program goes on.
    if file.as_mut().is_some_and(|file| file.write_all(text.as_bytes()).is_err()) {
        *file = None;
        eprintln!("nbtrace: `{}`: cannot be written", thread.name);
    }
    drop(shared);
    thread.text = text;
    thread.text.clear();
}

/// A name is one word, whatever it is.
fn word(to: &mut String, name: &str) {
    if name.is_empty() {
        to.push('_');
    }
    to.extend(name.chars().map(|c| if c <= ' ' || c == '\x7f' { '_' } else { c }));
}

/// A number as C's `%.17g` writes it.
fn number(to: &mut String, x: f64) {
    if !x.is_finite() {
        to.push_str(if x.is_nan() {
            "nan"
        } else if x < 0.0 {
            "-inf"
        } else {
            "inf"
        });
        return;
    }
    if x == x.trunc() && x.abs() < 1e15 && (x != 0.0 || x.is_sign_positive()) {
        let _ = write!(to, "{}", x as i64);
        return;
    }
    let start = to.len();
    let _ = write!(to, "{x:.16e}");
    let Some(at) = to[start..].find('e') else { return };
    let exponent: i32 = to[start + at + 1..].parse().unwrap_or(0);
    let sign = usize::from(x.is_sign_negative());
    // The digits without the point, and none at the end that says nothing.
    let mut digits = [0_u8; 17];
    let written = to[start + sign..start + at].bytes().filter(u8::is_ascii_digit);
    digits.iter_mut().zip(written).for_each(|(to, digit)| *to = digit);
    let used = digits.iter().rposition(|d| *d != b'0').map_or(1, |last| last + 1);
    let digits = &digits[..used];
    to.truncate(start + sign);
    let mut put = |digits: &[u8]| to.extend(digits.iter().map(|d| char::from(*d)));
    if !(-4..17).contains(&exponent) {
        put(&digits[..1]);
        if used > 1 {
            put(b".");
            put(&digits[1..]);
        }
        let _ = write!(to, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    } else if exponent < 0 {
        put(b"0.");
        put(&b"000"[..(-1 - exponent) as usize]);
        put(digits);
    } else {
        let whole = exponent as usize + 1;
        put(&digits[..whole.min(used)]);
        (used..whole).for_each(|_| put(b"0"));
        if used > whole {
            put(b".");
            put(&digits[whole..]);
        }
    }
}

fn wanted(all: &Settings, key: &str) -> bool {
    all.keys.as_ref().is_none_or(|keys| keys.iter().any(|k| k == key))
}

fn load(reference: &str, all: &Settings) -> HashMap<String, Vec<Value>> {
    let text = std::fs::read(reference).unwrap_or_else(|_| {
        eprintln!("nbtrace: `{reference}`: cannot be read; expected a trace");
        std::process::exit(2);
    });
    let folder = Path::new(reference).parent().unwrap_or(Path::new(""));
    let mut values: HashMap<String, Vec<Value>> = HashMap::new();
    let (mut path, mut ends, mut begins) = (String::new(), Vec::new(), false);
    for line in String::from_utf8_lossy(&text).lines() {
        match line {
            "# begin" => begins = true,
            "# end" => path.truncate(ends.pop().unwrap_or(0)),
            _ => {
                let rest = line.strip_prefix("TRACE_").and_then(|line| line.split_once(": "));
                let Some((_, rest)) = rest else { continue };
                if std::mem::take(&mut begins) {
                    ends.push(path.len());
                    path.push_str(rest);
                    path.push('\n');
                    continue;
                }
                let Some((key, value)) = rest.split_once(' ').filter(|(key, _)| wanted(all, key)) else {
                    continue;
                };
                let value = match value.strip_prefix("@array ").and_then(|v| v.split_once(" shape ")) {
                    Some((file, _)) => Value::File(folder.join(file)),
                    None => value
                        .split_ascii_whitespace()
                        .map(str::parse)
                        .collect::<Result<_, _>>()
                        .map_or(Value::None, Value::Numbers),
                };
                values.entry(format!("{path}{key}")).or_default().push(value);
            }
        }
    }
    values.values_mut().for_each(|list| list.reverse());
    values
}

/// The reference's value of a key in this record; each is given once.
fn taken(me: &Thread, all: &Settings, key: &str) -> Option<Value> {
    let mut name = me.path.clone();
    word(&mut name, key);
    if !wanted(all, &name[me.path.len()..]) {
        return None;
    }
    locked(&VALUES).as_mut()?.get_mut(&name)?.pop()
}

fn tell(me: &mut Thread, all: &Settings, key: &str, taken: bool) {
    let start = me.text.len();
    me.text.push_str(if taken { "# replayed " } else { "# not replayed " });
    let name = me.text.len();
    word(&mut me.text, key);
    if wanted(all, &me.text[name..]) {
        me.text.push('\n');
    } else {
        me.text.truncate(start);
    }
}

#[cold]
fn scalar_on(key: &str, x: f64) -> f64 {
    let mut one = [x];
    vector_on(key, &mut one);
    one[0]
}

#[cold]
fn vector_on(key: &str, x: &mut [f64]) {
    with(|me, all| {
        me.text.push_str(&all.head);
        word(&mut me.text, key);
        for x in &*x {
            me.text.push(' ');
            number(&mut me.text, *x);
        }
        me.text.push('\n');
        if all.reference.is_none() {
            return;
        }
        let found = match taken(me, all, key) {
            Some(Value::Numbers(numbers)) if numbers.len() == x.len() => {
                x.copy_from_slice(&numbers);
                true
            }
            _ => false,
        };
        tell(me, all, key, found);
    });
}

/// The head of a file of NumPy.
fn head_of(shape: &[usize], fortran: bool) -> Vec<u8> {
    let inside = match shape {
        [one] => format!("{one},"),
        all => all.iter().map(usize::to_string).collect::<Vec<_>>().join(", "),
    };
    let order = if cfg!(target_endian = "little") { '<' } else { '>' };
    let fortran = if fortran { "True" } else { "False" };
    let mut head = format!("{{'descr': '{order}f8', 'fortran_order': {fortran}, 'shape': ({inside}), }}");
    while (head.len() + 11) % 64 != 0 {
        head.push(' ');
    }
    head.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((head.len() as u16).to_le_bytes());
    bytes.extend(head.bytes());
    bytes
}

fn write_npy(name: &str, x: &[f64], shape: &[usize]) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(File::create(name)?);
    file.write_all(&head_of(shape, false))?;
    for x in x {
        file.write_all(&x.to_ne_bytes())?;
    }
    file.flush()
}

/// Takes the numbers of the reference's file where it is an array of this shape and type, in either order of axes; all or none.
fn read_npy(name: &Path, x: &mut [f64], shape: &[usize]) -> bool {
    let Ok(bytes) = std::fs::read(name) else { return false };
    for fortran in [false, true] {
        let Some(numbers) = bytes.strip_prefix(&*head_of(shape, fortran)) else { continue };
        if numbers.len() != 8 * x.len() {
            continue;
        }
        let number = |at: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&numbers[8 * at..8 * at + 8]);
            f64::from_ne_bytes(bytes)
        };
        let all = x.len();
        for (n, x) in x.iter_mut().enumerate() {
            *x = number(if fortran { turned(n, all, shape) } else { n });
        }
        return true;
    }
    false
}

/// The place of an element where the first index runs fastest, by its place where the last one does.
fn turned(place: usize, all: usize, shape: &[usize]) -> usize {
    let (mut rest, mut step, mut turned) = (place, all, 0);
    for length in shape.iter().rev() {
        step /= length;
        turned += rest % length * step;
        rest /= length;
    }
    turned
}

#[cold]
fn array_on(key: &str, x: &mut [f64], shape: &[usize]) {
    with(|me, all| {
        if !me.name.is_empty() {
            let safe: String = key
                .chars()
                .map(|c| if c <= ' ' || "\x7f/\\:".contains(c) { '_' } else { c })
                .collect();
            let name = format!("{}.{safe}.{}.npy", me.name, ARRAYS.fetch_add(1, Relaxed));
            if write_npy(&name, x, shape).is_err() {
                eprintln!("nbtrace: `{name}`: cannot be written");
            }
            me.text.push_str(&all.head);
            word(&mut me.text, key);
            let base = Path::new(&name).file_name().unwrap_or_default().to_string_lossy();
            let words = shape.iter().map(usize::to_string).collect::<Vec<_>>().join("x");
            let words = if words.is_empty() { "1" } else { &words };
            let _ = writeln!(me.text, " @array {base} shape {words}");
        }
        if all.reference.is_none() {
            return;
        }
        let found = match taken(me, all, key) {
            Some(Value::File(file)) => read_npy(&file, x, shape),
            _ => false,
        };
        tell(me, all, key, found);
    });
}

#[cold]
fn begin_on(name: &str, number: i64) {
    with(|me, all| {
        me.text.push_str("# begin\n");
        me.text.push_str(&all.head);
        let start = me.text.len();
        word(&mut me.text, name);
        let _ = writeln!(me.text, " {number}");
        me.ends.push(me.path.len());
        me.path.push_str(&me.text[start..]);
    });
}

#[cold]
fn end_on() {
    with(|me, _| {
        me.text.push_str("# end\n");
        if let Some(end) = me.ends.pop() {
            me.path.truncate(end);
        }
    });
}

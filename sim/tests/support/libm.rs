//! Is this machine's mathematical library the one the golden numbers were made with? Asked with a few stored bits.
//! Not here: what a test does when it is not.

/// Whether every probed function gives the stored bits, and how many do not.
pub struct Probe {
    pub values: usize,
    pub different: usize,
}

impl Probe {
    /// Byte identity can be asked for.
    pub fn same(&self) -> bool {
        self.different == 0
    }
}

/// Compares this libm with `tests/golden/libm_probe.txt`.
pub fn probe() -> Probe {
    let mut probe = Probe { values: 0, different: 0 };
    for line in super::golden::read_text("libm_probe.txt").lines().filter(|line| !line.starts_with('#')) {
        let [name, argument, expected]: [&str; 3] =
            line.split(' ').collect::<Vec<_>>().try_into().expect("`function argument result`");
        probe.values += 1;
        probe.different +=
            usize::from(function(name)(float(argument)).to_bits() != float(expected).to_bits());
    }
    assert!(probe.values > 0, "libm_probe.txt holds no values");
    probe
}

fn function(name: &str) -> fn(f64) -> f64 {
    match name {
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        "exp" => f64::exp,
        "log" => f64::ln,
        other => panic!("libm_probe.txt asks for `{other}`"),
    }
}

fn float(bits: &str) -> f64 {
    f64::from_bits(u64::from_str_radix(bits, 16).expect("sixteen hexadecimal digits"))
}

//! What the arguments of a run ask for, of parameters that have a default.
//!
//! Not here: what a side says it computes with (`effective`).

use std::collections::BTreeMap;
use std::ffi::OsString;

use trace_harness::trace::cause::arguments::Arguments;

/// The values by the names of their parameters that a side was asked for that was called with these words, the program's name
/// first; none where nothing is known of it.
pub(crate) fn asked(words: &[OsString]) -> BTreeMap<&'static str, f64> {
    let arguments = if words.is_empty() { None } else { Arguments::of(words) };
    let Some(Arguments { wavelength, fluence, pixel_size, distance, .. }) = arguments else {
        return BTreeMap::new();
    };
    let always = [("wavelength", wavelength), ("fluence", fluence), ("pixel size", pixel_size)];
    always.into_iter().chain(distance.map(|distance| ("distance", distance))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::built_in;

    #[test]
    fn given_values_and_defaults_are_in_the_units_of_the_parameters() {
        let of = |line: &str| asked(&line.split_whitespace().map(OsString::from).collect::<Vec<_>>());
        let usual = of("sim -detpixels 64");
        for (name, flag, value) in [
            ("distance", "-distance 7", 0.007),
            ("wavelength", "-lambda 7", 7e-10),
            ("pixel size", "-pixel 7", 0.007),
        ] {
            let default = built_in::parameters().known.iter().find(|known| known.name == name);
            let default = default.and_then(|known| known.default.as_ref()).expect("a default").value;
            let close = |a: f64, b: f64| (a - b).abs() <= 1e-12 * b;
            assert!(close(usual[name], default), "{name}");
            assert!(close(of(&format!("sim -detpixels 64 {flag}"))[name], value), "{name}");
        }
        assert!(of("").is_empty() && of("sim -mask nowhere.img").is_empty());
    }
}

//! Would the parity tests notice? Checks of the golden pack and of the comparison by itself, without running a program.
//! Not here: any comparison with a program's output.

use super::compare::check_file;
use super::golden::{Case, Crop, Golden, GoldenFile};

/// Stored pieces that are whole images have the digest of the whole file: packing and unpacking lose nothing.
pub fn pieces_are_what_was_written(golden: &Golden) -> Result<(), String> {
    let whole: Vec<_> = whole_images(golden).collect();
    for (case, file, crop) in &whole {
        check_file(golden, case, file, &bytes(&golden.crop_pixels(crop)), true)
            .map_err(|fault| format!("{}: {fault}", case.id))?;
    }
    if whole.is_empty() { Err("no stored piece is a whole image".to_owned()) } else { Ok(()) }
}

/// One changed bit is a fault; on another libm one unit in the last place on few pixels is not, two units or many pixels
/// are.
pub fn changes_are_noticed(golden: &Golden) -> Result<(), String> {
    let bright =
        |(_, _, crop): &(&Case, &GoldenFile, &Crop)| golden.crop_pixels(crop).iter().all(|x| *x > 0.0);
    let (case, file, crop) = whole_images(golden).find(bright).ok_or("no whole image without a zero")?;
    let pixels = golden.crop_pixels(crop);
    let changed = |count: usize, units: u32| {
        let mut pixels = pixels.clone();
        pixels.iter_mut().take(count).for_each(|x| *x = f32::from_bits(x.to_bits() + units));
        bytes(&pixels)
    };
    let few = pixels.len() / 1000;
    let accepted = |image: &[u8], exact: bool| check_file(golden, case, file, image, exact).is_ok();
    let verdicts = [
        ("unchanged", accepted(&changed(0, 0), true), true),
        ("one unit, bytes must agree", accepted(&changed(1, 1), true), false),
        ("one unit on few pixels", accepted(&changed(few, 1), false), true),
        ("two units on one pixel", accepted(&changed(1, 2), false), false),
        ("one unit on too many pixels", accepted(&changed(few + 1, 1), false), false),
        ("cut short", accepted(&changed(0, 0)[4..], false), false),
    ];
    match verdicts.iter().find(|(_, found, expected)| found != expected) {
        Some((what, found, _)) => Err(format!("{what}: accepted {found}")),
        None => Ok(()),
    }
}

fn whole_images(golden: &Golden) -> impl Iterator<Item = (&Case, &GoldenFile, &Crop)> {
    golden.cases.iter().filter_map(|case| {
        let (crop, file) = (case.crop.as_ref()?, case.files.iter().find(|file| file.kind == "float")?);
        let whole = crop.fast == (0, case.size.0 - 1) && crop.slow == (0, case.size.1 - 1);
        whole.then_some((case, file, crop))
    })
}

fn bytes(pixels: &[f32]) -> Vec<u8> {
    pixels.iter().flat_map(|x| x.to_le_bytes()).collect()
}

//! A symmetric diverging colour map (cool to warm, after Moreland 2009) and the bar that explains it.
//!
//! Not here: what is coloured.

use nanobragg::image::raster::Raster;

use crate::picture::glyphs;

const LOW: [f32; 3] = [59.0, 76.0, 192.0];
const MIDDLE: [f32; 3] = [242.0, 242.0, 242.0];
const HIGH: [f32; 3] = [180.0, 4.0, 38.0];
const INK: [u8; 3] = [20, 20, 20];
const PAPER: [u8; 3] = [255, 255, 255];

const GAP: usize = 8;
const STRIPE: usize = 14;

/// The colour of `value` on a scale from −`limit` (blue) over 0 (light grey) to +`limit` (red).
pub(super) fn colour(value: f32, limit: f32) -> [u8; 3] {
    let t = if limit > 0.0 { (value / limit).clamp(-1.0, 1.0) } else { 0.0 };
    let (end, share) = if t < 0.0 { (LOW, -t) } else { (HIGH, t) };
    // A NaN has no share: it gets the middle colour; it is counted and fails elsewhere.
    std::array::from_fn(|i| {
        (MIDDLE[i] + (end[i] - MIDDLE[i]) * if share.is_nan() { 0.0 } else { share }).round() as u8
    })
}

/// A bar of `slow` rows: the scale from +`limit` on top to −`limit` at the bottom, labelled where there is room.
pub(super) fn bar(slow: usize, limit: f32) -> Raster<[u8; 3]> {
    let labels = [format!("+{}", short(limit)), "0".to_owned(), format!("-{}", short(limit))];
    let room = labels.iter().map(|l| glyphs::width(l)).max().unwrap_or(0);
    let fast = GAP + STRIPE + 4 + room + 4;
    let mut picture = Raster { fast, slow, data: vec![PAPER; fast * slow] };
    for row in 0..slow {
        let share = if slow > 1 { 1.0 - 2.0 * row as f32 / (slow - 1) as f32 } else { 0.0 };
        let start = row * fast + GAP;
        picture.data[start..start + STRIPE].fill(colour(share, 1.0));
    }
    if slow >= 5 * glyphs::HEIGHT {
        let places = [1, (slow - glyphs::HEIGHT) / 2, slow - glyphs::HEIGHT - 1];
        for (label, top) in labels.iter().zip(places) {
            glyphs::draw(&mut picture, label, GAP + STRIPE + 4, top, INK);
        }
    }
    picture
}

/// A number in few characters.
fn short(value: f32) -> String {
    match value {
        0.0 => "0".to_owned(),
        v if (0.001..100_000.0).contains(&v) => {
            let digits = (3 - v.log10().floor() as i32).clamp(0, 6) as usize;
            let text = format!("{v:.digits$}");
            if text.contains('.') {
                text.trim_end_matches('0').trim_end_matches('.').to_owned()
            } else {
                text
            }
        }
        v => format!("{v:.2e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_is_symmetric_about_a_light_middle() {
        assert_eq!(colour(0.0, 2.0), MIDDLE.map(|c| c as u8));
        assert_eq!(colour(-2.0, 2.0), LOW.map(|c| c as u8));
        assert_eq!(colour(9.0, 2.0), HIGH.map(|c| c as u8));
        assert_eq!(colour(f32::NAN, 2.0), colour(0.0, 2.0));
        assert_eq!(colour(1.0, 0.0), colour(0.0, 1.0));
    }

    #[test]
    fn the_bar_runs_from_high_to_low_and_is_labelled() {
        let bar = bar(100, 8.0);
        let column = |row: usize| bar.data[row * bar.fast + GAP];
        assert_eq!((column(0), column(99)), (colour(1.0, 1.0), colour(-1.0, 1.0)));
        assert!(bar.data.contains(&INK));
        assert!(!super::bar(20, 8.0).data.contains(&INK));
        assert_eq!(super::bar(0, 8.0).data.len(), 0);
    }

    #[test]
    fn labels_are_short() {
        assert_eq!(
            [0.0, 8.0, 0.125, 12345.6, 1.0e-7, 3.0e9].map(short),
            ["0", "8", "0.125", "12346", "1.00e-7", "3.00e9"]
        );
    }
}

//! Commands of every day on a small protein's crystal: wide and thin spots, stills, many rays.
//! Not here: timing them (`whole_process`, `derivatives`).

pub const WIDE_1000: &str = "wide spots, 1000 orientations";
pub const WIDE_100: &str = "wide spots, 100 orientations";
pub const DIALS: &str = "recipe of a rotation image";
pub const DIALS_WATER: &str = "recipe of a rotation image, water";
pub const SQUARE_STILL: &str = "square still";
pub const SQUARE_DIVERGENT: &str = "square, divergent beam";
pub const ROUND_MOSAIC: &str = "round, 50 domains";
pub const THIN: &str = "thin spots, 50 domains";

/// A small protein's crystal.
pub const SMALL_CELL: &str = "-cell 34.77 39.17 48.31 90 90 90 -misset 10 20 30 -lambda 1 -distance 100";

/// Name and further words.
pub const ROWS: &[(&str, &str)] = &[
    (
        WIDE_1000,
        "-detpixels 1024 -N 12 -gauss_xtal -mosaic 0.3 -mosaic_dom 100 -phi 0 -osc 1 -phisteps 10 -oversample 1",
    ),
    (
        WIDE_100,
        "-detpixels 1024 -N 12 -gauss_xtal -mosaic 0.3 -mosaic_dom 10 -phi 0 -osc 1 -phisteps 10 -oversample 1",
    ),
    (DIALS, "-detpixels 1024 -N 8 -gauss_xtal -osc 0.5 -phisteps 10 -oversample 1"),
    (DIALS_WATER, "-detpixels 1024 -N 8 -gauss_xtal -osc 0.5 -phisteps 10 -oversample 1 -water 1"),
    (SQUARE_STILL, "-detpixels 2048 -pixel 0.05 -N 12 -oversample 1"),
    (
        SQUARE_DIVERGENT,
        "-detpixels 512 -pixel 0.2 -N 12 -divergence 1 -hdivsteps 5 -vdivsteps 5 -oversample 3",
    ),
    (ROUND_MOSAIC, "-detpixels 512 -pixel 0.2 -N 12 -round_xtal -mosaic 0.3 -mosaic_dom 50 -oversample 1"),
    (THIN, "-detpixels 1024 -N 20 -gauss_xtal -mosaic 0.3 -mosaic_dom 50 -oversample 1"),
];

/// The list of that crystal as far as 2 Å: amplitudes that differ from one to the next and fall as those of atoms that
/// vibrate (B = 20 Å²).
pub fn reflections() -> Vec<([i32; 3], f64)> {
    let mut list = Vec::new();
    for h in -17_i32..=17 {
        for k in -19_i32..=19 {
            for l in -24_i32..=24 {
                let [x, y, z] = [f64::from(h) / 34.77, f64::from(k) / 39.17, f64::from(l) / 48.31];
                let inverse_sqr = x * x + y * y + z * z;
                if inverse_sqr > 0.0 && inverse_sqr <= 0.25 {
                    let wave = (1.7 * f64::from(h) + 2.3 * f64::from(k) + 3.1 * f64::from(l)).sin();
                    list.push(([h, k, l], 300.0 * (-20.0 / 4.0 * inverse_sqr).exp() * (0.05 + wave * wave)));
                }
            }
        }
    }
    list
}

//! The few characters that a number needs, as 5×7 dots, so that a picture can be labelled without a font.
//!
//! Not here: any other text.

use nanobragg::image::raster::Raster;

/// Rows of a character.
pub(super) const HEIGHT: usize = 7;
const WIDTH: usize = 5;
const PITCH: usize = 6;

/// One byte per row, the leftmost dot in bit 4.
const GLYPHS: [(char, [u8; HEIGHT]); 14] = [
    ('0', [0x0e, 0x11, 0x13, 0x15, 0x19, 0x11, 0x0e]),
    ('1', [0x04, 0x0c, 0x04, 0x04, 0x04, 0x04, 0x0e]),
    ('2', [0x0e, 0x11, 0x01, 0x06, 0x08, 0x10, 0x1f]),
    ('3', [0x1e, 0x01, 0x01, 0x0e, 0x01, 0x01, 0x1e]),
    ('4', [0x02, 0x06, 0x0a, 0x12, 0x1f, 0x02, 0x02]),
    ('5', [0x1f, 0x10, 0x1e, 0x01, 0x01, 0x11, 0x0e]),
    ('6', [0x06, 0x08, 0x10, 0x1e, 0x11, 0x11, 0x0e]),
    ('7', [0x1f, 0x01, 0x02, 0x04, 0x08, 0x08, 0x08]),
    ('8', [0x0e, 0x11, 0x11, 0x0e, 0x11, 0x11, 0x0e]),
    ('9', [0x0e, 0x11, 0x11, 0x0f, 0x01, 0x02, 0x0c]),
    ('+', [0x00, 0x04, 0x04, 0x1f, 0x04, 0x04, 0x00]),
    ('-', [0x00, 0x00, 0x00, 0x1f, 0x00, 0x00, 0x00]),
    ('.', [0x00, 0x00, 0x00, 0x00, 0x00, 0x0c, 0x0c]),
    ('e', [0x00, 0x00, 0x0e, 0x11, 0x1f, 0x10, 0x0e]),
];

/// Width of `text` in pixels.
pub(super) fn width(text: &str) -> usize {
    text.chars().count() * PITCH
}

/// Draws `text` with its top left corner at (`left`, `top`); what leaves the picture, and unknown characters, are not drawn.
pub(super) fn draw(picture: &mut Raster<[u8; 3]>, text: &str, left: usize, top: usize, ink: [u8; 3]) {
    for (n, wanted) in text.chars().enumerate() {
        let Some((_, rows)) = GLYPHS.iter().find(|(c, _)| *c == wanted) else { continue };
        for (y, row) in rows.iter().enumerate() {
            for x in (0..WIDTH).filter(|x| row >> (WIDTH - 1 - x) & 1 == 1) {
                let (f, s) = (left + n * PITCH + x, top + y);
                if f < picture.fast && s < picture.slow {
                    picture.data[s * picture.fast + f] = ink;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_one_is_drawn_and_nothing_leaves_the_picture() {
        let mut picture = Raster { fast: 8, slow: 7, data: vec![[0; 3]; 56] };
        draw(&mut picture, "1x11", 0, 0, [1; 3]);
        let row: Vec<u8> = picture.data[..8].iter().map(|p| p[0]).collect();
        assert_eq!(row, [0, 0, 1, 0, 0, 0, 0, 0]);
        assert_eq!(width("1x1"), 18);
    }
}

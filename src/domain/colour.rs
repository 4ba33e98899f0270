//! A campaign's colour, and what can be read on it.

use std::fmt;
use std::str::FromStr;

/// A colour of the screen, written `#rrggbb`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// Text that is no colour.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be # and six hexadecimal digits, such as #0a5f4f")]
pub struct NotAColour;

/// The contrast that text needs (WCAG 2.2, AA).
pub const READABLE: f64 = 4.5;

impl Colour {
    /// The lightest.
    pub const WHITE: Self = Self([255; 3]);
    /// The darkest.
    pub const BLACK: Self = Self([0; 3]);

    /// From its red, green and blue.
    #[must_use]
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self([red, green, blue])
    }

    /// How bright it is to the eye, from 0 to 1.
    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    /// How well one can be told from the other, from 1 to 21.
    #[must_use]
    pub fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The colour of text on it: white or black. The better of the two always has 4.58 at least.
    #[must_use]
    pub fn text(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) { Self::WHITE } else { Self::BLACK }
    }

    /// So many hundredths of another colour mixed in.
    #[must_use]
    pub fn mixed(self, other: Self, hundredths: u8) -> Self {
        let share = u32::from(hundredths.min(100));
        let mix = |one: u8, other: u8| {
            let sum = u32::from(one) * (100 - share) + u32::from(other) * share;
            u8::try_from((sum + 50) / 100).unwrap_or(u8::MAX)
        };
        let ([r, g, b], [or, og, ob]) = (self.0, other.0);
        Self([mix(r, or), mix(g, og), mix(b, ob)])
    }

    /// The nearest shade of it that can be read as text on this ground.
    #[must_use]
    pub fn readable_on(self, ground: Self) -> Self {
        let towards = ground.text();
        let shades = (0..=100).map(|share| self.mixed(towards, share));
        shades.into_iter().find(|shade| shade.contrast(ground) >= READABLE).unwrap_or(towards)
    }
}

impl FromStr for Colour {
    type Err = NotAColour;

    fn from_str(text: &str) -> Result<Self, NotAColour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(NotAColour)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NotAColour);
        }
        let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).map_err(|_| NotAColour);
        Ok(Self([part(0)?, part(2)?, part(4)?]))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colour(text: &str) -> Colour {
        text.parse().unwrap()
    }

    #[test]
    fn only_six_digits_after_a_hash_are_a_colour() {
        assert_eq!(colour("#0A5f4F").to_string(), "#0a5f4f");
        for text in ["", "#", "0a5f4f", "#0a5", "#0a5f4", "#0a5f4g", "#0a5f4f0", "red", " #0a5f4f", "#+a5f4f", "#ää5f"]
        {
            assert_eq!(text.parse::<Colour>(), Err(NotAColour), "{text}");
        }
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((Colour::WHITE.contrast(Colour::BLACK) - 21.0).abs() < 1e-9);
        assert!((colour("#777777").contrast(Colour::WHITE) - 4.48).abs() < 0.01);
        assert_eq!((colour("#ffd400").text(), colour("#0a5f4f").text()), (Colour::BLACK, Colour::WHITE));
    }

    #[test]
    fn text_can_be_read_on_every_colour_and_every_colour_has_a_readable_shade() {
        let steps = || (0..=255).step_by(15);
        let (light, dark) = (Colour::WHITE, Colour::new(0x17, 0x21, 0x1f));
        for (red, green, blue) in steps().flat_map(|r| steps().flat_map(move |g| steps().map(move |b| (r, g, b)))) {
            let colour = Colour::new(red, green, blue);
            assert!(colour.text().contrast(colour) >= READABLE, "text on {colour}");
            for ground in [light, dark] {
                let shade = colour.readable_on(ground);
                assert!(shade.contrast(ground) >= READABLE, "{colour} as {shade} on {ground}");
            }
        }
        assert_eq!(colour("#0a5f4f").readable_on(light), colour("#0a5f4f"), "what can be read stays as it is");
    }

    #[test]
    fn mixing_goes_from_one_to_the_other() {
        let (one, other) = (colour("#102030"), colour("#f0e0d0"));
        assert_eq!((one.mixed(other, 0), one.mixed(other, 100)), (one, other));
        assert_eq!(Colour::BLACK.mixed(Colour::WHITE, 50), colour("#808080"));
    }
}

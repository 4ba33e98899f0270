//! Numbers as people read them, in each language.

/// What stands between a number's parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marks {
    tenths: &'static str,
    thousands: &'static str,
    /// What points of a percentage are called.
    points: &'static str,
}

impl Marks {
    /// Those of a language.
    #[must_use]
    pub fn of(language: &str) -> Self {
        match language {
            "de" => Self { tenths: ",", thousands: ".", points: "Punkte" },
            _ => Self { tenths: ".", thousands: ",", points: "points" },
        }
    }

    /// A whole number, in groups of three digits.
    #[must_use]
    pub fn count(self, count: f64) -> String {
        let digits = format!("{:.0}", count.abs());
        let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
        if count < 0.0 {
            text.push('−');
        }
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(self.thousands);
            }
            text.push(digit);
        }
        text
    }

    /// A share, to a tenth.
    #[must_use]
    pub fn percent(self, percent: f64) -> String {
        format!("{} %", self.tenths(percent))
    }

    /// A figure of this kind: `count`, `percent` or `seconds`.
    #[must_use]
    pub fn figure(self, value: f64, kind: &str) -> String {
        match kind {
            "count" => self.count(value),
            "percent" => self.percent(value),
            _ => duration(value),
        }
    }

    /// How much a figure of this kind changed: a count in percent, a share in points, a duration in seconds.
    #[must_use]
    pub fn change(self, change: f64, kind: &str) -> String {
        let size = match kind {
            "count" => self.percent(change.abs()),
            "percent" => format!("{} {}", self.tenths(change.abs()), self.points),
            _ => duration(change.abs()),
        };
        let is_none = !size.contains(|sign: char| ('1'..='9').contains(&sign));
        let sign = match () {
            () if is_none => "±",
            () if change < 0.0 => "−",
            () => "+",
        };
        format!("{sign}{size}")
    }

    fn tenths(self, number: f64) -> String {
        format!("{number:.1}").replace('.', self.tenths)
    }
}

/// Seconds as `2 m 05 s`.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "a duration in seconds fits, and is rounded on purpose")]
pub fn duration(seconds: f64) -> String {
    let whole = seconds.round() as i64;
    match (whole / 3_600, whole / 60 % 60, whole % 60) {
        (0, 0, s) => format!("{s} s"),
        (0, m, s) => format!("{m} m {s:02} s"),
        (h, m, s) => format!("{h} h {m:02} m {s:02} s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, text) in [(0.4, "0 s"), (59.6, "1 m 00 s"), (125.0, "2 m 05 s"), (3_725.0, "1 h 02 m 05 s")] {
            assert_eq!(duration(seconds), text);
        }
    }

    #[test]
    fn numbers_have_the_marks_of_the_language() {
        let (english, german) = (Marks::of("en"), Marks::of("de"));
        for (count, text) in [(0.0, "0"), (999.0, "999"), (1_000.0, "1,000"), (-1_234_567.0, "−1,234,567")] {
            assert_eq!(english.count(count), text);
        }
        assert_eq!(german.count(12_345.0), "12.345");
        assert_eq!((english.percent(33.333), german.percent(33.333)), ("33.3 %".to_owned(), "33,3 %".to_owned()));
    }

    #[test]
    fn changes_have_a_sign_and_their_unit() {
        let marks = Marks::of("en");
        for (change, kind, text) in [
            (12.34, "count", "+12.3 %"),
            (-0.84, "percent", "−0.8 points"),
            (65.0, "seconds", "+1 m 05 s"),
            (0.01, "percent", "±0.0 points"),
            (0.0, "seconds", "±0 s"),
        ] {
            assert_eq!(marks.change(change, kind), text);
        }
    }
}

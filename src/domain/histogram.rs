//! How long things took, in a few bytes: counts in buckets that grow by 4 %, so that whatever is read from the middle of
//! one is at most 2 % wrong, for a second as for a day. Two of them add up to the one of both.

/// Each bucket ends at 1.04 times its beginning.
const GROWTH: f64 = 1.04;

/// Counts by bucket, in their order, each bucket once. Bucket 0 is for what took no time at all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Histogram(Vec<(u32, i64)>);

/// Bytes that are no histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a kept histogram cannot be read")]
pub struct Unreadable;

#[expect(clippy::cast_precision_loss, reason = "a bucket is 4 % wide")]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a logarithm of at least 1 is small")]
fn bucket_of(millis: i64) -> u32 {
    if millis <= 0 { 0 } else { 1 + ((millis as f64).ln() / GROWTH.ln()) as u32 }
}

/// The value with the smallest relative error for everything in the bucket.
fn middle_of(bucket: u32) -> f64 {
    let Some(above_zero) = bucket.checked_sub(1) else { return 0.0 };
    let from = GROWTH.powf(f64::from(above_zero));
    2.0 * from * GROWTH / (1.0 + GROWTH)
}

impl Histogram {
    /// Counts one that took so long.
    pub fn add(&mut self, millis: i64) {
        self.add_to(bucket_of(millis));
    }

    /// Counts one in this bucket: of what is no duration, but a number.
    pub fn add_to(&mut self, bucket: u32) {
        self.count_at(0, bucket, 1);
    }

    /// Counts so many in a bucket, which is not before the place `from`; where it is.
    fn count_at(&mut self, from: usize, bucket: u32, count: i64) -> usize {
        let at = from + self.0[from..].partition_point(|(other, _)| *other < bucket);
        match self.0.get_mut(at) {
            Some((other, counted)) if *other == bucket => *counted += count,
            _ => self.0.insert(at, (bucket, count)),
        }
        at
    }

    /// Each bucket that counts any, with how many.
    pub fn buckets(&self) -> impl Iterator<Item = (u32, i64)> + '_ {
        self.0.iter().copied()
    }

    /// Counts all that another one has counted.
    pub fn merge(&mut self, other: &Self) {
        let mut at = 0;
        for (bucket, count) in &other.0 {
            at = self.count_at(at, *bucket, *count);
        }
    }

    /// How many were counted.
    #[must_use]
    pub fn count(&self) -> i64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    /// How many took no longer than so many milliseconds; those within 2 % of it may be on either side.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a bucket is 4 % wide")]
    pub fn count_up_to(&self, millis: i64) -> i64 {
        let counted = self.0.iter().take_while(|(bucket, _)| middle_of(*bucket) <= millis as f64);
        counted.map(|(_, count)| count).sum()
    }

    /// What `share` of them did not exceed, in milliseconds, within 2 %: 0.5 is the median. None without any.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = (share * self.count() as f64).max(1.0);
        let mut seen = 0;
        self.0.iter().find_map(|(bucket, count)| {
            seen += count;
            (seen as f64 >= wanted).then(|| middle_of(*bucket))
        })
    }

    /// As it is kept: for each bucket the distance from the one before, and the count, seven bits a byte.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let (mut bytes, mut before) = (Vec::with_capacity(3 * self.0.len()), 0);
        for (bucket, count) in &self.0 {
            push_number(&mut bytes, u64::from(bucket - before));
            push_number(&mut bytes, count.unsigned_abs());
            before = *bucket;
        }
        bytes
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// When the bytes are not such as [`Histogram::to_bytes`] makes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Unreadable> {
        let (mut histogram, mut rest, mut bucket) = (Self::default(), bytes, 0_u32);
        while !rest.is_empty() {
            let distance = u32::try_from(take_number(&mut rest)?).map_err(|_| Unreadable)?;
            bucket = bucket.checked_add(distance).ok_or(Unreadable)?;
            let count = i64::try_from(take_number(&mut rest)?).map_err(|_| Unreadable)?;
            if distance == 0 && !histogram.0.is_empty() {
                return Err(Unreadable);
            }
            histogram.0.push((bucket, count));
        }
        Ok(histogram)
    }
}

fn push_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push((number & 0x7f) as u8);
}

fn take_number(bytes: &mut &[u8]) -> Result<u64, Unreadable> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let (&byte, rest) = bytes.split_first().ok_or(Unreadable)?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Unreadable)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(all: &[i64]) -> Histogram {
        let mut histogram = Histogram::default();
        for millis in all {
            histogram.add(*millis);
        }
        histogram
    }

    #[test]
    fn nothing_has_no_median() {
        assert_eq!(Histogram::default().quantile(0.5), None);
        assert_eq!(of(&[0, 0, 5]).quantile(0.5), Some(0.0));
    }

    #[test]
    fn a_day_of_waits_needs_little_room() {
        let all: Vec<i64> = (0..100_000).map(|number| 1 + number * 864).collect();
        assert!(of(&all).to_bytes().len() < 2_000);
    }

    #[test]
    fn other_bytes_are_refused() {
        for bytes in [&[5][..], &[0x80], &[1, 2, 0, 2], &[0xff; 24]] {
            assert_eq!(Histogram::from_bytes(bytes), Err(Unreadable), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        fn quantiles_are_within_two_percent(mut all in prop::collection::vec(1_i64..200_000_000, 1..300), share in 0.01_f64..1.0) {
            let told = of(&all).quantile(share).unwrap();
            all.sort_unstable();
            let rank = ((share * all.len() as f64).max(1.0).ceil() as usize).min(all.len());
            let exact = all[rank - 1] as f64;
            prop_assert!((told - exact).abs() <= 0.02 * exact, "{told} for {exact}");
        }

        #[test]
        fn bytes_and_sums_lose_nothing(one in prop::collection::vec(0_i64..i64::MAX, 0..200), other in prop::collection::vec(0_i64..5_000, 0..200)) {
            let mut sum = of(&one);
            sum.merge(&of(&other));
            prop_assert_eq!(Histogram::from_bytes(&sum.to_bytes()), Ok(sum.clone()));
            prop_assert_eq!(sum, of(&[one, other].concat()));
        }
    }
}

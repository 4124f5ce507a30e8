//! How sure a share is: Wilson's score interval, which stays honest at none of many and at few of few.

/// The normal quantile of a two-sided 95 % interval.
const Z: f64 = 1.959_963_984_540_054;

/// Both ends of the 95 % interval of `hits` of `count`, as shares (Wilson, 1927); all of it when nothing was counted.
pub fn interval(hits: u32, count: u32) -> (f64, f64) {
    if count == 0 {
        return (0.0, 1.0);
    }
    let count = f64::from(count);
    let share = f64::from(hits) / count;
    let scale = 1.0 + Z * Z / count;
    let middle = (share + Z * Z / (2.0 * count)) / scale;
    let half = Z / scale * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    ((middle - half).max(0.0), (middle + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_are_those_of_published_examples() {
        // Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        for (hits, count, low, high) in
            [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]
        {
            let (from, to) = interval(hits, count);
            assert!((from - low).abs() < 5e-5 && (to - high).abs() < 5e-5, "{hits} of {count}: {from} {to}");
        }
    }

    #[test]
    fn nothing_counted_says_nothing() {
        assert_eq!(interval(0, 0), (0.0, 1.0));
        assert_eq!(interval(20, 20).1, 1.0);
    }
}

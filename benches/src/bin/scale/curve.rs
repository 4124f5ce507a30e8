//! When people send: quiet at night, most around noon and after work. A national peak of 30,000 a day has about 2,500 in its highest hours.

/// Share of the day's arrivals in each local hour, in thousandths.
const BY_HOUR: [u32; 24] = [9, 6, 4, 3, 3, 5, 12, 28, 48, 72, 82, 83, 80, 74, 68, 64, 62, 63, 62, 56, 46, 34, 22, 14];

/// Numbers from a seed, the same on every machine (splitmix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    /// At or above 0 and below 1.
    pub fn part(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Exponential around its mean.
    pub fn around(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.part()).ln()
    }
}

/// Seconds after midnight of each arrival, in order.
pub fn arrivals(count: u32, dice: &mut Dice) -> Vec<f64> {
    let all: u32 = BY_HOUR.iter().sum();
    let mut times: Vec<f64> = (0..count)
        .map(|_| {
            let mut left = dice.part() * f64::from(all);
            let hour = BY_HOUR.iter().position(|share| {
                left -= f64::from(*share);
                left < 0.0
            });
            (hour.unwrap_or(23) as f64 + dice.part()) * 3_600.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_is_a_day_in_thousandths_with_2500_in_its_highest_hour() {
        assert_eq!(BY_HOUR.iter().sum::<u32>(), 1_000);
        let times = arrivals(30_000, &mut Dice::new(1));
        let noon = times.iter().filter(|at| (11.0 * 3600.0..12.0 * 3600.0).contains(*at)).count();
        assert!((2_300..2_700).contains(&noon), "{noon}");
        assert!(times.is_sorted() && times.iter().all(|at| (0.0..86_400.0).contains(at)));
    }

    #[test]
    fn checks_have_the_mean_that_was_asked_for() {
        let mut dice = Dice::new(7);
        let mean = (0..20_000).map(|_| dice.around(180.0)).sum::<f64>() / 20_000.0;
        assert!((mean - 180.0).abs() < 5.0, "{mean}");
    }
}

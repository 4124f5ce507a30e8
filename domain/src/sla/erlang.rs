//! How many checkers it takes, by the formulas of A. K. Erlang (1917).
//!
//! **Assumptions, all of them stated because none is quite true.** Arrivals are independent of each other and come at one
//! rate (Poisson); the time a check takes is exponential around its mean; checkers are equal, work without a break and take the
//! next check at once; nobody who waits goes away. Arrivals that come together, such as those of nine in the morning, are a
//! backlog and not a rate: [`super::forecast`] counts them apart. Real checks vary less than an exponential does, so the
//! formula errs on the side of more people; breaks are not in it, so a rota needs a fifth to a third more than it says.

use chrono::TimeDelta;

/// More checkers than any shift has.
const CHECKERS_MAX: u32 = 5_000;

/// What has to be kept up with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Demand {
    pub arrivals_per_hour: f64,
    /// From taking a check to deciding it.
    pub seconds_per_check: f64,
}

impl Demand {
    /// Checkers' hours of work that arrive in an hour, in erlangs.
    pub fn load(&self) -> f64 {
        (self.arrivals_per_hour * self.seconds_per_check / 3_600.0).max(0.0)
    }

    /// The part of arrivals that waits no longer than `within`; 0 when the checkers cannot keep up.
    pub fn served_within(&self, checkers: u32, within: TimeDelta) -> f64 {
        let spare = f64::from(checkers) - self.load();
        if spare <= 0.0 {
            return 0.0;
        }
        let checks = within.num_milliseconds() as f64 / 1_000.0 / self.seconds_per_check.max(f64::MIN_POSITIVE);
        1.0 - erlang_c(self.load(), checkers) * (-spare * checks).exp()
    }

    /// The mean wait of all arrivals in seconds; `None` when the checkers cannot keep up.
    pub fn mean_wait_seconds(&self, checkers: u32) -> Option<f64> {
        let spare = f64::from(checkers) - self.load();
        (spare > 0.0).then(|| erlang_c(self.load(), checkers) * self.seconds_per_check / spare)
    }
}

/// The probability that an arrival finds all `servers` taken where nobody waits (Erlang B), by the recursion on the number of
/// servers, which does not overflow as the factorials of the textbook form do.
pub fn erlang_b(load: f64, servers: u32) -> f64 {
    (1..=servers).fold(1.0, |blocked, n| load * blocked / (f64::from(n) + load * blocked))
}

/// The probability that an arrival has to wait (Erlang C); 1 when the load is as large as the number of servers, or larger.
pub fn erlang_c(load: f64, servers: u32) -> f64 {
    let busy = load / f64::from(servers);
    if load <= 0.0 {
        return 0.0;
    }
    if servers == 0 || busy >= 1.0 {
        return 1.0;
    }
    let blocked = erlang_b(load, servers);
    blocked / (1.0 - busy * (1.0 - blocked))
}

/// The fewest checkers with whom `part` of arrivals waits no longer than `within`.
pub fn checkers_for(demand: Demand, part: f64, within: TimeDelta) -> u32 {
    if demand.load() <= 0.0 {
        return 0;
    }
    let fewest = demand.load().floor() as u32 + 1;
    (fewest..CHECKERS_MAX).find(|checkers| demand.served_within(*checkers, within) >= part).unwrap_or(CHECKERS_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: f64, published: f64) {
        assert!((found - published).abs() <= 0.000_6, "{found} instead of {published}");
    }

    /// The worked example that texts on call centres share: 200 calls an hour of 3 minutes, which is 10 erlangs.
    #[test]
    fn the_textbook_call_centre_comes_out_as_published() {
        let demand = Demand { arrivals_per_hour: 200.0, seconds_per_check: 180.0 };
        near(demand.load(), 10.0);
        near(erlang_c(10.0, 14), 0.174);
        near(demand.served_within(14, TimeDelta::seconds(20)), 0.888);
        assert!((demand.mean_wait_seconds(14).unwrap() - 7.8).abs() < 0.05);
        assert_eq!(checkers_for(demand, 0.8, TimeDelta::seconds(20)), 14);
        assert_eq!(checkers_for(demand, 0.9, TimeDelta::seconds(20)), 15);
    }

    /// From the tables of Erlang B: the load at which one in a hundred is lost is 4.461 for 10 and 84.06 for 100 servers.
    #[test]
    fn the_tables_of_losses_come_out_as_published() {
        near(erlang_b(4.461, 10), 0.01);
        near(erlang_b(84.06, 100), 0.01);
        near(erlang_b(10.0, 10), 0.2146);
    }

    /// With one server the formula is the M/M/1 queue, in which the probability to wait is the load itself.
    #[test]
    fn one_server_waits_as_often_as_it_is_busy() {
        for load in [0.1, 0.5, 0.9] {
            near(erlang_c(load, 1), load);
        }
    }

    #[test]
    fn too_few_checkers_serve_nobody_in_time_and_no_arrivals_need_none() {
        let peak = Demand { arrivals_per_hour: 2_500.0, seconds_per_check: 180.0 };
        assert_eq!(peak.served_within(125, TimeDelta::hours(1)), 0.0);
        assert_eq!(peak.mean_wait_seconds(125), None);
        assert_eq!(checkers_for(peak, 0.95, TimeDelta::minutes(60)), 126);
        assert_eq!(checkers_for(Demand { arrivals_per_hour: 0.0, ..peak }, 0.95, TimeDelta::minutes(60)), 0);
    }
}

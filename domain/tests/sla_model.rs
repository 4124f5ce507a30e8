//! The clock against a slow model of its own: minutes counted on a wall clock whose summer time is worked out by hand.
//!
//! The model shares neither code nor time-zone tables with the product. It knows the Summer Time Order 2002: clocks
//! are an hour ahead from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use domain::sla::{SlaClock, SlaPolicy, SlaStanding};
use proptest::prelude::*;

const MILLIS_PER_MINUTE: i64 = 60_000;
const MINUTES_PER_DAY: i64 = 24 * 60;
const OPENS: i64 = 9 * 60;
const CLOSES: i64 = 21 * 60;

/// Days from 1 January 1970 to this date, counted year by year and month by month.
fn days_to(year: i64, month: usize, day: i64) -> i64 {
    let leap = |y: i64| (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let years: i64 = (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    let february = if leap(year) { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    years + lengths.iter().take(month - 1).sum::<i64>() + day - 1
}

/// The minute since 1970 at which the clocks change: 01:00 UTC on the last Sunday of a month of 31 days.
fn change(year: i64, month: usize) -> i64 {
    let last = days_to(year, month, 31);
    // 1 January 1970 was a Thursday, so day 3 was a Sunday.
    let sunday = last - (last - 3).rem_euclid(7);
    sunday * MINUTES_PER_DAY + 60
}

/// The minutes since 1970 in which a year's clocks are an hour ahead.
fn summer(year: i64) -> Range<i64> {
    change(year, 3)..change(year, 10)
}

/// The year a minute falls in, for the sake of its summer; at New Year an hour more or less is no matter.
fn year_of(millis: i64) -> i64 {
    let day = millis / MILLIS_PER_MINUTE / MINUTES_PER_DAY;
    (1970..).find(|year| days_to(year + 1, 1, 1) > day).unwrap_or(1970)
}

/// Walks forward minute by minute until the wall clock shows nine, or stays where it is in staffed hours.
fn model(received_millis: i64, summer: &Range<i64>) -> SlaClock {
    let wall_clock = |minute: i64| {
        let ahead = if summer.contains(&minute) { 60 } else { 0 };
        (minute + ahead) % MINUTES_PER_DAY
    };
    let mut minute = received_millis / MILLIS_PER_MINUTE;
    let overnight = !(OPENS..CLOSES).contains(&wall_clock(minute));
    let mut start_millis = received_millis;
    if overnight {
        while wall_clock(minute) != OPENS {
            minute += 1;
        }
        start_millis = minute * MILLIS_PER_MINUTE;
    }
    SlaClock {
        received_at: instant(received_millis),
        start_at: instant(start_millis),
        due_at: instant(start_millis + 120 * MILLIS_PER_MINUTE),
        overnight,
    }
}

fn instant(millis: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::milliseconds(millis)
}

#[test]
fn the_clocks_change_on_the_sundays_the_almanac_says() {
    for (year, month, day) in [(2026, 3, 29), (2026, 10, 25), (2027, 3, 28), (2027, 10, 31), (2028, 3, 26)] {
        assert_eq!(change(year, month), days_to(year, month, day) * MINUTES_PER_DAY + 60);
    }
}

#[test]
fn every_minute_of_the_weeks_in_which_the_clocks_change_agrees_with_the_model() {
    let policy = SlaPolicy::default();
    for (year, month) in [(2026, 3), (2026, 10), (2027, 3), (2027, 10)] {
        let (change, summer) = (change(year, month), summer(year));
        for minute in change - 4 * MINUTES_PER_DAY..change + 4 * MINUTES_PER_DAY {
            let received = minute * MILLIS_PER_MINUTE;
            assert_eq!(policy.start(instant(received)), model(received, &summer), "received {}", instant(received));
        }
    }
}

#[test]
fn the_last_millisecond_on_either_side_of_opening_and_closing_agrees_with_the_model_for_years() {
    let policy = SlaPolicy::default();
    for day in days_to(2024, 1, 1)..days_to(2033, 1, 1) {
        let summer = summer(year_of(day * MINUTES_PER_DAY * MILLIS_PER_MINUTE));
        for edge in [OPENS, CLOSES] {
            // The wall clock is at UTC or an hour ahead, so one of the two is the edge and the other an hour off it.
            for minute in [edge, edge - 60] {
                let at = (day * MINUTES_PER_DAY + minute) * MILLIS_PER_MINUTE;
                for received in [at - 1, at, at + 1] {
                    assert_eq!(
                        policy.start(instant(received)),
                        model(received, &summer),
                        "received {}",
                        instant(received)
                    );
                }
            }
        }
    }
}

#[test]
fn an_overnight_wait_on_the_nights_of_the_change_is_an_hour_shorter_or_longer() {
    let policy = SlaPolicy::default();
    let wait = |received: i64| {
        let clock = policy.start(instant(received * MILLIS_PER_MINUTE));
        (clock.start_at - clock.received_at).num_minutes()
    };
    // Nine in the evening local on the Saturday before: 21:00 UTC in winter time, 20:00 UTC in summer time.
    assert_eq!(wait(change(2026, 3) - 4 * 60), 11 * 60);
    assert_eq!(wait(change(2026, 10) - 5 * 60), 13 * 60);
}

fn twenty_years() -> impl Strategy<Value = i64> {
    let from = days_to(2018, 1, 1) * MINUTES_PER_DAY * MILLIS_PER_MINUTE;
    let until = days_to(2038, 1, 1) * MINUTES_PER_DAY * MILLIS_PER_MINUTE;
    from..until
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_moment_of_twenty_years_agrees_with_the_model(received in twenty_years()) {
        prop_assert_eq!(SlaPolicy::default().start(instant(received)), model(received, &summer(year_of(received))));
    }

    #[test]
    fn the_clock_never_starts_before_arrival_and_is_due_two_hours_after_its_start(received in twenty_years()) {
        let clock = SlaPolicy::default().start(instant(received));
        prop_assert!(clock.start_at >= clock.received_at);
        prop_assert!(clock.start_at - clock.received_at <= TimeDelta::hours(13));
        prop_assert_eq!(clock.due_at - clock.start_at, TimeDelta::hours(2));
        prop_assert_eq!(clock.overnight, clock.start_at != clock.received_at);
    }

    #[test]
    fn who_arrives_later_is_never_due_earlier(first in twenty_years(), later_millis in 0_i64..200_000_000) {
        let policy = SlaPolicy::default();
        let due = |millis| policy.start(instant(millis)).due_at;
        prop_assert!(due(first) <= due(first + later_millis));
    }

    #[test]
    fn standing_only_worsens_and_turns_where_the_policy_says(due in twenty_years(), left_millis in -3_600_000_i64..8_000_000) {
        let policy = SlaPolicy::default();
        let standing = policy.standing(instant(due), instant(due - left_millis));
        let expected = match left_millis {
            i64::MIN..=0 => SlaStanding::Breached,
            1..=900_000 => SlaStanding::AtRisk,
            _ => SlaStanding::OnTrack,
        };
        prop_assert_eq!(standing, expected);
        let a_moment_later = policy.standing(instant(due), instant(due - left_millis + 1));
        prop_assert!(a_moment_later >= standing);
    }
}

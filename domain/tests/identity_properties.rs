//! Identity values under any input: what is accepted is normal and reads back, what is refused is never repeated.

use domain::identity::{ClaimedIdentity, DateOfBirth, EmailAddress, NhsNumber, PersonName, Postcode};
use proptest::prelude::*;

/// The check digit by counting instead of weighing: each place adds its running sum, as a clerk would on paper.
fn clerk_agrees(digits: &str) -> bool {
    let (mut running, mut total) = (0, 0);
    for digit in digits.chars().filter_map(|c| c.to_digit(10)) {
        running += digit;
        total += running;
    }
    total % 11 == 0
}

fn today() -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 11, 22).unwrap_or_default()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn an_nhs_number_is_accepted_exactly_when_the_clerk_agrees(digits in "[0-9]{10}") {
        prop_assert_eq!(NhsNumber::parse(&digits).is_ok(), clerk_agrees(&digits));
    }

    #[test]
    fn one_wrong_digit_or_two_swapped_neighbours_are_always_noticed(nine in "999[0-9]{6}", place in 0_usize..10, step in 1_u8..10) {
        let valid = (0..10).map(|last| format!("{nine}{last}")).find(|digits| NhsNumber::parse(digits).is_ok());
        if let Some(valid) = valid {
            let mistyped: String = valid.bytes().enumerate()
                .map(|(at, digit)| char::from(if at == place { (digit - b'0' + step) % 10 + b'0' } else { digit }))
                .collect();
            prop_assert!(NhsNumber::parse(&mistyped).is_err());
            let mut swapped = valid.clone().into_bytes();
            swapped.swap(place.min(8), place.min(8) + 1);
            let swapped: String = swapped.into_iter().map(char::from).collect();
            prop_assert!(swapped == valid || NhsNumber::parse(&swapped).is_err());
        }
    }

    #[test]
    fn spaces_never_change_what_an_nhs_number_is(digits in "[0-9]{10}", at in proptest::collection::vec(0_usize..=10, 0..6)) {
        let mut spaced = digits.clone();
        for place in at {
            spaced.insert(place, ' ');
        }
        prop_assert_eq!(NhsNumber::parse(&spaced), NhsNumber::parse(&digits));
    }

    #[test]
    fn a_postcode_of_the_grammar_reads_back_the_same_from_any_spelling(
        outward in "[A-PR-UWYZ]([0-9][0-9ABCDEFGHJKPSTUW]?|[A-HK-Y][0-9][0-9ABEHMNPRVWXY]?)",
        inward in "[0-9][ABD-HJLNP-UW-Z]{2}",
        gap in " {0,3}",
    ) {
        let normal = format!("{outward} {inward}");
        let spelt = format!(" {outward}{gap}{inward} ").to_lowercase();
        let parsed = Postcode::parse(&spelt).map(|code| code.expose().to_owned());
        prop_assert_eq!(parsed, Ok(normal));
    }

    #[test]
    fn accepted_names_are_one_line_without_edges_and_read_back(given in "\\PC{0,90}", family in ".{0,90}") {
        if let Ok(name) = PersonName::parse(&given, &family) {
            for part in [name.expose_given(), name.expose_family()] {
                prop_assert!((1..=80).contains(&part.chars().count()));
                prop_assert!(!part.chars().any(|c| c.is_control() || c.is_numeric() || "<>\"&;:@/\\".contains(c)));
                prop_assert_eq!(part.trim(), part);
            }
            prop_assert_eq!(PersonName::parse(name.expose_given(), name.expose_family()), Ok(name));
        }
    }

    #[test]
    fn accepted_addresses_can_never_break_a_mail_header(text in prop_oneof![".{0,40}", "[a-z.+@\\r\\n <>\"]{1,20}@[a-z.\\-\\r\\n ]{1,20}"]) {
        if let Ok(address) = EmailAddress::parse(&text) {
            let kept = address.expose();
            prop_assert!(kept.is_ascii() && kept.len() <= 254);
            prop_assert!(!kept.chars().any(|c| c.is_control() || c.is_whitespace() || "<>\",;:()[]\\".contains(c)));
            prop_assert_eq!(kept.matches('@').count(), 1);
        }
    }

    #[test]
    fn every_real_day_of_an_adult_life_is_a_date_of_birth(days in 0_i64..42_000) {
        let born = today() - chrono::TimeDelta::days(14 * 366 + days);
        let parsed = DateOfBirth::parse(&born.to_string(), today(), 13).map(|date| date.expose());
        prop_assert_eq!(parsed, Ok(born));
    }

    #[test]
    fn refusals_never_repeat_what_was_typed(text in "[A-Za-z0-9@]{8,40}") {
        let refused = [
            NhsNumber::parse(&text).err(),
            Postcode::parse(&text).err(),
            EmailAddress::parse(&text).err(),
            PersonName::parse(&text, &text).err(),
            DateOfBirth::parse(&text, today(), 13).err(),
        ];
        for error in refused.into_iter().flatten() {
            let printed = format!("{error} {error:?}");
            prop_assert!(!printed.contains(&text));
        }
    }

    #[test]
    fn a_claim_survives_being_sealed_and_shows_nothing_when_printed(given in "[\\p{L}]{1,20}", family in "[\\p{L}][\\p{L} '\\-]{0,18}[\\p{L}]", days in 0_i64..30_000) {
        let born = today() - chrono::TimeDelta::days(14 * 366 + days);
        let claimed = PersonName::parse(&given, &family).and_then(|name| {
            let date = DateOfBirth::parse(&born.to_string(), today(), 13)?;
            ClaimedIdentity::new(Some(name), date, Some(NhsNumber::parse("9912003888")?), Some(Postcode::parse("SW1A 1AA")?))
        });
        prop_assert!(claimed.is_ok());
        if let Ok(claimed) = claimed {
            let printed = format!("{claimed:?}{claimed:#?}");
            prop_assert!(!printed.contains(&born.to_string()) && !printed.contains("9912003888") && !printed.contains("1AA"));
            prop_assert_eq!(ClaimedIdentity::from_sealed_json(&claimed.to_sealed_json()), Ok(claimed));
        }
    }
}

#[test]
fn json_input_goes_through_the_same_parsers() {
    assert!(serde_json::from_str::<NhsNumber>("\"991 200 3888\"").is_ok());
    let refused = serde_json::from_str::<NhsNumber>("\"4447685222\"").map_err(|error| error.to_string());
    assert!(refused.is_err_and(|message| !message.contains("4447685222")));
    assert!(serde_json::from_str::<EmailAddress>("\"a@b.co\\r\\nBcc: c@d.co\"").is_err());
    assert!(serde_json::from_str::<Postcode>("\"sw1a1aa\"").is_ok());
    assert!(serde_json::from_str::<PersonName>(r#"{"given":"Mary","family":"O'Neill"}"#).is_ok());
    assert!(serde_json::from_str::<PersonName>(r#"{"given":"Mary","family":"O\nNeill"}"#).is_err());
}

//! Machine-readable lines: the standard's own examples, and what must hold for all of them.
#![expect(clippy::unwrap_used, reason = "a failing test should panic")]

use domain::precheck::mrz::{Cell, Format, check_digit, read};
use proptest::prelude::*;

/// The specimens printed in ICAO 9303 parts 4, 5 and 6.
const PASSPORT: [&str; 2] =
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
const CARD: [&str; 3] =
    ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];
const LARGER_CARD: [&str; 2] = ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6"];

#[test]
fn the_standards_specimens_are_read_and_hold() {
    for (lines, format, number) in [
        (&PASSPORT[..], Format::Td3, "L898902C3"),
        (&CARD[..], Format::Td1, "D23145890"),
        (&LARGER_CARD[..], Format::Td2, "D23145890"),
    ] {
        let read = read(lines).unwrap();
        assert_eq!((read.format, read.number.expose().as_str()), (format, number));
        assert_eq!((read.family.expose().as_str(), read.given.expose().as_str()), ("ERIKSSON", "ANNA MARIA"));
        assert!(read.checks.hold(), "{read:?}");
        assert!(read.birth.unwrap().expose().is("1974-08-12".parse().unwrap()));
        let today = "2012-01-01".parse().unwrap();
        assert_eq!(read.expiry.unwrap().in_this_century(today), "2012-04-15".parse().ok());
        assert!(!read.names_cut);
    }
}

#[test]
fn a_long_card_number_goes_on_in_the_optional_field() {
    let check = char::from(check_digit("D23145890734").unwrap());
    let first = format!("I<UTOD23145890<734{check}<<<<<<<<<<<");
    let read = read(&[&first, CARD[1], CARD[2]]).unwrap();
    assert_eq!(read.number.expose(), "D23145890734");
    assert!(read.checks.number);
}

#[test]
fn nothing_personal_is_printed() {
    let printed = format!("{:?}", read(&PASSPORT));
    for secret in ["ERIKSSON", "ANNA", "L898902C3", "74"] {
        assert!(!printed.contains(secret), "{printed}");
    }
}

#[test]
fn other_lengths_and_characters_are_no_lines() {
    assert_eq!(read(&PASSPORT[..1]), None);
    assert_eq!(read(&[PASSPORT[0], CARD[1]]), None);
    assert_eq!(read(&[PASSPORT[0], &PASSPORT[1].to_lowercase()]), None);
    assert_eq!(read(&["é".repeat(22).as_str(), PASSPORT[1]]), None);
}

/// Lines with the given number, birth, expiry and optional data, their check digits worked out.
fn passport(number: &str, birth: &str, expiry: &str, optional: &str) -> [String; 2] {
    let check = |text: &str| char::from(check_digit(text).unwrap());
    let (number, optional) = (format!("{number:<<9}"), format!("{optional:<<14}"));
    let (number_check, birth_check) = (check(&number), check(birth));
    let (expiry_check, optional_check) = (check(expiry), check(&optional));
    let composed =
        format!("{number}{number_check}{birth}{birth_check}{expiry}{expiry_check}{optional}{optional_check}");
    let second = format!(
        "{number}{number_check}UTO{birth}{birth_check}F{expiry}{expiry_check}{optional}{optional_check}{}",
        check(&composed)
    );
    [PASSPORT[0].to_owned(), second]
}

proptest! {
    #[test]
    fn lines_with_true_check_digits_hold(
        number in "[A-Z0-9]{1,9}", birth in "[0-9]{2}0[1-9][0-2][1-8]", expiry in "[0-9]{2}1[0-2][0-2][1-8]",
        optional in "[A-Z0-9]{0,14}",
    ) {
        let [first, second] = passport(&number, &birth, &expiry, &optional);
        let read = read(&[&first, &second]).unwrap();
        prop_assert!(read.checks.hold());
        prop_assert_eq!(read.number.expose(), &number);
    }

    #[test]
    fn each_check_digit_counts_even_where_the_last_one_was_made_to_fit(part in 0_usize..3, by in 1_u8..10) {
        let [first, second] = passport("120045678", "740812", "331231", "");
        let mut bytes = second.into_bytes();
        let at = [9, 19, 27][part];
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let text = String::from_utf8(bytes.clone()).unwrap();
        let composed = [&text[0..10], &text[13..20], &text[21..43]].concat();
        bytes[43] = check_digit(&composed).unwrap();
        let read = read(&[&first, &String::from_utf8(bytes).unwrap()]).unwrap();
        prop_assert!(read.checks.all_together && !read.checks.hold());
        prop_assert_eq!(read.checks.count(), 3);
    }

    #[test]
    fn one_digit_read_as_another_never_holds(
        birth in "[0-9]{2}0[1-9][0-2][1-8]", at in 0_usize..44, by in 1_u8..10,
    ) {
        let [first, second] = passport("120045678", &birth, "331231", "");
        let mut bytes = second.into_bytes();
        prop_assume!(bytes[at].is_ascii_digit());
        bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(!read(&[&first, &changed]).unwrap().checks.hold());
    }

    #[test]
    fn no_text_upsets_the_reader(lines in proptest::collection::vec("[A-Z0-9<]{30}|[A-Z0-9<]{44}|.{0,50}", 0..4)) {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let _ = read(&lines);
        let _ = check_digit(&lines.concat());
    }
}

#[test]
fn true_lines_fit_their_cells() {
    for (format, lines) in [(Format::Td3, &PASSPORT[..]), (Format::Td1, &CARD[..]), (Format::Td2, &LARGER_CARD[..])] {
        for (line, text) in lines.iter().enumerate() {
            for (column, c) in text.chars().enumerate() {
                let fits = match format.cell(line, column) {
                    Cell::Letter => c.is_ascii_uppercase() || c == '<',
                    Cell::Digit => c.is_ascii_digit() || c == '<',
                    Cell::Any => true,
                };
                assert!(fits, "{format:?} {line} {column} {c}");
            }
        }
    }
}

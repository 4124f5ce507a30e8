//! What the reader of machine-readable lines makes of any lines, and of lines that are right by construction.

use domain::precheck::mrz::{self, Cell, Format};

const ALPHABET: &[u8; 37] = b"<ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Any lines: what is accepted is made of the characters and lengths of its format.
pub fn any_lines(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let lines: Vec<&str> = text.lines().collect();
    let Some(read) = mrz::read(&lines) else { return false };
    assert_eq!(lines.len(), read.format.lines());
    for value in [read.number.expose(), read.family.expose(), read.given.expose(), &read.state, &read.nationality] {
        assert!(value.len() <= read.format.columns() && !value.starts_with(' ') && !value.contains("  "), "{value:?}");
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
        assert!(value.bytes().all(plain), "{value:?}");
    }
    for date in [read.birth.as_ref().map(|date| *date.expose()), read.expiry].into_iter().flatten() {
        assert!(date.year < 100 && (1..=12).contains(&date.month) && (1..=31).contains(&date.day));
    }
    assert_eq!(read.checks.hold(), read.checks.count() == 4);
    assert_eq!(mrz::read(&lines), Some(read));
    broken_lines(&lines);
    true
}

/// One line more, one less, one character more: nothing of that is read.
fn broken_lines(lines: &[&str]) {
    let (Some(last), Some(first)) = (lines.last(), lines.first()) else { return };
    let longer = format!("{last}<");
    let more: Vec<&str> = lines.iter().copied().chain([*first]).collect();
    let grown: Vec<&str> = lines.iter().copied().take(lines.len() - 1).chain([longer.as_str()]).collect();
    assert!(mrz::read(&lines[1..]).is_none() && mrz::read(&grown).is_none());
    assert!(mrz::read(&more).is_none_or(|read| read.format == Format::Td1));
}

/// Lines made of the bytes, with check digits worked out here: they are read, all checks hold, and one wrong digit is noticed.
pub fn right_lines(data: &[u8]) -> bool {
    let mut bytes = data.iter().copied();
    let format = Format::ALL[usize::from(bytes.next().unwrap_or(0)) % Format::ALL.len()];
    let mut lines: Vec<Vec<u8>> = (0..format.lines())
        .map(|line| (0..format.columns()).map(|column| character(format.cell(line, column), bytes.next())).collect())
        .collect();
    // Dates that exist on every calendar, so that they are read back.
    let (line, birth, expiry) = if format == Format::Td1 { (1, 0, 8) } else { (1, 13, 21) };
    for at in [birth, expiry] {
        let day = [bytes.next(), bytes.next(), bytes.next()].map(|byte| byte.unwrap_or(0));
        let date = format!("{:02}{:02}{:02}", day[0] % 100, day[1] % 12 + 1, day[2] % 28 + 1);
        lines[line][at..at + 6].copy_from_slice(date.as_bytes());
        put_check(&mut lines, (line, at..at + 6), (line, at + 6));
    }
    let composite = composite_of(format, &mut lines);
    let last = format.columns() - 1;
    lines[1][last] = check_digit(&composite);

    let texts: Vec<String> = lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect();
    let refs: Vec<&str> = texts.iter().map(String::as_str).collect();
    let Some(read) = mrz::read(&refs) else { panic!("right lines are not read: {texts:?}") };
    assert!(read.format == format && read.checks.hold(), "{:?} {texts:?}", read.checks);
    assert!(read.expiry.is_some() && read.birth.is_some(), "{texts:?}");

    // A digit of a date, wrong by one: weights 7, 3 and 1 let none of these through.
    let mut wrong = texts.clone();
    let digit = wrong[line].as_bytes()[expiry + 5];
    let other = if digit == b'9' { "0".to_owned() } else { char::from(digit + 1).to_string() };
    wrong[line].replace_range(expiry + 5..expiry + 6, &other);
    let refs: Vec<&str> = wrong.iter().map(String::as_str).collect();
    assert!(mrz::read(&refs).is_none_or(|read| !read.checks.expiry && !read.checks.hold()), "{wrong:?}");
    true
}

fn character(cell: Cell, byte: Option<u8>) -> u8 {
    let byte = usize::from(byte.unwrap_or(0));
    match cell {
        Cell::Letter => ALPHABET[byte % 27],
        Cell::Digit => b'0' + (byte % 10) as u8,
        Cell::Any => ALPHABET[byte % 37],
    }
}

/// Sets the check digits of number and optional data, and gives what the last digit is worked out of (ICAO 9303 parts 4 to 6).
fn composite_of(format: Format, lines: &mut [Vec<u8>]) -> Vec<u8> {
    if format == Format::Td1 {
        // A filler in place of the check digit would mean that the number goes on.
        put_check(lines, (0, 5..14), (0, 14));
        return [&lines[0][5..30], &lines[1][0..7], &lines[1][8..15], &lines[1][18..29]].concat();
    }
    put_check(lines, (1, 0..9), (1, 9));
    if format == Format::Td3 {
        put_check(lines, (1, 28..42), (1, 42));
    }
    let last = format.columns() - 1;
    [&lines[1][0..10], &lines[1][13..20], &lines[1][21..last]].concat()
}

fn put_check(lines: &mut [Vec<u8>], (line, field): (usize, std::ops::Range<usize>), (to_line, to): (usize, usize)) {
    lines[to_line][to] = check_digit(&lines[line][field]);
}

/// Worked out by the alphabet's order, unlike the reader's own.
fn check_digit(field: &[u8]) -> u8 {
    let value = |byte: &u8| match ALPHABET.iter().position(|known| known == byte).unwrap_or(0) {
        0 => 0,
        letter @ 1..=26 => letter + 9,
        digit => digit - 27,
    };
    let sum: usize = field.iter().zip([7, 3, 1].iter().cycle()).map(|(byte, weight)| value(byte) * weight).sum();
    b'0' + (sum % 10) as u8
}

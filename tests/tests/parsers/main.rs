//! Every parser of ours meets twenty thousand mutants, the same ones on every run. The entries and what must hold are those of
//! the coverage-guided targets in `fuzz/`.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a failing test should panic")]

#[path = "../../../fuzz/src/lines.rs"]
mod lines;
mod mutants;
#[path = "../../../fuzz/src/sniff.rs"]
mod sniff;
#[path = "../../../fuzz/src/text.rs"]
mod text;
#[path = "../../../fuzz/src/tus.rs"]
mod tus;

use mutants::storm;
use std::fs;
use std::path::Path;
use worker::media::fuzzing;

/// The files that coverage-guided runs begin with too.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds").join(target);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

#[test]
fn machine_readable_lines_are_read_within_their_bounds() {
    storm(lines::any_lines, &seeds("mrz")).reached_both();
}

#[test]
fn lines_that_are_right_by_construction_are_read_and_one_wrong_digit_is_noticed() {
    assert_eq!(storm(lines::right_lines, &seeds("mrz")).refused, 0);
}

#[test]
fn a_licence_number_found_anywhere_is_found_again_in_itself() {
    storm(text::licence_number, &seeds("licence_number")).reached_both();
}

#[test]
fn a_printed_date_is_found_again_however_it_is_written() {
    storm(text::printed_date, &seeds("printed_date")).reached_both();
}

#[test]
fn a_name_never_differs_from_itself() {
    storm(text::names, &seeds("names")).reached_both();
}

#[test]
fn a_container_is_told_by_its_first_bytes_alone_and_an_archive_by_its_last() {
    storm(sniff::container, &seeds("container")).reached_both();
}

#[test]
fn upload_headers_mean_what_they_say_or_nothing() {
    storm(tus::headers, &seeds("tus")).reached_both();
}

#[test]
fn what_a_child_says_is_believed_within_bounds() {
    let seed = fuzzing::messages_seed();
    assert!(fuzzing::messages(&seed), "the seed itself is not believed");
    storm(fuzzing::messages, &[seed]).reached_both();
    storm(fuzzing::order, &[(0..48).collect()]).reached_both();
}

#[test]
fn a_picture_has_as_many_pixels_as_it_says() {
    let seeds = fuzzing::picture_seeds();
    assert!(seeds.len() == 4 && seeds.iter().all(|seed| fuzzing::picture(seed)), "a seed is not read");
    storm(fuzzing::picture, &seeds).reached_both();
}

#[test]
fn a_clip_is_turned_by_quarters_whatever_its_matrix_says() {
    let turned: Vec<u8> =
        [0, 65_536, 0, -65_536, 0, 0, 0, 0, 1 << 30].iter().flat_map(|n: &i32| n.to_ne_bytes()).collect();
    storm(fuzzing::display_matrix, &[turned]).reached_both();
}

//! How a clip is turned.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    worker::media::fuzzing::display_matrix(data);
});

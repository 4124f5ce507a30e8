//! What an inspector's child is told.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    worker::media::fuzzing::order(data);
});

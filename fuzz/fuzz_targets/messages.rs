//! What an inspector's child says.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    worker::media::fuzzing::messages(data);
});

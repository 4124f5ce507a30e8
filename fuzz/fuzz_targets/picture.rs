//! Pictures up to their pixels, HEIC aside.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    worker::media::fuzzing::picture(data);
});

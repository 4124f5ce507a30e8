//! Headers of uploads.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzzing::tus::headers(data);
});

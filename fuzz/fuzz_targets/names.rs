//! Names, claimed and shown.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzzing::text::names(data);
});

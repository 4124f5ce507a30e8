//! Machine-readable lines that are right by construction.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzzing::lines::right_lines(data);
});

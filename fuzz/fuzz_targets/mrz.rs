//! Machine-readable lines, any at all.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzzing::lines::any_lines(data);
});

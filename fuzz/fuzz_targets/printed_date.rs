//! Dates in printed text.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzzing::text::printed_date(data);
});

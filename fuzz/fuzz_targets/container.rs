//! First bytes of files, and archives at their end.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    fuzzing::sniff::container(data);
});

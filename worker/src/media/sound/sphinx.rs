//! The calls of PocketSphinx 0.8 (BSD, Carnegie Mellon) that recognise numbers; the only place that knows them.
//!
//! Facts of its headers: a configuration belongs to the decoder it is given to once `ps_init` holds a reference of its own;
//! strings are copied; samples are 16 kHz mono 16-bit; a frame is a hundredth of a second; a segment's word is
//! valid until the iterator moves on, and the iterator frees itself at its end.

use std::ffi::{CStr, CString, c_char, c_double, c_int, c_void};
use std::ptr;

/// Where Debian's package `pocketsphinx-en-us` puts the acoustic model.
const MODEL: &CStr = c"/usr/share/pocketsphinx/model/en-us/en-us";
const FRAMES_PER_SECOND: f64 = 100.0;
const GRAMMAR: &CStr = c"numbers";
/// Exactly four numbers: an open loop of them inserts short ones everywhere.
const RULES: &CStr = c"#JSGF V1.0; grammar numbers; public <four> = <one> <one> <one> <one>; \
<one> = zero | oh | one | two | three | four | five | six | seven | eight | nine ;";
/// Each word with its sounds; a bracket marks another way to say it.
const WORDS: [(&CStr, &CStr); 13] = [
    (c"zero", c"Z IH R OW"),
    (c"zero(2)", c"Z IY R OW"),
    (c"oh", c"OW"),
    (c"one", c"W AH N"),
    (c"two", c"T UW"),
    (c"three", c"TH R IY"),
    (c"four", c"F AO R"),
    (c"four(2)", c"F AO"),
    (c"five", c"F AY V"),
    (c"six", c"S IH K S"),
    (c"seven", c"S EH V AH N"),
    (c"eight", c"EY T"),
    (c"nine", c"N AY N"),
];

#[repr(C)]
struct Opaque {
    _private: [u8; 0],
}

#[link(name = "pocketsphinx")]
unsafe extern "C" {
    fn ps_args() -> *const Opaque;
    fn ps_init(config: *mut Opaque) -> *mut Opaque;
    fn ps_free(decoder: *mut Opaque) -> c_int;
    fn ps_add_word(decoder: *mut Opaque, word: *const c_char, sounds: *const c_char, update: c_int) -> c_int;
    fn ps_set_jsgf_string(decoder: *mut Opaque, name: *const c_char, rules: *const c_char) -> c_int;
    fn ps_set_search(decoder: *mut Opaque, name: *const c_char) -> c_int;
    fn ps_start_utt(decoder: *mut Opaque) -> c_int;
    fn ps_process_raw(decoder: *mut Opaque, samples: *const i16, count: usize, no_search: c_int, whole: c_int)
    -> c_int;
    fn ps_end_utt(decoder: *mut Opaque) -> c_int;
    fn ps_get_logmath(decoder: *mut Opaque) -> *mut Opaque;
    fn ps_seg_iter(decoder: *mut Opaque) -> *mut Opaque;
    fn ps_seg_next(segment: *mut Opaque) -> *mut Opaque;
    fn ps_seg_word(segment: *mut Opaque) -> *const c_char;
    fn ps_seg_frames(segment: *mut Opaque, first: *mut c_int, last: *mut c_int);
    fn ps_seg_prob(segment: *mut Opaque, acoustic: *mut i32, language: *mut i32, back: *mut i32) -> i32;
}

#[link(name = "sphinxbase")]
unsafe extern "C" {
    fn cmd_ln_init(config: *mut Opaque, known: *const Opaque, strict: i32, ...) -> *mut Opaque;
    fn cmd_ln_free_r(config: *mut Opaque) -> c_int;
    fn err_set_logfp(to: *mut c_void);
    fn logmath_exp(scale: *mut Opaque, logarithm: c_int) -> c_double;
}

/// A loaded recogniser of four numbers.
pub(super) struct Sphinx(*mut Opaque);

/// A word with its time in seconds from the first sample.
pub(super) struct Word {
    pub text: String,
    pub from: f64,
    pub until: f64,
    pub probability: f64,
}

impl Sphinx {
    /// Reads the model; `None` when it is not installed, and then numbers are not assessed.
    pub(super) fn load() -> Option<Sphinx> {
        if !std::path::Path::new(MODEL.to_str().ok()?).is_dir() {
            return None;
        }
        // SAFETY: all strings live on and end with zero; the list of arguments ends with a null pointer; the decoder keeps
        // a reference to the configuration, so that ours is given back; null is checked before use.
        unsafe {
            err_set_logfp(ptr::null_mut());
            let end: *const c_char = ptr::null();
            let config = cmd_ln_init(ptr::null_mut(), ps_args(), 1, c"-hmm".as_ptr(), MODEL.as_ptr(), end);
            if config.is_null() {
                return None;
            }
            let decoder = ps_init(config);
            cmd_ln_free_r(config);
            if decoder.is_null() {
                return None;
            }
            let sphinx = Sphinx(decoder);
            let known = WORDS.iter().all(|(word, sounds)| ps_add_word(decoder, word.as_ptr(), sounds.as_ptr(), 0) >= 0);
            let ruled = ps_set_jsgf_string(decoder, GRAMMAR.as_ptr(), RULES.as_ptr()) == 0
                && ps_set_search(decoder, GRAMMAR.as_ptr()) == 0;
            (known && ruled).then_some(sphinx)
        }
    }

    /// The words of a whole utterance in 16 kHz mono; empty when the four numbers could not be made out.
    pub(super) fn hear(&mut self, samples: &[i16]) -> Vec<Word> {
        let mut words = Vec::new();
        // SAFETY: the decoder is alive and ours alone, the samples outlive the call, and each segment is read before the
        // iterator moves on; the last move frees it.
        unsafe {
            if ps_start_utt(self.0) < 0 {
                return words;
            }
            let heard = ps_process_raw(self.0, samples.as_ptr(), samples.len(), 0, 1);
            if ps_end_utt(self.0) < 0 || heard < 0 {
                return words;
            }
            let mut segment = ps_seg_iter(self.0);
            while !segment.is_null() {
                words.extend(self.read(segment));
                segment = ps_seg_next(segment);
            }
        }
        words
    }

    /// # Safety
    /// The segment is one that this decoder's iterator stands on.
    unsafe fn read(&self, segment: *mut Opaque) -> Option<Word> {
        let (mut first, mut last) = (0, 0);
        let (mut acoustic, mut language, mut back) = (0, 0, 0);
        // SAFETY: as the caller promises; all pointers are to live numbers of ours; the word is copied at once.
        unsafe {
            let word = ps_seg_word(segment);
            if word.is_null() {
                return None;
            }
            ps_seg_frames(segment, &raw mut first, &raw mut last);
            let logarithm = ps_seg_prob(segment, &raw mut acoustic, &raw mut language, &raw mut back);
            Some(Word {
                text: CString::from(CStr::from_ptr(word)).into_string().ok()?,
                from: f64::from(first) / FRAMES_PER_SECOND,
                until: f64::from(last.saturating_add(1)) / FRAMES_PER_SECOND,
                probability: logmath_exp(ps_get_logmath(self.0), logarithm).clamp(0.0, 1.0),
            })
        }
    }
}

impl Drop for Sphinx {
    fn drop(&mut self) {
        // SAFETY: made by `ps_init` and not used afterwards.
        unsafe {
            ps_free(self.0);
        }
    }
}

//! Which captures are made, in which order: each kind in proportion, so that an interrupted run says something about all.

use crate::camera::photograph;
use crate::dice::Dice;
use crate::fault::Fault;
use crate::originals::Sheet;
use crate::setting::{self, Setting};
use crate::studio::{Reel, record};
use crate::take::{self, Take};
use anyhow::{Context, Result};
use std::ops::Range;
use worker::media::MediaKind;

/// How many of each.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    pub photos: u32,
    /// Of each fault at each strength at which it has to be named; a third of the others.
    pub photo_faults: u32,
    pub clips: u32,
    pub clip_faults: u32,
    /// Of the clean sound, and of it at each distance from the noise.
    pub speech: u32,
}

/// What goes wrong with a capture, and how badly.
pub type Wrong<S> = Option<(&'static Fault<S>, f32)>;

#[derive(Clone, Copy)]
pub enum What {
    Photo(Wrong<Setting>),
    Clip(Wrong<Take>),
    Speech(Wrong<Take>),
}

#[derive(Clone)]
pub struct Capture {
    /// Names the kind, the fault and its strength.
    pub set: String,
    pub index: u32,
    pub what: What,
}

/// Everything captures are made from.
pub struct Stock {
    pub sheets: Vec<Sheet>,
    pub reels: Vec<Reel>,
}

static PHOTO_FAULTS: &[Fault<Setting>] = &setting::FAULTS;
static CLIP_FAULTS: &[Fault<Take>] = &take::FAULTS;
static SPEECH_FAULTS: &[Fault<Take>] = &take::SPEECH_FAULTS;

pub const GOOD_PHOTO: &str = "photo/good";
pub const GOOD_CLIP: &str = "clip/good";
pub const GOOD_SPEECH: &str = "speech/good";

pub fn set_name(kind: &str, fault: &str, strength: f32) -> String {
    format!("{kind}/{fault}/{strength}")
}

pub fn captures(counts: &Counts) -> Vec<Capture> {
    // Round by round, so that an interrupted run has as many of one fault as of another.
    let rounds = counts.photo_faults.max(counts.clip_faults).max(counts.speech).max(1);
    let mut all = Vec::new();
    for index in 0..rounds {
        let share = |count: u32| index * count / rounds..(index + 1) * count / rounds;
        all.extend(good(GOOD_PHOTO, share(counts.photos), What::Photo(None)));
        all.extend(good(GOOD_CLIP, share(counts.clips), What::Clip(None)));
        for at in share(counts.photo_faults) {
            all.extend(round("photo", PHOTO_FAULTS, at, What::Photo));
        }
        for at in share(counts.clip_faults) {
            all.extend(round("clip", CLIP_FAULTS, at, What::Clip));
        }
        for at in share(counts.speech) {
            all.extend(good(GOOD_SPEECH, at..at + 1, What::Speech(None)));
            all.extend(round("speech", SPEECH_FAULTS, at, What::Speech));
        }
    }
    all
}

fn good(set: &str, indices: Range<u32>, what: What) -> Vec<Capture> {
    indices.map(|index| Capture { set: set.to_owned(), index, what }).collect()
}

fn round<S>(kind: &str, faults: &'static [Fault<S>], index: u32, what: impl Fn(Wrong<S>) -> What) -> Vec<Capture> {
    let each = faults.iter().flat_map(|fault| fault.strengths.iter().enumerate().map(move |(at, of)| (fault, at, *of)));
    // Milder strengths and faults that no check names only show where naming begins: a third of them will do.
    let counts = |fault: &Fault<S>, at| index.is_multiple_of(3) || fault.has_to_be_named(at);
    let each = each.filter(|(fault, at, _)| counts(fault, *at)).map(|(fault, _, strength)| (fault, strength));
    each.map(|(fault, strength)| Capture {
        set: set_name(kind, fault.name, strength),
        index,
        what: what(Some((fault, strength))),
    })
    .collect()
}

impl Capture {
    pub fn kind(&self) -> MediaKind {
        match self.what {
            What::Photo(_) => MediaKind::Photo,
            What::Clip(_) | What::Speech(_) => MediaKind::Video,
        }
    }

    /// The name of what it was made from, and its bytes.
    pub fn made(&self, stock: &Stock, seed: u64) -> Result<(String, Vec<u8>)> {
        let mut dice = Dice::of(seed, &self.set, self.index);
        match self.what {
            What::Photo(wrong) => self.photo(wrong, &stock.sheets, &mut dice),
            What::Clip(None) => self.clip(Take::good(&mut dice), None, &stock.reels, &mut dice),
            What::Clip(wrong) => self.clip(Take::plain(&mut dice), wrong, &stock.reels, &mut dice),
            What::Speech(wrong) => self.clip(Take::speech(&mut dice), wrong, &stock.reels, &mut dice),
        }
    }

    fn photo(&self, wrong: Wrong<Setting>, sheets: &[Sheet], dice: &mut Dice) -> Result<(String, Vec<u8>)> {
        let sheet = sheets.get(self.index as usize % sheets.len().max(1)).context("there is no original")?;
        let mut setting = Setting::good(dice);
        if let Some((fault, strength)) = wrong {
            (fault.apply)(&mut setting, strength);
        }
        Ok((sheet.original.name.to_owned(), photograph(sheet, &setting, dice)?))
    }

    fn clip(&self, take: Take, wrong: Wrong<Take>, reels: &[Reel], dice: &mut Dice) -> Result<(String, Vec<u8>)> {
        let (first, count) = (self.index as usize, reels.len().max(1));
        let reel = reels.get(first % count).context("there is no clip")?;
        let other = reels.get((first + 1) % count).context("there is no clip")?;
        let mut take = take;
        if let Some((fault, strength)) = wrong {
            (fault.apply)(&mut take, strength);
        }
        Ok((reel.name.to_owned(), record(reel, other, &take, dice)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_capture_has_a_name_of_its_own_and_none_is_left_out() {
        let counts = Counts { photos: 20, photo_faults: 2, clips: 3, clip_faults: 2, speech: 3 };
        let all = captures(&counts);
        let names: BTreeSet<_> = all.iter().map(|capture| (capture.set.clone(), capture.index)).collect();
        assert_eq!(names.len(), all.len());
        assert_eq!(all.iter().filter(|capture| capture.set == GOOD_PHOTO).count(), 20);
        assert_eq!(all.iter().filter(|capture| capture.set == GOOD_SPEECH).count(), 3);
        let of = |set: &str| all.iter().filter(|capture| capture.set == set).count();
        assert_eq!(
            (of("photo/blur/8"), of("photo/blur/2"), of("clip/short/3"), of("speech/pink noise/10")),
            (2, 1, 2, 1)
        );
    }

    #[test]
    fn every_strength_at_which_a_fault_has_to_be_named_exists() {
        for fault in PHOTO_FAULTS {
            assert!(fault.named_by.is_none_or(|(_, from)| from < fault.strengths.len()), "{}", fault.name);
        }
        for fault in CLIP_FAULTS {
            assert!(fault.named_by.is_none_or(|(_, from)| from < fault.strengths.len()), "{}", fault.name);
        }
    }
}

//! What the table makes of everything that was measured, counted for each check and for each fault.

use crate::claims::{EXPIRED, TODAY, day};
use crate::originals::{self, Original};
use crate::plan::{GOOD_CLIP, GOOD_PHOTO, GOOD_SPEECH};
use crate::results::Record;
use crate::studio::CLIPS;
use anyhow::{Context, Result};
use chrono::NaiveDate;
use domain::challenge::Challenge;
use domain::evidence::{DocumentKind, EvidenceKind};
use domain::identity::ClaimedIdentity;
use domain::precheck::fields::Fields;
use domain::precheck::seen::Seen;
use domain::precheck::{
    Check, Claim, ClipPrint, Finding, FindingResult, Measured, Table, Verdict, compare, judge, likeness, numbers,
    seen_before, verdict,
};
use std::collections::BTreeMap;

/// One check over good captures, and over those it has to name.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct CheckTally {
    pub good: u32,
    /// Good ones about which it said anything.
    pub assessed: u32,
    pub flagged: u32,
    pub bounced: u32,
    pub defective: u32,
    pub missed: u32,
}

/// One fault at one strength, or the good ones.
#[derive(Debug, Default, Clone)]
pub struct SetTally {
    pub count: u32,
    /// By a check that names its fault.
    pub named: u32,
    pub flagged_by_any: u32,
    pub bounced: u32,
    /// Photos on which nothing at all could be read.
    pub nothing_read: u32,
    /// Clips in which the numbers were heard right, and those of which that is sure.
    pub heard_right: u32,
    pub heard_sure: u32,
}

#[derive(Default)]
pub struct Tally {
    pub checks: BTreeMap<Check, CheckTally>,
    pub sets: BTreeMap<String, SetTally>,
    pub good_bounced: Vec<String>,
    /// Children that ended without an answer.
    pub not_assessed: Vec<String>,
    /// Of good photos of documents with machine-readable lines: how many were read and add up.
    pub mrz: (u32, u32),
}

/// Everything that results are held against.
pub struct Truth<'a> {
    pub table: &'a Table,
    pub claims: &'a [ClaimedIdentity],
    /// The checks of which one names a set of captures, and whether one has to.
    pub named_by: &'a BTreeMap<String, (&'static [Check], bool)>,
}

pub fn tally(truth: &Truth, records: &[Record]) -> Result<Tally> {
    let mut tally = Tally::default();
    let prints = prints(records);
    for record in records {
        if let Measured::NotAssessed { why } = &record.measured {
            tally.not_assessed.push(format!("{} {}: {why}", record.set, record.index));
            continue;
        }
        match originals::of_name(&record.original) {
            Some(original) => tally.photo(truth, record, &original)?,
            None => tally.clip(truth, record, &prints)?,
        }
    }
    Ok(tally)
}

impl Tally {
    fn photo(&mut self, truth: &Truth, record: &Record, original: &Original) -> Result<()> {
        let mut findings = judge(truth.table, original.evidence, &record.measured);
        let seen = match &record.measured {
            Measured::Photo(measures) => measures.seen.as_ref(),
            _ => None,
        };
        if let Some(seen) = seen
            && original.evidence == EvidenceKind::IdPhotoFront
        {
            findings.extend(self.claimed(truth, record, original, seen)?);
        }
        self.judged(truth, record, &findings);
        let nothing = seen.is_none_or(|seen| seen.nothing_readable());
        self.set(record).nothing_read += u32::from(nothing);
        if record.set == GOOD_PHOTO && original.has_mrz {
            let held = seen.is_some_and(|seen| Fields::of(seen).mrz.is_some());
            self.mrz = (self.mrz.0 + u32::from(held), self.mrz.1 + 1);
        }
        Ok(())
    }

    /// The findings about the right claim; of good captures the wrong claim and a day too late are tried as well.
    fn claimed(&mut self, truth: &Truth, record: &Record, original: &Original, seen: &Seen) -> Result<Vec<Finding>> {
        let right = truth.claims.get(original.person).context("a specimen belongs to nobody")?;
        let wrong = truth.claims.get((original.person + 1) % truth.claims.len()).context("there is one person")?;
        let other_document = match original.document {
            DocumentKind::Passport => DocumentKind::UkDrivingLicence,
            _ => DocumentKind::Passport,
        };
        let held = |(identity, document), today: NaiveDate| {
            let claim = Claim { identity, document };
            let mut findings = compare(&truth.table.photo, claim, &[(original.evidence, seen)], today);
            findings.retain(|finding| finding.check != Check::LicenceNumber || original.has_driver_number);
            findings
        };
        if record.set == GOOD_PHOTO {
            let expired = held((right, original.document), day(EXPIRED)?)
                .into_iter()
                .filter(|finding| finding.check == Check::DocumentExpiry);
            let other = held((wrong, other_document), day(TODAY)?)
                .into_iter()
                .filter(|finding| finding.check != Check::DocumentExpiry);
            for finding in expired.chain(other) {
                let check = self.checks.entry(finding.check).or_default();
                check.defective += 1;
                check.missed += u32::from(!flags(&finding));
            }
        }
        Ok(held((right, original.document), day(TODAY)?))
    }

    fn clip(&mut self, truth: &Truth, record: &Record, prints: &[Shown]) -> Result<()> {
        let mut findings = judge(truth.table, EvidenceKind::FaceVideo, &record.measured);
        let place = CLIPS.iter().position(|(name, _)| *name == record.original).context("an unknown clip")?;
        let (asked, other) = (asked(place)?, asked(place + 1)?);
        let about_numbers = numbers(truth.table, &record.measured, asked);
        let wrongly = numbers(truth.table, &record.measured, other).result == FindingResult::Ok;
        let set = self.set(record);
        if let Measured::Video(measures) = &record.measured {
            let heard: Vec<u8> = measures.heard.iter().map(|number| number.digit).collect();
            set.heard_right += u32::from(heard == asked.digits());
        }
        set.heard_sure += u32::from(about_numbers.result == FindingResult::Ok);
        let check = self.checks.entry(Check::VideoNumbers).or_default();
        check.defective += 1;
        check.missed += u32::from(wrongly);
        findings.push(about_numbers);
        if record.set == GOOD_CLIP {
            findings.extend(self.compared(truth, record, prints));
        }
        if record.set == GOOD_SPEECH || record.set.starts_with("speech/") {
            // Its picture is a few pixels: only what is heard counts.
            findings.retain(|finding| finding.check == Check::VideoNumbers);
        }
        self.judged(truth, record, &findings);
        Ok(())
    }

    /// A clip held against one of somebody else, which it must not be like, and against another of the same recording.
    fn compared(&mut self, truth: &Truth, record: &Record, prints: &[Shown]) -> Option<Finding> {
        let own = Shown::of(record)?;
        let like = |wanted: &dyn Fn(&Shown) -> bool| {
            let other = prints.iter().find(|other| other.index != own.index && wanted(other))?;
            likeness(&truth.table.video, (own.print, own.seconds), (other.print, other.seconds))
        };
        let same = like(&|other| other.original == own.original && other.seconds == own.seconds);
        let check = self.checks.entry(Check::VideoSeenBefore).or_default();
        if prints
            .iter()
            .any(|other| other.index != own.index && other.original == own.original && other.seconds == own.seconds)
        {
            check.defective += 1;
            check.missed += u32::from(same.is_none());
        }
        Some(seen_before(Some(own.print), like(&|other| other.original != own.original)))
    }

    fn set(&mut self, record: &Record) -> &mut SetTally {
        self.sets.entry(record.set.clone()).or_default()
    }

    fn judged(&mut self, truth: &Truth, record: &Record, findings: &[Finding]) {
        let bounced = match verdict(truth.table, findings, &[]) {
            Verdict::Bounce { .. } => true,
            Verdict::Review => false,
        };
        let is_good = [GOOD_PHOTO, GOOD_CLIP, GOOD_SPEECH].contains(&record.set.as_str());
        let set = self.set(record);
        set.count += 1;
        set.bounced += u32::from(bounced);
        set.flagged_by_any += u32::from(findings.iter().any(flags));
        for finding in findings.iter().filter(|_| is_good) {
            let check = self.checks.entry(finding.check).or_default();
            check.good += 1;
            check.assessed += u32::from(finding.result != FindingResult::NotAssessed);
            check.flagged += u32::from(flags(finding));
            check.bounced += u32::from(bounced && finding.result == FindingResult::Unusable);
        }
        if is_good && bounced {
            self.good_bounced.push(format!("{} {} of {}", record.set, record.index, record.original));
        }
        let Some((checks, has_to)) = truth.named_by.get(&record.set) else { return };
        let named = findings.iter().any(|finding| checks.contains(&finding.check) && flags(finding));
        self.set(record).named += u32::from(named);
        if let Some(check) = checks.first().filter(|_| *has_to) {
            let check = self.checks.entry(*check).or_default();
            check.defective += 1;
            check.missed += u32::from(!named);
        }
    }
}

fn flags(finding: &Finding) -> bool {
    matches!(finding.result, FindingResult::Attention | FindingResult::Unusable)
}

/// The numbers that are said in a clip.
fn asked(place: usize) -> Result<Challenge> {
    let (_, digits) = CLIPS.get(place % CLIPS.len()).context("there is no clip")?;
    Challenge::parse(digits).map_err(|error| anyhow::anyhow!("{digits}: {error}"))
}

/// How a good clip looks.
struct Shown<'a> {
    index: u32,
    original: &'a str,
    print: &'a ClipPrint,
    seconds: f64,
}

impl<'a> Shown<'a> {
    fn of(record: &'a Record) -> Option<Shown<'a>> {
        let Measured::Video(measures) = &record.measured else { return None };
        let print = measures.print.as_ref()?;
        Some(Shown { index: record.index, original: &record.original, print, seconds: measures.duration_seconds })
    }
}

fn prints(records: &[Record]) -> Vec<Shown<'_>> {
    records.iter().filter(|record| record.set == GOOD_CLIP).filter_map(Shown::of).collect()
}

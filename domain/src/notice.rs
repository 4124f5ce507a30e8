//! The letters patients get. The words live here once; the console previews exactly what the mail sends.

use crate::evidence::EvidenceKind;
use crate::reasons::Reason;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

crate::evidence::coded!(/// A message owed to the patient.
NoticeKind {
    Approved = "approved",
    Rejected = "rejected",
    RetakeWanted = "retake_wanted",
});

/// What a letter is about. It carries no personal data: mail is read on lock screens and forwarded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    pub kind: NoticeKind,
    pub reference: String,
    #[serde(default)]
    pub what: Vec<EvidenceKind>,
    #[serde(default)]
    pub reasons: Vec<Reason>,
    #[serde(default)]
    pub patient_note: Option<String>,
}

/// A letter in words: rendered as text and as HTML by the mailer, and shown to the checker before confirming.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    pub subject: String,
    pub blocks: Vec<Block>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    Paragraph { text: String },
    Heading { text: String },
    List { items: Vec<String> },
}

/// Writes the letter for one outcome.
pub fn letter(about: &Subject) -> Letter {
    let mut blocks = match about.kind {
        NoticeKind::Approved => approved(),
        NoticeKind::Rejected => rejected(about),
        NoticeKind::RetakeWanted => retake_wanted(about),
    };
    if let Some(note) = about.patient_note.as_deref().map(str::trim).filter(|note| !note.is_empty()) {
        blocks.push(heading("A note from the person who checked"));
        blocks.push(paragraph(note));
    }
    blocks.push(paragraph(&format!("Your reference is {}.", about.reference)));
    blocks.push(paragraph("We will never ask for your password or a security code by email."));
    Letter { subject: subject_line(about), blocks }
}

fn subject_line(about: &Subject) -> String {
    let words = match about.kind {
        NoticeKind::Approved => "You have proved who you are",
        NoticeKind::Rejected => "We could not prove who you are",
        NoticeKind::RetakeWanted => "We need you to send something again",
    };
    format!("{words} ({})", about.reference)
}

fn approved() -> Vec<Block> {
    vec![
        paragraph("Your identity check is complete. You have proved who you are."),
        heading("What happens next"),
        paragraph("You can now use your login to see your health record. You do not need to prove who you are again."),
    ]
}

fn rejected(about: &Subject) -> Vec<Block> {
    let mut blocks = vec![
        paragraph("We checked what you sent us. We could not prove who you are this time."),
        heading("Why"),
        reasons_list(&about.reasons),
    ];
    blocks.extend(what_you_can_do(&about.reasons));
    blocks.push(heading("If you need care now"));
    blocks.push(paragraph(
        "You do not need this check to see a doctor or nurse. Contact your GP surgery as you usually do. They can also help you to get online.",
    ));
    blocks
}

fn retake_wanted(about: &Subject) -> Vec<Block> {
    let items = about.what.iter().map(|kind| format!("Your {}", patient_label(*kind))).collect();
    let mut blocks = vec![
        paragraph(
            "We could not finish your identity check with what you sent us. Most people get through at the next try.",
        ),
        heading("What to send again"),
        Block::List { items },
        heading("Why"),
        reasons_list(&about.reasons),
    ];
    blocks.extend(what_you_can_do(&about.reasons));
    blocks.push(paragraph("We kept the rest. You do not need to send it again."));
    blocks
}

fn what_you_can_do(reasons: &[Reason]) -> Vec<Block> {
    let items: Vec<String> =
        reasons.iter().map(|reason| reason.remedy().to_owned()).filter(|text| !text.is_empty()).collect();
    if items.is_empty() {
        return Vec::new();
    }
    vec![heading("What you can do"), Block::List { items }]
}

fn reasons_list(reasons: &[Reason]) -> Block {
    Block::List { items: reasons.iter().map(|reason| reason.patient_text().to_owned()).collect() }
}

fn patient_label(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::IdPhotoFront => "photo of the front of your ID",
        EvidenceKind::IdPhotoBack => "photo of the back of your ID",
        EvidenceKind::FaceVideo => "video of your face with the new numbers",
    }
}

fn paragraph(text: &str) -> Block {
    Block::Paragraph { text: text.to_owned() }
}

fn heading(text: &str) -> Block {
    Block::Heading { text: text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(kind: NoticeKind) -> Subject {
        Subject {
            kind,
            reference: "PD-0000-0001".to_owned(),
            what: vec![EvidenceKind::IdPhotoFront],
            reasons: vec![Reason::Blurred],
            patient_note: None,
        }
    }

    fn words(letter: &Letter) -> String {
        let text = |block: &Block| match block {
            Block::Paragraph { text } | Block::Heading { text } => text.clone(),
            Block::List { items } => items.join("\n"),
        };
        letter.blocks.iter().map(text).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn each_letter_says_its_outcome_and_its_reference() {
        for kind in NoticeKind::ALL {
            let letter = letter(&about(*kind));
            assert!(words(&letter).contains("PD-0000-0001"), "{kind}");
            assert!(!letter.subject.contains('\n'));
        }
        assert!(letter(&about(NoticeKind::Approved)).subject.starts_with("You have proved"));
    }

    #[test]
    fn a_refusal_names_reasons_and_remedies_and_an_approval_names_none() {
        let reason = Reason::Blurred;
        for kind in [NoticeKind::Rejected, NoticeKind::RetakeWanted] {
            let text = words(&letter(&about(kind)));
            assert!(text.contains(reason.patient_text()) && text.contains(reason.remedy()), "{kind}");
        }
        assert!(!words(&letter(&about(NoticeKind::Approved))).contains(reason.patient_text()));
    }

    #[test]
    fn the_note_to_the_patient_appears_only_when_it_says_something() {
        let mut subject = about(NoticeKind::Rejected);
        subject.patient_note = Some("  ".to_owned());
        assert!(!words(&letter(&subject)).contains("A note from"));
        subject.patient_note = Some("Please use daylight.".to_owned());
        assert!(words(&letter(&subject)).contains("Please use daylight."));
    }
}

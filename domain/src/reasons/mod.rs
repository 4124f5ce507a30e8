//! Why a submission is refused, asked for again or set aside. Codes are stable API; every reason carries its words.
//!
//! The patient's texts never blame and never tell a suspicion: whoever tries to deceive learns nothing, and whoever
//! is wrongly suspected is not insulted. What staff think goes into the internal note, which no patient sees.

mod document;
mod face;
mod file;
mod hold;
mod image;
mod numbers;
mod record;
mod video;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::evidence::coded;

pub use hold::HoldReason;

coded!(
    /// One reason a patient can be told.
    Reason {
        Blurred = "blurred",
        Glare = "glare",
        TooDark = "too_dark",
        TooLight = "too_light",
        Cropped = "cropped",
        Covered = "covered",
        TooSmall = "too_small",
        HologramHidesData = "hologram_hides_data",
        NoDocument = "no_document",
        TwoDocuments = "two_documents",
        PhotoOfScreen = "photo_of_screen",
        Photocopy = "photocopy",
        FilterApplied = "filter_applied",
        TypeNotAccepted = "type_not_accepted",
        Expired = "expired",
        Damaged = "damaged",
        WrongSide = "wrong_side",
        NotGenuine = "not_genuine",
        DataAltered = "data_altered",
        PortraitAltered = "portrait_altered",
        ChecksumMismatch = "checksum_mismatch",
        NoRecord = "no_record",
        SeveralRecords = "several_records",
        DateOfBirthDiffers = "date_of_birth_differs",
        NameDiffers = "name_differs",
        PostcodeDiffers = "postcode_differs",
        NhsNumberLinked = "nhs_number_linked",
        RecordDeceased = "record_deceased",
        NoFace = "no_face",
        FaceUnclear = "face_unclear",
        SeveralPeople = "several_people",
        TooShort = "too_short",
        TooLong = "too_long",
        CannotPlay = "cannot_play",
        ChallengeReused = "challenge_reused",
        InjectedSuspected = "injected_suspected",
        FaceDiffers = "face_differs",
        NoSound = "no_sound",
        NumbersUnclear = "numbers_unclear",
        NumbersWrong = "numbers_wrong",
        NumbersPartial = "numbers_partial",
        SomeoneElseSpeaks = "someone_else_speaks",
        UnsafeFile = "unsafe_file",
        DamagedUpload = "damaged_upload",
    }
);

coded!(
    /// What a reason is about; the console lists reasons under these.
    Group {
        Image = "image",
        Document = "document",
        Record = "record",
        Video = "video",
        Face = "face",
        Numbers = "numbers",
        File = "file",
    }
);

coded!(
    /// Whether sending something again can put the matter right.
    Ending {
        Retry = "retry",
        Final = "final",
    }
);

/// The words of one reason.
struct Entry {
    /// Two or three words for a button.
    label: &'static str,
    /// When a checker should choose it.
    checker_text: &'static str,
    /// What the patient is told happened.
    patient_text: &'static str,
    /// What the patient can do now.
    remedy: &'static str,
    ending: Ending,
}

impl Group {
    pub fn label(self) -> &'static str {
        match self {
            Self::Image => "Photo of the ID",
            Self::Document => "The ID itself",
            Self::Record => "Details and record",
            Self::Video => "Video",
            Self::Face => "Face",
            Self::Numbers => "The four numbers",
            Self::File => "The file itself",
        }
    }

    /// The groups a checker chooses from. What is wrong with a file as such only the machine can tell.
    pub fn for_checkers() -> impl Iterator<Item = Group> {
        Group::ALL.iter().copied().filter(|group| *group != Self::File)
    }

    /// The reasons of this group in the order they are shown.
    pub fn reasons(self) -> impl Iterator<Item = Reason> {
        Reason::ALL.iter().copied().filter(move |reason| reason.group() == self)
    }
}

impl Reason {
    /// Whether the code alone would tell somebody what we suspect: it stays among staff, only neutral words leave.
    pub fn is_suspicion(self) -> bool {
        matches!(
            self,
            Self::NotGenuine
                | Self::DataAltered
                | Self::PortraitAltered
                | Self::ChecksumMismatch
                | Self::InjectedSuspected
        )
    }

    pub fn label(self) -> &'static str {
        self.entry().label
    }

    pub fn checker_text(self) -> &'static str {
        self.entry().checker_text
    }

    pub fn patient_text(self) -> &'static str {
        self.entry().patient_text
    }

    /// How the patient can put it right or, when it is final, where they can turn.
    pub fn remedy(self) -> &'static str {
        self.entry().remedy
    }

    pub fn ending(self) -> Ending {
        self.entry().ending
    }

    /// Whether media may be sent back for this reason before any person saw them. Only defects that leave nothing
    /// for a person to judge, and that a patient can put right, are here.
    pub fn may_bounce(self) -> bool {
        matches!(
            self,
            Self::NoDocument
                | Self::TooSmall
                | Self::Blurred
                | Self::CannotPlay
                | Self::NoFace
                | Self::TooShort
                | Self::UnsafeFile
                | Self::DamagedUpload
        )
    }

    /// Whether nobody at all may open the item: it goes back to the patient every time, because people cannot look at
    /// it either.
    pub fn keeps_from_people(self) -> bool {
        matches!(self, Self::UnsafeFile | Self::DamagedUpload)
    }

    pub fn group(self) -> Group {
        match self {
            Self::Blurred
            | Self::Glare
            | Self::TooDark
            | Self::TooLight
            | Self::Cropped
            | Self::Covered
            | Self::TooSmall
            | Self::HologramHidesData
            | Self::NoDocument
            | Self::TwoDocuments
            | Self::PhotoOfScreen
            | Self::Photocopy
            | Self::FilterApplied => Group::Image,
            Self::TypeNotAccepted
            | Self::Expired
            | Self::Damaged
            | Self::WrongSide
            | Self::NotGenuine
            | Self::DataAltered
            | Self::PortraitAltered
            | Self::ChecksumMismatch => Group::Document,
            Self::NoRecord
            | Self::SeveralRecords
            | Self::DateOfBirthDiffers
            | Self::NameDiffers
            | Self::PostcodeDiffers
            | Self::NhsNumberLinked
            | Self::RecordDeceased => Group::Record,
            Self::NoFace
            | Self::FaceUnclear
            | Self::SeveralPeople
            | Self::TooShort
            | Self::TooLong
            | Self::CannotPlay
            | Self::ChallengeReused
            | Self::InjectedSuspected => Group::Video,
            Self::FaceDiffers => Group::Face,
            Self::NoSound
            | Self::NumbersUnclear
            | Self::NumbersWrong
            | Self::NumbersPartial
            | Self::SomeoneElseSpeaks => Group::Numbers,
            Self::UnsafeFile | Self::DamagedUpload => Group::File,
        }
    }

    /// Every reason has its words, or this does not compile.
    fn entry(self) -> &'static Entry {
        match self {
            Self::Blurred => &image::BLURRED,
            Self::Glare => &image::GLARE,
            Self::TooDark => &image::TOO_DARK,
            Self::TooLight => &image::TOO_LIGHT,
            Self::Cropped => &image::CROPPED,
            Self::Covered => &image::COVERED,
            Self::TooSmall => &image::TOO_SMALL,
            Self::HologramHidesData => &image::HOLOGRAM_HIDES_DATA,
            Self::NoDocument => &image::NO_DOCUMENT,
            Self::TwoDocuments => &image::TWO_DOCUMENTS,
            Self::PhotoOfScreen => &image::PHOTO_OF_SCREEN,
            Self::Photocopy => &image::PHOTOCOPY,
            Self::FilterApplied => &image::FILTER_APPLIED,
            Self::TypeNotAccepted => &document::TYPE_NOT_ACCEPTED,
            Self::Expired => &document::EXPIRED,
            Self::Damaged => &document::DAMAGED,
            Self::WrongSide => &document::WRONG_SIDE,
            Self::NotGenuine => &document::NOT_GENUINE,
            Self::DataAltered => &document::DATA_ALTERED,
            Self::PortraitAltered => &document::PORTRAIT_ALTERED,
            Self::ChecksumMismatch => &document::CHECKSUM_MISMATCH,
            Self::NoRecord => &record::NO_RECORD,
            Self::SeveralRecords => &record::SEVERAL_RECORDS,
            Self::DateOfBirthDiffers => &record::DATE_OF_BIRTH_DIFFERS,
            Self::NameDiffers => &record::NAME_DIFFERS,
            Self::PostcodeDiffers => &record::POSTCODE_DIFFERS,
            Self::NhsNumberLinked => &record::NHS_NUMBER_LINKED,
            Self::RecordDeceased => &record::RECORD_DECEASED,
            Self::NoFace => &video::NO_FACE,
            Self::FaceUnclear => &video::FACE_UNCLEAR,
            Self::SeveralPeople => &video::SEVERAL_PEOPLE,
            Self::TooShort => &video::TOO_SHORT,
            Self::TooLong => &video::TOO_LONG,
            Self::CannotPlay => &video::CANNOT_PLAY,
            Self::ChallengeReused => &video::CHALLENGE_REUSED,
            Self::InjectedSuspected => &video::INJECTED_SUSPECTED,
            Self::FaceDiffers => &face::FACE_DIFFERS,
            Self::NoSound => &numbers::NO_SOUND,
            Self::NumbersUnclear => &numbers::NUMBERS_UNCLEAR,
            Self::NumbersWrong => &numbers::NUMBERS_WRONG,
            Self::NumbersPartial => &numbers::NUMBERS_PARTIAL,
            Self::SomeoneElseSpeaks => &numbers::SOMEONE_ELSE_SPEAKS,
            Self::UnsafeFile => &file::UNSAFE_FILE,
            Self::DamagedUpload => &file::DAMAGED_UPLOAD,
        }
    }
}

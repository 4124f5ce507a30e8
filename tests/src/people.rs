//! What people do in a story, in one call each.

use crate::app::App;
use crate::fixture::{claim, fixture, tiny_photo, tiny_video};
use domain::decision::Outcome;
use domain::ids::{StaffId, SubmissionId};
use domain::reading::{DocumentAnswer, FaceAnswer, FaceRating, Feature, HowGiven, Look, Seen, Step, TypedNumbers};
use domain::redacted::Redacted;
use serde_json::Value;
use workflow::review::{self, Another, Case, Decide, Given};
use workflow::staff::{self, NewStaff, Role, SignIn, Staff};

/// A completed submission, as its client knows it.
#[derive(Debug, Clone)]
pub struct Submitted {
    pub id: String,
    pub verification: String,
    pub reference: String,
    pub challenge: String,
}

impl Submitted {
    #[must_use]
    pub fn id(&self) -> SubmissionId {
        self.id.parse().unwrap()
    }
}

impl App {
    pub const PASSWORD: &'static str = "orbit-velvet-lantern-42";

    /// Opens, uploads and completes through the API.
    pub async fn submit_claim(&self, claim: &Value, photo: Vec<u8>, video: Vec<u8>) -> Submitted {
        let opened = self.open(claim).await;
        assert_eq!(self.api.upload(&opened.id, "id_photo_front", photo).await.status, 200);
        assert_eq!(self.api.upload(&opened.id, "face_video", video).await.status, 200);
        assert_eq!(self.api.complete(&opened.id).await.status, 202);
        opened
    }

    pub async fn open(&self, claim: &Value) -> Submitted {
        let body = self.api.open(claim).await.expect(201);
        let text = |field: &str| body[field].as_str().unwrap().to_owned();
        let challenge = body["challenge"]["text"].as_str().unwrap().to_owned();
        self.remember(&body);
        Submitted { id: text("id"), verification: text("verification"), reference: text("reference"), challenge }
    }

    /// Good media, looked at by nobody yet.
    pub async fn submit_good(&self) -> Submitted {
        self.submit_claim(&claim(), fixture("passport-good.jpg"), fixture("face-3719-good-720p.mp4")).await
    }

    /// For stories that are not about media: waits for a checker already.
    pub async fn submit_unseen(&self) -> Submitted {
        let submitted = self.submit_claim(&claim(), tiny_photo(), tiny_video()).await;
        self.drain_unseen().await;
        submitted
    }

    /// An account; its address is `NAME@staff.example`.
    pub async fn staff(&self, name: &str, role: Role) -> StaffId {
        let new = NewStaff {
            email: format!("{}@staff.example", name.to_lowercase()),
            name: name.to_owned(),
            role,
            password: Redacted::new(Self::PASSWORD.to_owned()),
        };
        staff::add(&self.ctx, new, self.now()).await.unwrap()
    }

    /// A checker with a new account, signed in.
    pub async fn checker(&self, name: &str) -> Staff {
        self.staff(name, Role::Reviewer).await;
        let password = Redacted::new(Self::PASSWORD.to_owned());
        let email = format!("{}@staff.example", name.to_lowercase());
        match staff::sign_in(&self.ctx, &email, password, "192.0.2.1", self.now()).await.unwrap() {
            SignIn::Welcome { staff, .. } => staff,
            other => panic!("{other:?}"),
        }
    }

    /// Takes the next submission, which must exist.
    pub async fn claim_next(&self, by: &Staff) -> Case {
        review::claim(&self.ctx, by, self.now()).await.unwrap().unwrap();
        self.case(by).await
    }

    pub async fn case(&self, by: &Staff) -> Case {
        review::current(&self.ctx, by, self.now()).await.unwrap().unwrap()
    }

    /// Answers the steps: the faces as told, and, where they have no answer yet, the numbers as they were asked for and
    /// the document as good.
    pub async fn rate(&self, by: &Staff, case: &Case, rating: FaceRating) {
        let features = Feature::ALL.iter().map(|feature| (*feature, Look::Alike)).collect();
        self.answer(by, case, Given::Face(FaceAnswer { rating, features })).await.unwrap();
        if self.case(by).await.step() == Step::Numbers {
            let typed = TypedNumbers::parse(&self.challenge_of(case.id)).ok();
            let numbers = Given::Numbers { given: HowGiven::Said, typed, concerns: vec![] };
            self.answer(by, case, numbers).await.unwrap();
        }
        if self.case(by).await.step() == Step::Document {
            self.answer(by, case, Given::Document(DocumentAnswer::all(Seen::Yes))).await.unwrap();
        }
    }

    pub async fn answer(&self, by: &Staff, case: &Case, given: Given) -> workflow::Result<()> {
        review::answer(&self.ctx, by, (case.id, case.fence), given, self.now()).await
    }

    /// Keeps what a client was told when it opened a submission, so that a checker of the story can make it out.
    pub fn remember(&self, opened: &Value) {
        let (id, challenge) = (opened["id"].as_str().unwrap(), opened["challenge"]["text"].as_str().unwrap());
        self.challenges.lock().unwrap().insert(id.to_owned(), challenge.to_owned());
    }

    /// The numbers that a submission's patient was asked for; the client was told them when it opened it.
    #[must_use]
    pub fn challenge_of(&self, id: SubmissionId) -> String {
        self.challenges.lock().unwrap().get(&id.to_string()).cloned().unwrap_or_default()
    }

    pub async fn try_decide(&self, by: &Staff, case: &Case, outcome: Outcome) -> workflow::Result<()> {
        let decide = Decide {
            id: case.id,
            fence: case.fence,
            outcome,
            patient_note: None,
            internal_note: None,
            another: Another::NotAsked,
        };
        review::decide(&self.ctx, by, decide, self.now()).await.map(|_| ())
    }

    /// Takes the next submission, rates and decides.
    pub async fn decide_next(&self, by: &Staff, face: FaceRating, outcome: Outcome) -> Case {
        let case = self.claim_next(by).await;
        self.rate(by, &case, face).await;
        self.try_decide(by, &case, outcome).await.unwrap();
        case
    }

    /// Two people read the next submission and approve it: the numbers in a specimen's video are not those of its
    /// submission, so that the machine disagrees with the first of them.
    pub async fn two_approve_next(&self, first: &Staff, second: &Staff) {
        for reader in [first, second] {
            self.decide_next(reader, FaceRating::SureSame, Outcome::Approved).await;
        }
    }

    /// The actions of a submission's audit trail, in their order.
    pub async fn trail(&self, id: SubmissionId) -> Vec<String> {
        let sql = format!("SELECT action FROM audit_event WHERE chain = '{}' ORDER BY seq", id.uuid());
        self.sql(&sql).await.lines().map(str::to_owned).collect()
    }
}

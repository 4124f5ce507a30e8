//! The processes of a drill. They are what the real programs are, but for a clock that the drill can step, jobs that are
//! all delivered twice, and checkers that never tire.

use acceptance::dice::Dice;
use chrono::TimeDelta;
use domain::decision::{Outcome, OutcomeKind};
use domain::evidence::EvidenceKind;
use domain::fusion::Next;
use domain::ids::{StaffId, SubmissionId};
use domain::reading::{DocumentAnswer, FaceAnswer, FaceRating, Feature, HowGiven, Look, Seen, TypedNumbers};
use domain::reasons::Reason;
use futures::FutureExt;
use std::net::{Ipv4Addr, TcpListener};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use workflow::clock::Clock;
use workflow::queue::{Finished, Handlers, HeldJob, Job};
use workflow::review::{self, Another, Decide, Given, Lane};
use workflow::staff::{Role, Staff};
use workflow::{CancellationToken, Ctx, Error, config, precheck, stop, telemetry};

const CLOCK_POLL: Duration = Duration::from_millis(100);
/// A checker looks for work this often, and takes about this long for it.
const CHECKER_PAUSE: Duration = Duration::from_millis(300);
/// One submission in so many has real media, which the real inspector looks at.
const REAL_MEDIA_ONE_IN: u8 = 16;

/// Whether this submission brings specimens instead of the least that is recognised.
pub fn has_real_media(id: SubmissionId) -> bool {
    id.uuid().as_bytes()[15].is_multiple_of(REAL_MEDIA_ONE_IN)
}

pub fn door(clock: &str, port: u16) -> ExitCode {
    let ctx = ctx(clock, &[]);
    actix_web::rt::System::new().block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        backend::server(ctx, listener).unwrap().await.unwrap();
    });
    ExitCode::SUCCESS
}

pub fn worker(clock: &str, pools: &str) -> ExitCode {
    let ctx = ctx(clock, &[("WORKER_POOLS", pools)]);
    let tools = worker::process::tools(ctx.config()).unwrap();
    let handlers = twice(unseen(worker::handlers(tools)));
    runtime().block_on(async {
        let stopping = CancellationToken::new();
        let asked = stopping.clone();
        tokio::spawn(async move {
            stop::asked().await;
            asked.cancel();
        });
        let settings = workflow::queue::RunnerSettings::of(ctx.config());
        match workflow::queue::run(ctx, handlers, settings, stopping).await {
            Ok(()) => ExitCode::SUCCESS,
            // After ten failures in a row, for example; whoever supervises it starts it again.
            Err(error) => {
                eprintln!("the worker ends: {error}");
                ExitCode::FAILURE
            }
        }
    })
}

pub fn checkers(clock: &str, staff: &[&str]) -> ExitCode {
    let ctx = ctx(clock, &[]);
    runtime().block_on(async {
        let work = staff.iter().enumerate().map(|(at, id)| {
            let role = if at == 0 { Role::Senior } else { Role::Reviewer };
            let by = Staff { id: id.parse::<StaffId>().unwrap(), name: format!("Checker {at}"), role };
            check(ctx.clone(), by, Dice::new(u64::from(std::process::id()) * 64 + at as u64))
        });
        futures::future::join_all(work).await;
    });
    ExitCode::SUCCESS
}

/// Claims, answers and decides without end. What the ledger of decisions acknowledged is said on the output.
async fn check(ctx: Ctx, by: Staff, mut dice: Dice) {
    loop {
        tokio::time::sleep(CHECKER_PAUSE).await;
        match one(&ctx, &by, &mut dice).await {
            Ok(Some((id, outcome))) => println!("decided {id} {outcome}"),
            Ok(None) | Err(Error::Unavailable(..) | Error::Refused(_) | Error::Reading(_) | Error::Conflict { .. }) => {
            }
            Err(error) => println!("surprise {error:?}"),
        }
    }
}

/// One reading, whole. What it came to is answered where it is the decision and not handed to another reader.
async fn one(ctx: &Ctx, by: &Staff, dice: &mut Dice) -> Result<Option<(SubmissionId, OutcomeKind)>, Error> {
    // Who has read a submission cannot arbitrate it: the one senior keeps to arbitration.
    let lane = if by.role.may_arbitrate() { Lane::Arbitration } else { Lane::Checks };
    if review::claim_from(ctx, by, lane, ctx.now()).await?.is_none() {
        return Ok(None);
    }
    let Some(case) = review::current(ctx, by, ctx.now()).await? else { return Ok(None) };
    let Some(outcome) = seen(case.id, dice) else { return Ok(None) };
    let at = (case.id, case.fence);
    let rating =
        if matches!(outcome, Outcome::Rejected { .. }) { FaceRating::SureDifferent } else { FaceRating::SureSame };
    let features = Feature::ALL.iter().map(|feature| (*feature, Look::Alike)).collect();
    review::answer(ctx, by, at, Given::Face(FaceAnswer { rating, features }), ctx.now()).await?;
    numbers(ctx, by, at).await?;
    review::answer(ctx, by, at, Given::Document(DocumentAnswer::all(Seen::Yes)), ctx.now()).await?;
    let decide = Decide {
        id: case.id,
        fence: case.fence,
        outcome: outcome.clone(),
        patient_note: None,
        internal_note: None,
        another: Another::NotAsked,
    };
    let concluded = review::decide(ctx, by, decide, ctx.now()).await?;
    Ok((concluded.leads_to == Next::Ends).then(|| (case.id, outcome.kind())))
}

/// Answers first as one who heard nothing, and then again with the numbers that are shown from there on.
async fn numbers(ctx: &Ctx, by: &Staff, at: (SubmissionId, u64)) -> Result<(), Error> {
    let nothing = Given::Numbers { given: HowGiven::NotGiven, typed: None, concerns: vec![] };
    review::answer(ctx, by, at, nothing, ctx.now()).await?;
    let shown = review::current(ctx, by, ctx.now()).await?.and_then(|case| case.challenge);
    let typed = shown.and_then(|challenge| TypedNumbers::parse(&challenge.to_string()).ok());
    let heard = Given::Numbers { given: HowGiven::Said, typed, concerns: vec![] };
    review::answer(ctx, by, at, heard, ctx.now()).await
}

/// What there is to see in a submission, the same for every reader but for one in eight who sees it otherwise; one in
/// ten walks away, and the lease runs out.
fn seen(id: SubmissionId, dice: &mut Dice) -> Option<Outcome> {
    let what = match dice.below(80) {
        0..8 => return None,
        8..18 => dice.below(10),
        _ => usize::from(id.uuid().as_bytes()[14]) % 10,
    };
    Some(match what {
        0 => Outcome::Rejected { reasons: vec![Reason::FaceDiffers] },
        1 => Outcome::AskAgain { what: vec![EvidenceKind::IdPhotoFront], reasons: vec![Reason::Blurred] },
        _ => Outcome::Approved,
    })
}

/// Every job is handed over a second time after it has ended well.
fn twice(handlers: Handlers) -> Handlers {
    Arc::new(move |ctx: Ctx, held: HeldJob| {
        let handlers = Arc::clone(&handlers);
        async move {
            let first = handlers(ctx.clone(), held.clone()).await;
            if first.is_ok() {
                let _changes_nothing = handlers(ctx, held).await;
            }
            first
        }
        .boxed()
    })
}

/// Evidence that shows nothing is read back and compared, and then passed on to people.
fn unseen(others: Handlers) -> Handlers {
    Arc::new(move |ctx: Ctx, held: HeldJob| {
        let others = Arc::clone(&others);
        async move {
            match held.job {
                Job::RunPrecheck { submission } if !has_real_media(submission) => {
                    let Some(items) = precheck::begin(&ctx, submission, ctx.now()).await? else {
                        return Ok(Finished::Plain);
                    };
                    for item in &items {
                        acceptance::read_back(&ctx, item).await.map_err(|why| {
                            workflow::queue::JobError::Wait(TimeDelta::seconds(3), format!("not read back: {why}"))
                        })?;
                    }
                    precheck::record(&ctx, &held, submission, &[], ctx.now()).await?;
                    Ok(Finished::Committed)
                }
                _ => others(ctx, held).await,
            }
        }
        .boxed()
    })
}

/// A context whose clock is ahead by what the file says, in milliseconds.
fn ctx(clock_file: &str, settings: &[(&str, &str)]) -> Ctx {
    let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let config = config::from_process_with(settings).unwrap();
    telemetry::start(config.mode, None);
    let clock = Clock::Shifted(Arc::default());
    let (file, shifted) = (clock_file.to_owned(), clock.clone());
    let mut ahead = ahead_ms(&file).unwrap();
    shifted.advance(TimeDelta::milliseconds(ahead));
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(CLOCK_POLL);
            // The file is empty for a moment while it is written.
            let wanted = ahead_ms(&file).unwrap_or(ahead);
            shifted.advance(TimeDelta::milliseconds(wanted - ahead));
            ahead = wanted;
        }
    });
    Ctx::connect(config, clock).unwrap()
}

fn ahead_ms(file: &str) -> Option<i64> {
    std::fs::read_to_string(file).ok()?.trim().parse().ok()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

//! The alarm on silence. Every door looks, from the database alone, so that a dead worker cannot hide itself; and because its
//! mail pool may be dead with it, the door that finds a silence sends the webhook itself.

use crate::Result;
use crate::alert::{self, Alert, AlertKind};
use crate::clock::new_uuid;
use crate::ctx::Ctx;
use crate::db::outlook::{self, Vitals};
use crate::db::{Connection, Tx};
use crate::post::PostError;
use crate::queue::{self, Job};
use crate::{ops, policy, webhook};
use chrono::{DateTime, TimeDelta, Utc};
use domain::sla::SlaPolicy;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A sweep comes every 5 s. With the look of a door every 5 s, a dead one is told of within a minute.
const SWEEP_SILENT: TimeDelta = TimeDelta::seconds(45);
const RELAY_SILENT: TimeDelta = TimeDelta::seconds(60);
const REAPER_SILENT: TimeDelta = TimeDelta::seconds(60);
/// A pause of the pool that sweeps is a silence of the sweep.
const LIGHT_PAUSED: TimeDelta = TimeDelta::seconds(60);
/// Nobody decides although something waits.
const DECISIONS_SILENT: TimeDelta = TimeDelta::minutes(15);
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// The forecast is looked at once in so many looks: it reads the whole queue.
const FORECAST_EVERY: u32 = 12;
/// Tries to reach the webhook, and the pause between them.
const WEBHOOK_TRIES: u32 = 3;
const WEBHOOK_PAUSE: Duration = Duration::from_secs(3);

/// Looks until `stop`. A door that has just started gives the worker that starts with it time for a first sweep.
pub async fn run(ctx: Ctx, stop: CancellationToken) {
    let mut looks = 0_u32;
    let mut pause = SWEEP_SILENT.to_std().unwrap_or(LOOK_EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = LOOK_EVERY,
        }
        let with_forecast = looks.is_multiple_of(FORECAST_EVERY);
        looks = looks.wrapping_add(1);
        let scope = if with_forecast { Scope::SilenceAndForecast } else { Scope::Silence };
        if let Err(error) = look(&ctx, scope, ctx.now()).await {
            tracing::error!(%error, "the watch over sweep, relay and decisions cannot look");
        }
    }
}

/// What one look is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Silence,
    SilenceAndForecast,
}

/// Looks once; answers what it told of, each once within its time whoever looks.
///
/// # Errors
/// [`crate::Error::Unavailable`] when the database cannot be asked.
pub async fn look(ctx: &Ctx, scope: Scope, now: DateTime<Utc>) -> Result<Vec<AlertKind>> {
    let mut found = standing(ctx, &mut *ctx.db().conn().await?, now).await?;
    if scope == Scope::SilenceAndForecast && ops::outlook(ctx, now).await?.forecast.will_breach > 0 {
        found.push(AlertKind::BreachForecast);
    }
    let mut told = Vec::new();
    for kind in found {
        if owe_mail(ctx, Alert::of(kind), now).await? {
            tracing::error!(alert = kind.code(), page = kind.words().page, "{}", kind.words().subject);
            send(ctx, Alert::of(kind), now).await;
            told.push(kind);
        }
    }
    Ok(told)
}

/// What is silent at this moment, whether or not it was told.
pub(crate) async fn standing(ctx: &Ctx, conn: &mut Connection, now: DateTime<Utc>) -> Result<Vec<AlertKind>> {
    let policy = policy::holding(ctx, conn).await?;
    let vitals = outlook::vitals(conn, now).await?;
    Ok(silences(&vitals, &policy, ctx.config().redis_url.is_some(), now))
}

fn silences(vitals: &Vitals, policy: &SlaPolicy, uses_redis: bool, now: DateTime<Utc>) -> Vec<AlertKind> {
    let longer = |since: Option<DateTime<Utc>>, than: TimeDelta| since.is_some_and(|at| now - at > than);
    let waited = vitals.next_due_at.map(|due_at| due_at - policy.target);
    let staffed = policy.staffed_between(now - DECISIONS_SILENT, now) >= DECISIONS_SILENT;
    let no_decision = vitals.decided_at.is_none() || longer(vitals.decided_at, DECISIONS_SILENT);
    let rules = [
        (AlertKind::SweepSilent, vitals.swept_at.is_none() || longer(vitals.swept_at, SWEEP_SILENT)),
        (AlertKind::RelaySilent, uses_redis && longer(vitals.unsent_since, RELAY_SILENT)),
        (AlertKind::ReaperSilent, longer(vitals.unreaped_since, REAPER_SILENT)),
        (AlertKind::LightPaused, longer(vitals.light_paused_at, LIGHT_PAUSED)),
        (AlertKind::DecisionsSilent, staffed && no_decision && longer(waited, DECISIONS_SILENT)),
    ];
    rules.into_iter().filter(|(_, silent)| *silent).map(|(kind, _)| kind).collect()
}

/// The mail goes through the ledger, as it must; answers whether this look is the one that tells.
async fn owe_mail(ctx: &Ctx, alert: Alert, now: DateTime<Utc>) -> Result<bool> {
    ctx.db()
        .tx("watch.tell", async |tx: &mut Tx| {
            let wins = alert::wins(tx, alert, now).await?;
            if wins {
                queue::enqueue(tx, &Job::AlertOps { alert }, now, now).await?;
            }
            Ok(wins)
        })
        .await
}

async fn send(ctx: &Ctx, alert: Alert, now: DateTime<Utc>) {
    let delivery = new_uuid(now);
    for attempt in 1..=WEBHOOK_TRIES {
        match webhook::tell(ctx, alert, delivery, now).await {
            Ok(Ok(())) => return,
            Ok(Err(PostError::Refused(status))) => {
                tracing::error!(alert = alert.name(), status, "the webhook refuses alarms");
                return;
            }
            Ok(Err(error)) => {
                tracing::warn!(alert = alert.name(), attempt, %error, "an alarm did not reach the webhook")
            }
            Err(error) => tracing::warn!(alert = alert.name(), attempt, %error, "an alarm could not be written"),
        }
        tokio::time::sleep(WEBHOOK_PAUSE).await;
    }
    tracing::error!(alert = alert.name(), "the webhook cannot be reached; the alarm waits for a mail worker");
}

#[cfg(test)]
mod tests {
    use super::*;

    const WELL: Vitals = Vitals {
        swept_at: None,
        unsent_since: None,
        unreaped_since: None,
        light_paused_at: None,
        decided_at: None,
        next_due_at: None,
    };

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn each_silence_is_heard_after_its_time_and_not_before() {
        let now = at("2026-03-02T12:00:00Z");
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        let well = Vitals { swept_at: ago(5), ..WELL };
        let check = |vitals: Vitals, expected: &[AlertKind]| {
            assert_eq!(silences(&vitals, &SlaPolicy::default(), true, now), expected, "{vitals:?}");
        };
        check(well, &[]);
        check(WELL, &[AlertKind::SweepSilent]);
        check(Vitals { swept_at: ago(45), ..well }, &[]);
        check(Vitals { swept_at: ago(46), ..well }, &[AlertKind::SweepSilent]);
        check(Vitals { unsent_since: ago(61), ..well }, &[AlertKind::RelaySilent]);
        check(Vitals { unreaped_since: ago(61), ..well }, &[AlertKind::ReaperSilent]);
        check(Vitals { light_paused_at: ago(60), ..well }, &[]);
        check(Vitals { light_paused_at: ago(61), ..well }, &[AlertKind::LightPaused]);
        assert_eq!(silences(&Vitals { unsent_since: ago(61), ..well }, &SlaPolicy::default(), false, now), []);
    }

    #[test]
    fn nobody_deciding_is_a_silence_only_while_something_waits_in_staffed_hours() {
        let policy = SlaPolicy::default();
        let silent = |now: &str, decided: &str, due: Option<&str>| {
            let (now, decided_at) = (at(now), Some(at(decided)));
            let vitals = Vitals { swept_at: Some(now), decided_at, next_due_at: due.map(at), ..WELL };
            silences(&vitals, &policy, false, now) == [AlertKind::DecisionsSilent]
        };
        let due = Some("2026-03-02T13:44:00Z");
        assert!(silent("2026-03-02T12:00:00Z", "2026-03-02T11:44:59Z", due));
        assert!(!silent("2026-03-02T12:00:00Z", "2026-03-02T11:45:01Z", due), "somebody decided");
        assert!(!silent("2026-03-02T12:00:00Z", "2026-03-02T10:00:00Z", None), "nothing waits");
        assert!(
            !silent("2026-03-02T12:00:00Z", "2026-03-02T10:00:00Z", Some("2026-03-02T13:50:00Z")),
            "it has just come"
        );
        assert!(!silent("2026-03-02T22:00:00Z", "2026-03-02T20:00:00Z", due), "nobody is there at night");
        assert!(!silent("2026-03-03T09:14:00Z", "2026-03-02T20:00:00Z", due), "the shift has just begun");
    }
}

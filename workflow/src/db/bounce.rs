//! Rows of `bounce` and `check_switch`: what machines sent back, and which checks may.

use super::Tx;
use super::schema::{bounce, check_switch};
use crate::Result;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::ids::{StaffId, SubmissionId};
use domain::precheck::Check;
use domain::reasons::Reason;

/// How often one check sent media back on one day of the service's calendar.
#[derive(Debug, QueryableByName)]
pub(crate) struct DayRow {
    #[diesel(sql_type = Text)]
    pub check_code: String,
    #[diesel(sql_type = Date)]
    pub day: chrono::NaiveDate,
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// A check that is switched off.
#[derive(Debug, Queryable)]
pub(crate) struct OffRow {
    pub check_code: String,
    pub off_since: DateTime<Utc>,
    pub reason: String,
}

/// A check that found both sides of a card unusable stands once.
pub(crate) async fn insert(
    tx: &mut Tx,
    of: SubmissionId,
    bounced: impl Iterator<Item = (Check, Reason)>,
    now: DateTime<Utc>,
) -> Result<()> {
    let rows: Vec<_> = bounced
        .map(|(check, reason)| {
            (
                bounce::submission_id.eq(of.uuid()),
                bounce::check_code.eq(check.code()),
                bounce::reason.eq(reason.code()),
                bounce::bounced_at.eq(now),
            )
        })
        .collect();
    diesel::insert_into(bounce::table).values(rows).on_conflict_do_nothing().execute(&mut **tx).await?;
    Ok(())
}

/// By check and local day of `zone`, a name of the time zone database.
pub(crate) async fn by_day(conn: &mut AsyncPgConnection, since: DateTime<Utc>, zone: &str) -> Result<Vec<DayRow>> {
    let query = sql_query(
        "SELECT check_code, (bounced_at AT TIME ZONE $2)::date AS day, count(*) AS count FROM bounce \
         WHERE bounced_at >= $1 GROUP BY check_code, day",
    );
    Ok(query.bind::<Timestamptz, _>(since).bind::<Text, _>(zone).load(conn).await?)
}

pub(crate) async fn switched_off(conn: &mut AsyncPgConnection) -> Result<Vec<OffRow>> {
    let columns = (check_switch::check_code, check_switch::off_since, check_switch::reason);
    Ok(check_switch::table.select(columns).load(conn).await?)
}

/// Whether it was on before.
pub(crate) async fn switch_off(
    tx: &mut Tx,
    check: Check,
    (by, reason): (StaffId, &str),
    now: DateTime<Utc>,
) -> Result<bool> {
    let row = (
        check_switch::check_code.eq(check.code()),
        check_switch::off_since.eq(now),
        check_switch::off_by.eq(by.uuid()),
        check_switch::reason.eq(reason),
    );
    let rows = diesel::insert_into(check_switch::table).values(row).on_conflict_do_nothing().execute(&mut **tx).await?;
    Ok(rows == 1)
}

/// Whether it was off before.
pub(crate) async fn switch_on(tx: &mut Tx, check: Check) -> Result<bool> {
    let found = check_switch::table.filter(check_switch::check_code.eq(check.code()));
    Ok(diesel::delete(found).execute(&mut **tx).await? == 1)
}

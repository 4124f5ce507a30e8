//! One viewing of one artefact. The workflow writes the audit event before the first byte comes out.

use crate::auth::Visitor;
use crate::problem::Problem;
use domain::ids::ArtefactId;
use workflow::Error;
pub use workflow::media::Viewed;
use workflow::media::{ByteRange, open_view};

/// Why an artefact is not shown.
pub enum NotShown {
    Failed(Problem),
    OutOfRange { total: u64 },
}

/// `range` is the request's `Range` header as it came; one that asks for several parts is ignored, as RFC 9110 permits.
///
/// # Errors
/// [`NotShown`]; artefacts are shown only to the person who holds the check.
pub async fn view(visitor: &Visitor, artefact: ArtefactId, range: Option<&str>) -> Result<Viewed, NotShown> {
    let range = range.and_then(single_range);
    match open_view(&visitor.ctx, visitor.staff(), artefact, range, visitor.now).await {
        Ok(viewed) => Ok(viewed),
        Err(Error::RangeNotSatisfiable { total }) => Err(NotShown::OutOfRange { total }),
        Err(other) => Err(NotShown::Failed(other.into())),
    }
}

fn single_range(header: &str) -> Option<ByteRange> {
    let (from, to) = header.strip_prefix("bytes=")?.trim().split_once('-')?;
    match (from, to) {
        ("", count) => Some(ByteRange::Last { count: number(count)? }),
        (from, "") => Some(ByteRange::From { from: number(from)?, to: None }),
        (from, to) => {
            let (from, to) = (number(from)?, number(to)?);
            // A range that ends before it begins is no range at all and is ignored.
            (from <= to).then_some(ByteRange::From { from, to: Some(to) })
        }
    }
}

fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_understood_and_anything_else_means_the_whole() {
        let cases = [
            ("bytes=0-", Some(ByteRange::From { from: 0, to: None })),
            ("bytes=5-9", Some(ByteRange::From { from: 5, to: Some(9) })),
            ("bytes=-500", Some(ByteRange::Last { count: 500 })),
            ("bytes=9-5", None),
            ("bytes=0-1,4-5", None),
            ("bytes=-", None),
            ("bytes=+1-2", None),
            ("items=0-1", None),
        ];
        for (header, expected) in cases {
            assert_eq!(single_range(header), expected, "{header}");
        }
    }
}

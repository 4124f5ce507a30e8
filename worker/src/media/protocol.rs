//! The bytes between parent and child: every length is bounded before it is believed.
//!
//! To the child: an [`Order`] of 24 bytes, then the media until the end of the stream. From the child: messages of a tag byte, a
//! big-endian `u32` length and that many bytes: for each artefact a header (JSON) and its bytes, at last the measures (JSON).

use super::{Artefact, Inspection, MediaKind, media_type_of};
use bytes::Bytes;
use domain::evidence::{ArtefactKind, MediaType};
use domain::precheck::Measured;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use tokio::io::{AsyncRead, AsyncReadExt};

const TAG_HEADER: u8 = b'H';
const TAG_BYTES: u8 = b'B';
const TAG_MEASURED: u8 = b'M';
const JSON_BYTES_MAX: u32 = 16 << 10;

/// What the parent tells the child before the media: the limits it has to put on itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Order {
    pub address_space_bytes: u64,
    pub cpu_seconds: u64,
    pub input_bytes_max: u64,
}

/// The child said something that the protocol has no place for.
#[derive(Debug, thiserror::Error)]
pub(super) enum Broken {
    #[error("the messages ended early")]
    Ended,
    #[error("{0}")]
    Nonsense(String),
}

#[derive(Serialize, Deserialize)]
struct Header {
    kind: ArtefactKind,
    meta: serde_json::Value,
}

impl Order {
    pub(super) fn to_bytes(self) -> Vec<u8> {
        [self.address_space_bytes, self.cpu_seconds, self.input_bytes_max]
            .iter()
            .flat_map(|number| number.to_be_bytes())
            .collect()
    }

    pub(super) fn read(from: &mut impl Read) -> io::Result<Order> {
        let mut number = || -> io::Result<u64> {
            let mut bytes = [0; 8];
            from.read_exact(&mut bytes)?;
            Ok(u64::from_be_bytes(bytes))
        };
        Ok(Order { address_space_bytes: number()?, cpu_seconds: number()?, input_bytes_max: number()? })
    }
}

/// The child's side: everything, in order.
pub(super) fn write(to: &mut impl Write, inspection: &Inspection) -> io::Result<()> {
    for artefact in &inspection.artefacts {
        let header = Header { kind: artefact.kind, meta: artefact.meta.clone() };
        message(to, TAG_HEADER, &serde_json::to_vec(&header)?)?;
        message(to, TAG_BYTES, &artefact.bytes)?;
    }
    message(to, TAG_MEASURED, &serde_json::to_vec(&inspection.measured)?)?;
    to.flush()
}

/// The parent's side: reads to the end of the stream and believes only what fits `kind` and the limit.
pub(super) async fn read(
    from: &mut (impl AsyncRead + Unpin),
    kind: MediaKind,
    output_bytes_max: u64,
) -> Result<Inspection, Broken> {
    let mut artefacts: Vec<Artefact> = Vec::new();
    let mut room = output_bytes_max;
    loop {
        match tag(from).await? {
            TAG_HEADER => {
                let header: Header = json(from).await?;
                let expected = kind.artefacts().contains(&header.kind);
                if !expected || artefacts.iter().any(|made| made.kind == header.kind) {
                    return Err(Broken::Nonsense(format!("unexpected artefact {}", header.kind)));
                }
                let artefact = bytes_of(from, header, room).await?;
                room = room.saturating_sub(artefact.bytes.len() as u64);
                artefacts.push(artefact);
            }
            TAG_MEASURED => {
                let measured: Measured = json(from).await?;
                let mut rest = [0; 1];
                return match from.read(&mut rest).await {
                    Ok(0) => Ok(Inspection { measured, artefacts }),
                    Ok(_) => Err(Broken::Nonsense("bytes after the measures".to_owned())),
                    Err(_) => Err(Broken::Ended),
                };
            }
            other => return Err(Broken::Nonsense(format!("unknown tag {other}"))),
        }
    }
}

fn message(to: &mut impl Write, tag: u8, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    to.write_all(&[tag])?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)
}

async fn tag(from: &mut (impl AsyncRead + Unpin)) -> Result<u8, Broken> {
    from.read_u8().await.map_err(|_| Broken::Ended)
}

async fn body(from: &mut (impl AsyncRead + Unpin), max: u64) -> Result<Vec<u8>, Broken> {
    let length = u64::from(from.read_u32().await.map_err(|_| Broken::Ended)?);
    if length > max {
        return Err(Broken::Nonsense(format!("a message of {length} bytes where {max} are allowed")));
    }
    let mut bytes = Vec::new();
    let read = from.take(length).read_to_end(&mut bytes).await.map_err(|_| Broken::Ended)?;
    if read as u64 == length { Ok(bytes) } else { Err(Broken::Ended) }
}

async fn json<T: for<'de> Deserialize<'de>>(from: &mut (impl AsyncRead + Unpin)) -> Result<T, Broken> {
    let bytes = body(from, u64::from(JSON_BYTES_MAX)).await?;
    serde_json::from_slice(&bytes).map_err(|error| Broken::Nonsense(format!("unreadable message: {error}")))
}

async fn bytes_of(from: &mut (impl AsyncRead + Unpin), header: Header, room: u64) -> Result<Artefact, Broken> {
    if tag(from).await? != TAG_BYTES {
        return Err(Broken::Nonsense("an artefact without its bytes".to_owned()));
    }
    let bytes = Bytes::from(body(from, room).await?);
    let media_type = media_type_of(header.kind);
    // A child that was taken over must not be able to pass a page off as a picture.
    let looks_right = match media_type {
        "application/json" => bytes.first() == Some(&b'{'),
        expected => MediaType::sniff(&bytes).is_some_and(|found| found.mime() == expected),
    };
    if !looks_right {
        return Err(Broken::Nonsense(format!("{} is not {media_type}", header.kind)));
    }
    Ok(Artefact { kind: header.kind, media_type, bytes, meta: header.meta })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Inspection {
        let bytes = Bytes::from_static(&[0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
        Inspection {
            measured: Measured::NotAssessed { why: "a test".to_owned() },
            artefacts: vec![Artefact {
                kind: ArtefactKind::PhotoSmall,
                media_type: "image/jpeg",
                bytes,
                meta: serde_json::json!({"width": 4, "height": 3}),
            }],
        }
    }

    fn written(inspection: &Inspection) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut bytes, inspection).unwrap();
        bytes
    }

    #[tokio::test]
    async fn what_the_child_writes_the_parent_reads() {
        let bytes = written(&sample());
        let read = read(&mut bytes.as_slice(), MediaKind::Photo, 100).await.unwrap();
        assert_eq!(read.artefacts.len(), 1);
        assert!(matches!(read.measured, Measured::NotAssessed { why } if why == "a test"));
    }

    #[tokio::test]
    async fn every_cut_is_noticed() {
        let bytes = written(&sample());
        for end in 0..bytes.len() {
            let mut cut = bytes.get(..end).unwrap();
            assert!(matches!(read(&mut cut, MediaKind::Photo, 100).await, Err(Broken::Ended)), "{end}");
        }
    }

    #[tokio::test]
    async fn lengths_kinds_and_contents_are_not_believed() {
        let good = written(&sample());
        let too_long = read(&mut good.as_slice(), MediaKind::Photo, 6).await;
        assert!(matches!(too_long, Err(Broken::Nonsense(_))));
        let wrong_kind = read(&mut good.as_slice(), MediaKind::Video, 100).await;
        assert!(matches!(wrong_kind, Err(Broken::Nonsense(_))));
        let mut page = sample();
        page.artefacts.iter_mut().for_each(|made| made.bytes = Bytes::from_static(b"<html>"));
        let page = written(&page);
        assert!(matches!(read(&mut page.as_slice(), MediaKind::Photo, 100).await, Err(Broken::Nonsense(_))));
        let mut trailing = good.clone();
        trailing.push(0);
        assert!(matches!(read(&mut trailing.as_slice(), MediaKind::Photo, 100).await, Err(Broken::Nonsense(_))));
        let huge_header = [TAG_HEADER, 0xff, 0xff, 0xff, 0xff];
        assert!(matches!(read(&mut huge_header.as_slice(), MediaKind::Photo, 100).await, Err(Broken::Nonsense(_))));
    }

    #[test]
    fn an_order_reads_back() {
        let order = Order { address_space_bytes: 1 << 30, cpu_seconds: 30, input_bytes_max: 7 };
        assert_eq!(Order::read(&mut order.to_bytes().as_slice()).unwrap(), order);
    }
}

// The bytes that are uploaded: a real media header and then noise from a seed, the same in every language.

import { createHash } from "node:crypto";

const JPEG_HEAD = Buffer.from("ffd8ffe000104a46494600010100000100010000", "hex");

/// `container` is jpeg or mp4. A size below that of the header gives the beginning of the header.
export function content(size, seed, container) {
  const head = container === "mp4" ? mp4Head(size) : JPEG_HEAD;
  const noise = Math.max(0, size - head.length);
  const tail = noise ? createHash("shake128", { outputLength: noise }).update(String(seed)).digest() : Buffer.alloc(0);
  return Buffer.concat([head, tail], Math.max(size, head.length)).subarray(0, size);
}

export function sha256(bytes, encoding = "hex") {
  return createHash("sha256").update(bytes).digest(encoding);
}

/// A number from 0 up to `limit`, excluded, that depends on nothing but the seed and its place.
export function drawn(seed, place, limit) {
  return createHash("sha256").update(`${seed}:${place}`).digest().readUInt32BE() % limit;
}

/// A file type box and the head of a media box that goes on to the end of the file.
function mp4Head(size) {
  const brands = Buffer.from("\0\0\0\x18ftypisom\0\0\x02\0isommp42", "latin1");
  const box = Buffer.from("\0\0\0\0mdat", "latin1");
  box.writeUInt32BE(Math.max(8, size - brands.length));
  return Buffer.concat([brands, box]);
}

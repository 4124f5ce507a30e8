// What a client script is asked to do, from its command line, and the one line that it answers with.

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { content, sha256 } from "./content.mjs";

/// 5 MiB: what a part of an object store must have at least, so that no client's chunk leaves a rest behind.
const CHUNK_BYTES = 5 * 1024 * 1024;
const SECONDS_MAX = 300;
const RETRIES_MAX = 12;
const RETRY_DELAY_MS_MAX = 1600;

const USAGE = `
  --endpoint URL      where uploads are created
  --upload-url URL    go on with this upload instead of creating one
  --key KEY           sent as Authorization: Bearer
  --kind KIND         id_photo_front, id_photo_back or face_video; by default what fits the container
  --container NAME    jpeg (default) or mp4
  --size BYTES        --seed TEXT    what the content is made from
  --file PATH         this file instead
  --chunk BYTES       of one PATCH, 5242880 by default; 0 sends everything in one
  --sha256 yes|no|wrong   declare the hash of the whole; yes by default
  --checksums         a SHA-256 with every PATCH
  --with-creation     the first bytes go with the POST
  --filename NAME     what the file claims to be called
  --stop-after BYTES  give up, once this much is acknowledged, as if the app had been closed
  --retries N         how often to go on after a failure; 12 by default
  --seconds N         then the upload has failed; 300 by default`;

/// Reads the command line; ends the program with the usage when it makes no sense.
export function task() {
  const text = { type: "string" };
  const flag = { type: "boolean", default: false };
  let values;
  try {
    ({ values } = parseArgs({
      options: {
        endpoint: text, "upload-url": text, key: text, kind: text, size: text, file: text, filename: text,
        "stop-after": text, checksums: flag, "with-creation": flag,
        container: { ...text, default: "jpeg" },
        seed: { ...text, default: "1" },
        chunk: { ...text, default: String(CHUNK_BYTES) },
        sha256: { ...text, default: "yes" },
        retries: { ...text, default: String(RETRIES_MAX) },
        seconds: { ...text, default: String(SECONDS_MAX) },
      },
    }));
  } catch (error) {
    refuse(error.message);
  }
  if (!values.endpoint && !values["upload-url"]) refuse("--endpoint or --upload-url is missing");
  if (!values.size && !values.file) refuse("--size or --file is missing");
  if (!["jpeg", "mp4"].includes(values.container)) refuse("--container is jpeg or mp4");
  if (!["yes", "no", "wrong"].includes(values.sha256)) refuse("--sha256 is yes, no or wrong");

  const bytes = values.file
    ? readFileSync(values.file)
    : content(number(values.size, "--size"), values.seed, values.container);
  const hash = sha256(bytes);
  return {
    endpoint: values.endpoint,
    uploadUrl: values["upload-url"],
    bytes,
    hash,
    chunkBytes: number(values.chunk, "--chunk") || Infinity,
    checksums: values.checksums,
    withCreation: values["with-creation"],
    stopAfter: values["stop-after"] ? number(values["stop-after"], "--stop-after") : Infinity,
    seconds: number(values.seconds, "--seconds"),
    retryDelays: retryDelays(number(values.retries, "--retries")),
    filetype: values.container === "mp4" ? "video/mp4" : "image/jpeg",
    filename: values.filename ?? `specimen.${values.container}`,
    headers: values.key ? { Authorization: `Bearer ${values.key}` } : {},
    metadata: {
      kind: values.kind ?? (values.container === "mp4" ? "face_video" : "id_photo_front"),
      ...declared(values.sha256, hash),
    },
  };
}

/// Prints the answer. The exit status is 0 when the client did what it was asked to.
export function report(client, wanted, { state, url, bytesSent, requests, error }) {
  const answer = {
    client,
    state,
    url: url ?? null,
    size: wanted.bytes.length,
    sha256: wanted.hash,
    bytes_sent: bytesSent,
    requests,
    error: error ?? null,
  };
  process.stdout.write(`${JSON.stringify(answer)}\n`);
  process.exitCode = state === "failed" ? 1 : 0;
}

/// Milliseconds: at once, then 50 and doubling.
function retryDelays(count) {
  return Array.from({ length: count }, (_, place) => (place ? Math.min(25 * 2 ** place, RETRY_DELAY_MS_MAX) : 0));
}

function declared(which, hash) {
  if (which === "no") return {};
  return { sha256: which === "wrong" ? sha256(hash) : hash };
}

function number(text, option) {
  if (!/^\d+$/.test(text)) refuse(`${option} is a number, not ${text}`);
  return Number(text);
}

function refuse(why) {
  process.stderr.write(`${why}\n${USAGE}\n`);
  process.exit(2);
}

// Asks a tus server how it answers in every situation of situations.mjs, with plain HTTP and no client library, and
// prints one JSON object: situation → {statuses, answers}. Run against two servers it shows where they differ.

import "./packages.mjs";
import { content, sha256 } from "./content.mjs";
import { situations } from "./situations.mjs";

import http from "node:http";
import { parseArgs } from "node:util";

const ANSWER_MS_MAX = 20_000;
/// Between the last byte and the cut, so that the server has surely read that byte.
const SILENCE_MS = 300;
const DAY_MS = 24 * 3600 * 1000;
const SHOWN = [
  "tus-resumable", "tus-version", "tus-extension", "tus-max-size", "tus-checksum-algorithm", "upload-offset",
  "upload-length", "upload-metadata", "upload-expires", "location", "cache-control", "retry-after", "allow",
];

const text = { type: "string" };
const flag = { type: "boolean" };
const { values } = parseArgs({
  options: { endpoint: { ...text, multiple: true }, stdin: flag, key: text, only: text, list: flag },
});
if (values.list) {
  for (const name of Object.keys(situations)) process.stdout.write(`${name}\n`);
  process.exit();
}
// Where a submission takes few uploads, every situation gets an address of its own.
const endpoints = values.stdin ? JSON.parse(await everything(process.stdin)) : values.endpoint;
if (!endpoints?.length) {
  const usage = "--endpoint URL (again for more), or --stdin with a JSON list of them; --key KEY --only PART --list";
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const found = {};
let turn = 0;
for (const [name, situation] of Object.entries(situations)) {
  if (values.only && !name.includes(values.only)) continue;
  const visit = new Visit(endpoints[turn++ % endpoints.length]);
  try {
    await situation(visit);
  } catch (error) {
    visit.answers.push({ request: "none", status: null, note: String(error.message) });
  }
  found[name] = { statuses: visit.answers.map((answer) => answer.status), answers: visit.answers };
}
process.stdout.write(`${JSON.stringify(found)}\n`);
process.exit();

/// One situation's conversation; every answer is noted in the order it was asked for.
function Visit(endpoint) {
  const answers = [];
  const bytes = (size) => content(size, "probe", "jpeg");
  const upload = { "Content-Type": "application/offset+octet-stream" };

  /// `body` is bytes; see `send` for the rest. Gives the answer with all its headers.
  const ask = async (method, url, headers = {}, body = null, how = {}) => {
    const place = answers.push({ request: method, status: null }) - 1;
    const answer = await send(method, new URL(url, endpoint), withTus(headers), body, how);
    answers[place] = shown(method, answer);
    return answer;
  };
  const withTus = (headers) => {
    const key = values.key ? { Authorization: `Bearer ${values.key}` } : {};
    const all = { "Tus-Resumable": "1.0.0", ...key, ...headers };
    return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null));
  };
  const create = (length, headers = {}, body = null, how = {}) =>
    ask("POST", endpoint, { "Upload-Length": length, "Upload-Metadata": metadata(), ...headers }, body, how);

  Object.assign(this, {
    answers, bytes, ask, create, upload,
    endpoint,
    metadata,
    /// Creates an upload and gives its address.
    async begun(length, headers) {
      const { status, headers: told } = await create(length, headers);
      if (!told?.location) throw new Error(`creation answered ${status}`);
      return new URL(told.location, endpoint).href;
    },
    head: (url, headers) => ask("HEAD", url, headers),
    patch: (url, offset, body, headers = {}, how = {}) =>
      ask("PATCH", url, { ...upload, "Upload-Offset": offset, ...headers }, body, how),
    remove: (url, headers) => ask("DELETE", url, headers),
    checksum: (body) => ({ "Upload-Checksum": `sha256 ${sha256(body, "base64")}` }),
    /// Asks without waiting. What it gives waits for the answer, and notes it then.
    slowly(method, url, headers, body, how) {
      const answer = send(method, new URL(url, endpoint), withTus(headers), body, how);
      return async () => answers.push(shown(`${method}, the slow one`, await answer));
    },
  });
}

/// `how`: `chunked` hides the length; `expect` waits for 100; `cut` is after how many bytes to close, `reset` in which
/// way; `at` is after how many bytes to call `sent` and wait for the promise `hold`.
function send(method, url, headers, body, how) {
  return new Promise((resolve) => {
    const all = { ...headers, ...length(method, body, how) };
    const request = http.request(url, { method, agent: false, headers: all });
    const limit = setTimeout(() => finish({ status: null, note: "no answer" }), ANSWER_MS_MAX);
    const finish = (answer) => {
      clearTimeout(limit);
      resolve(answer);
      request.destroy();
    };
    request.on("response", (response) => {
      response.resume();
      const answer = { status: response.statusCode, headers: response.headers };
      // What a server says before it closes counts, even if the rest of our body was not wanted.
      response.on("end", () => finish(answer)).on("error", () => finish(answer));
    });
    request.on("error", () => finish({ status: null, note: "the connection was closed" }));
    if (how.expect) request.on("continue", () => request.end(body));
    else write(request, body, how, finish).catch(() => {});
    if (how.expect) request.flushHeaders();
  });
}

function length(method, body, how) {
  const own = how.chunked ? { "Transfer-Encoding": "chunked" } : { "Content-Length": body?.length ?? 0 };
  const expect = how.expect ? { Expect: "100-continue" } : {};
  // A GET or HEAD says nothing about a body that it does not have.
  return ["GET", "HEAD"].includes(method) ? {} : { ...own, ...expect };
}

async function write(request, body, how, finish) {
  const part = how.cut ?? how.at;
  if (part === undefined) return request.end(body ?? undefined);
  await new Promise((resolve) => request.write(body.subarray(0, part), resolve));
  how.sent?.();
  if (how.cut !== undefined) {
    await new Promise((resolve) => setTimeout(resolve, SILENCE_MS));
    const ended = finish.bind(null, { status: null, note: "cut by us" });
    request.socket.once("close", ended);
    return how.reset ? request.socket.resetAndDestroy() : request.socket.destroy();
  }
  await how.hold;
  request.end(body.subarray(part));
}

function shown(request, { status, headers = {}, note }) {
  const kept = {};
  for (const name of SHOWN) if (headers[name] !== undefined) kept[name] = plain(name, headers[name]);
  return { request, status, ...(Object.keys(kept).length ? { headers: kept } : {}), ...(note ? { note } : {}) };
}

/// What differs from run to run is told by its form.
function plain(name, value) {
  if (name === "location") return /^https?:/.test(value) ? "an address" : "a path";
  if (name !== "upload-expires") return value;
  const ahead = Date.parse(value) - Date.now();
  const form = new Date(value).toUTCString() === value;
  return form && ahead > 0 && ahead <= DAY_MS ? "an HTTP date within a day" : `not an HTTP date within a day: ${value}`;
}

/// The metadata of a photo and what else is given; values are text.
function metadata(more = {}) {
  const fields = { kind: "id_photo_front", ...more };
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`)
    .join(",");
}

async function everything(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts).toString();
}

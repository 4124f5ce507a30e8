// A TCP proxy that cuts connections at seeded random places, a given number of times, and then lets all pass.
// First line on stdout: {"url", "port"}; then one line for each cut: {"cut", "how", "after"}.
//
// Places are counted over everything clients send, not per connection: a client that opens a connection for every
// request is cut as often as one that keeps a single one.

import { endWithParent } from "./packages.mjs";
import { drawn } from "./content.mjs";

import net from "node:net";
import { parseArgs } from "node:util";

/// reset and close lose what was under way; answer lets the request through and loses only what the server says.
const WAYS = ["reset", "close", "answer"];

const text = { type: "string" };
const { values } = parseArgs({
  options: {
    to: text,
    seed: { ...text, default: "1" },
    cuts: { ...text, default: "5" },
    min: { ...text, default: "2000" },
    max: { ...text, default: "5000000" },
    how: text,
    port: { ...text, default: "0" },
  },
});
if (!values.to || (values.how && !WAYS.includes(values.how))) {
  const usage = "--to URL [--seed TEXT] [--cuts N] [--min BYTES] [--max BYTES] [--how reset|close|answer] [--port N]";
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}

const target = new URL(values.to);
const cuts = Number(values.cuts);
const [min, max] = [Number(values.min), Number(values.max)];
let cut = 0;
let sinceCut = 0;
let next = plan();

const server = net.createServer((client) => {
  const upstream = net.connect(Number(target.port || 80), target.hostname);
  let losesAnswer = false;
  client.on("data", (data) => {
    const left = next ? next.after - sinceCut : Infinity;
    sinceCut += data.length;
    if (data.length < left) return pass(data, client, upstream);
    if (next.how === "answer") {
      losesAnswer = true;
      finishCut();
      return pass(data, client, upstream);
    }
    const how = next.how;
    finishCut();
    client.pause();
    upstream.write(data.subarray(0, left), () => end(how, client, upstream));
  });
  upstream.on("data", (data) => {
    if (losesAnswer) return end("close", client, upstream);
    pass(data, upstream, client);
  });
  for (const [one, other] of [[client, upstream], [upstream, client]]) {
    one.on("end", () => other.end());
    one.on("error", () => other.destroy());
    one.on("close", () => other.destroy());
  }
});
server.listen(Number(values.port), "127.0.0.1", () => {
  const { port } = server.address();
  say({ url: `http://127.0.0.1:${port}`, port });
});
endWithParent();

function plan() {
  if (cut >= cuts) return null;
  const after = min + drawn(values.seed, `place ${cut}`, Math.max(1, max - min));
  return { after, how: values.how ?? WAYS[drawn(values.seed, `way ${cut}`, WAYS.length)] };
}

function finishCut() {
  cut += 1;
  say({ cut, how: next.how, after: next.after });
  sinceCut = 0;
  next = plan();
}

/// Writes on, and stops reading while the other side is slow.
function pass(data, from, to) {
  if (to.write(data)) return;
  from.pause();
  to.once("drain", () => from.resume());
}

function end(how, client, upstream) {
  for (const socket of [client, upstream]) {
    if (how === "reset") socket.resetAndDestroy();
    else socket.destroy();
  }
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

// Uploads through Uppy in Chromium, where it belongs: under node its tus client refuses a Blob, and Uppy has nothing
// else. The page and the uploads come from one origin, a proxy in this process, as they would behind a web app.

import { installed } from "./packages.mjs";
import { report, task } from "./task.mjs";

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = '<!doctype html><title>Upload</title><script type="module" src="/page/script.js"></script>';
const CHROMIUM = [
  "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync",
];

const wanted = task();
const upstream = new URL(wanted.endpoint ?? wanted.uploadUrl);
const script = await bundled();
const requests = [];
const outcome = await inChromium();
const bytesSent = requests.reduce((sum, request) => sum + request.bytes_sent, 0);
const url = outcome.url ? new URL(new URL(outcome.url, upstream).pathname, upstream).href : null;
report("uppy", wanted, { ...outcome, url, bytesSent, requests });
process.exit();

async function bundled() {
  const esbuild = await import("esbuild");
  const result = await esbuild.build({
    entryPoints: [path.join(path.dirname(fileURLToPath(import.meta.url)), "uppy_page.js")],
    nodePaths: [path.join(installed, "node_modules")],
    bundle: true,
    format: "esm",
    platform: "browser",
    write: false,
    logLevel: "error",
  });
  return result.outputFiles[0].contents;
}

async function inChromium() {
  let told;
  const result = new Promise((resolve) => (told = resolve));
  const server = http.createServer((request, response) => answer(request, response, told));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const profile = mkdtempSync(path.join(tmpdir(), "proofdesk-uppy."));
  const address = `http://127.0.0.1:${server.address().port}/page/`;
  const browser = spawn(process.env.CHROMIUM ?? "chromium", [...CHROMIUM, `--user-data-dir=${profile}`, address], {
    stdio: "ignore",
    detached: true,
  });
  const failed = (message) => ({ state: "failed", error: { message, status: null } });
  browser.on("error", (error) => told(failed(`Chromium did not start: ${error.message}`)));
  browser.on("exit", (code) => told(failed(`Chromium ended with ${code} before the upload did`)));
  const limit = setTimeout(() => told(failed(`not done after ${wanted.seconds} s`)), wanted.seconds * 1000);
  const outcome = await result;
  clearTimeout(limit);
  server.close();
  await ended(browser);
  rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  return outcome;
}

/// Ends the browser with all processes it started.
async function ended(browser) {
  if (browser.pid === undefined || browser.exitCode !== null) return;
  const gone = new Promise((resolve) => browser.once("exit", resolve));
  process.kill(-browser.pid, "SIGKILL");
  await gone;
}

function answer(request, response, told) {
  const page = {
    "/page/": () => send(response, "text/html", PAGE),
    "/page/script.js": () => send(response, "text/javascript", script),
    "/page/task": () => send(response, "application/json", JSON.stringify(forPage())),
    "/page/content": () => send(response, "application/octet-stream", wanted.bytes),
    "/page/result": async () => {
      const parts = [];
      for await (const part of request) parts.push(part);
      send(response, "text/plain", "");
      told(JSON.parse(Buffer.concat(parts).toString()));
    },
    "/favicon.ico": () => send(response, "image/x-icon", ""),
  };
  const own = page[request.url];
  if (own) own();
  else forward(request, response);
}

/// What the page needs to know; addresses without their origin, so that it asks this proxy.
function forPage() {
  const { bytes, hash, endpoint, uploadUrl, ...rest } = wanted;
  const local = (address) => address && new URL(address).pathname;
  return { ...rest, size: bytes.length, endpoint: local(endpoint) ?? "/", uploadUrl: local(uploadUrl) };
}

function send(response, type, body) {
  response.writeHead(200, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/// Hands one request on; what is cut on one side is cut on the other.
function forward(request, response) {
  const header = request.headers["upload-offset"];
  const noted = {
    method: request.method, status: null, offset: header === undefined ? null : Number(header),
    upload_offset: null, bytes_sent: 0,
  };
  requests.push(noted);
  const onward = http.request({
    host: upstream.hostname,
    port: upstream.port || 80,
    method: request.method,
    path: request.url,
    headers: { ...request.headers, host: upstream.host },
    agent: false,
  });
  onward.on("response", (incoming) => {
    noted.status = incoming.statusCode;
    noted.upload_offset = Number(incoming.headers["upload-offset"] ?? NaN);
    if (Number.isNaN(noted.upload_offset)) noted.upload_offset = null;
    response.writeHead(incoming.statusCode, incoming.headers);
    incoming.pipe(response);
  });
  onward.on("error", () => noted.status ?? request.socket.destroy());
  request.on("data", (data) => (noted.bytes_sent += data.length));
  request.pipe(onward);
  response.on("close", () => response.writableFinished || onward.destroy());
}

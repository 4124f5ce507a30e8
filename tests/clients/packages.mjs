// The installed packages live where scripts/clients put them, not beside these files. Import this first; then
// `await import("tus-js-client")` finds them, whichever folder the test runs in.

import { registerHooks } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";

const PARENT_CHECK_MS = 500;

const here = new URL("./", import.meta.url).href;

/// The folder that holds node_modules: the one from which the running node comes, unless the environment names one.
export const installed = process.env.PROOFDESK_CLIENTS ?? process.execPath.replace(/\/python\/lib\/.*$/, "");

registerHooks({
  resolve(specifier, context, next) {
    const bare = /^[@a-z]/.test(specifier) && !specifier.includes(":");
    if (!bare || !context.parentURL?.startsWith(here)) return next(specifier, context);
    const parentURL = pathToFileURL(path.join(installed, "package.json")).href;
    return next(specifier, { ...context, parentURL });
  },
});

/// Ends this server when the process that started it is gone, however it went.
export function endWithParent() {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid !== parent) process.exit(0);
  }, PARENT_CHECK_MS);
  watch.unref();
}

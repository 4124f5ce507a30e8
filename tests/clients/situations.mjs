// The situations that a tus server is put into, by name. Each gets a visit (see probe.mjs) and asks on; what it is
// answered is the result. Sizes are small, since it is the answers that matter.

import { sha256 } from "./content.mjs";

const SIZE = 2000;
const HALF = SIZE / 2;
const SIZE_BYTES_MAX = 100_000_000;
const UNKNOWN = "ffffffffffffffffffffffffffffffff";

/// The address of an upload beside a real one.
const beside = (url, id) => url.replace(/[0-9a-f]{32}$/, id);

const creating = {
  "create": (v) => v.create(SIZE),
  "create without a length": (v) => v.create(null),
  "create with a length that is no number": (v) => v.create("many"),
  "create with a negative length": (v) => v.create("-1"),
  "create with a length with a plus": (v) => v.create("+5"),
  "create with a length with a fraction": (v) => v.create("5.5"),
  "create with a length over the largest": (v) => v.create(SIZE_BYTES_MAX + 1),
  "create with a length over 64 bits": (v) => v.create("99999999999999999999999"),
  "create with length zero": (v) => v.create(0),
  "create with deferred length": (v) => v.create(null, { "Upload-Defer-Length": "1" }),
  "create with both a length and a deferred one": (v) => v.create(SIZE, { "Upload-Defer-Length": "1" }),
  "create a partial upload": (v) => v.create(SIZE, { "Upload-Concat": "partial" }),
  "create without Tus-Resumable": (v) => v.create(SIZE, { "Tus-Resumable": null }),
  "create with an older Tus-Resumable": (v) => v.create(SIZE, { "Tus-Resumable": "0.2.2" }),
  "create with a foreign content type and no body": (v) => v.create(SIZE, { "Content-Type": "application/json" }),
  "create without metadata": (v) => v.create(SIZE, { "Upload-Metadata": null }),
  "create with empty metadata": (v) => v.create(SIZE, { "Upload-Metadata": "" }),
  "create with metadata that is not base64": (v) => v.create(SIZE, { "Upload-Metadata": "kind $$$" }),
  "create with a metadata key without a value": (v) =>
    v.create(SIZE, { "Upload-Metadata": `${v.metadata()},private` }),
  "create with a metadata key twice": (v) => v.create(SIZE, { "Upload-Metadata": `${v.metadata()},${v.metadata()}` }),
  "create with two spaces in metadata": (v) => v.create(SIZE, { "Upload-Metadata": v.metadata().replace(" ", "  ") }),
  "create with an unknown metadata key": (v) => v.create(SIZE, { "Upload-Metadata": v.metadata({ colour: "red" }) }),
  "create with a declared hash that is none": (v) =>
    v.create(SIZE, { "Upload-Metadata": v.metadata({ sha256: "abc" }) }),
};

const names = {
  "up the folders": "../../etc/passwd.jpg",
  "with NUL": "a\0b.jpg",
  "with a newline": "a\r\nSet-Cookie: a=b.jpg",
  "from right to left": "a\u202egpj.exe",
  "of ten thousand letters": "a".repeat(10_000),
};
const naming = {};
for (const [what, filename] of Object.entries(names)) {
  naming[`create with a file name ${what}`] = async (v) => {
    const answer = await v.create(SIZE, { "Upload-Metadata": v.metadata({ filename }) });
    if (answer.headers?.location) await v.head(answer.headers.location);
  };
}

const describing = {
  "options where uploads are created": (v) => v.ask("OPTIONS", v.endpoint, { "Tus-Resumable": null }),
  "options of an upload": async (v) => v.ask("OPTIONS", await v.begun(SIZE), { "Tus-Resumable": null }),
  "options with an older Tus-Resumable": (v) => v.ask("OPTIONS", v.endpoint, { "Tus-Resumable": "0.2.2" }),
  "head after create": async (v) => v.head(await v.begun(SIZE)),
  "head of an unknown upload": async (v) => v.head(beside(await v.begun(SIZE), UNKNOWN)),
  "head of an id in no form": async (v) => v.head(beside(await v.begun(SIZE), "no-such-thing")),
  "head without Tus-Resumable": async (v) => v.head(await v.begun(SIZE), { "Tus-Resumable": null }),
  "head after the last byte": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, v.bytes(SIZE));
    await v.head(url);
  },
};

const withCreation = {
  "create with the whole": async (v) => {
    const { headers } = await v.create(SIZE, v.upload, v.bytes(SIZE));
    await v.head(headers.location);
  },
  "create with half, then the rest": async (v) => {
    const { headers } = await v.create(SIZE, v.upload, v.bytes(SIZE).subarray(0, HALF));
    await v.head(headers.location);
    await v.patch(headers.location, HALF, v.bytes(SIZE).subarray(HALF));
  },
  "create with an empty body of the right type": async (v) => {
    const { headers } = await v.create(SIZE, v.upload);
    await v.head(headers.location);
  },
  "create with a body of a wrong type": (v) => v.create(SIZE, { "Content-Type": "image/jpeg" }, v.bytes(SIZE)),
  "create with more than declared": (v) => v.create(HALF, v.upload, v.bytes(SIZE)),
  "create with the whole and its checksum": (v) =>
    v.create(SIZE, { ...v.upload, ...v.checksum(v.bytes(SIZE)) }, v.bytes(SIZE)),
  "create with the whole and a wrong checksum": (v) =>
    v.create(SIZE, { ...v.upload, ...v.checksum(v.bytes(HALF)) }, v.bytes(SIZE)),
};

/// Begins an upload, sends one PATCH as told, and asks where it stands.
const patched = (offset, bytes, headers, how) => async (v) => {
  const url = await v.begun(SIZE);
  await v.patch(url, offset, bytes(v), headers, how);
  await v.head(url);
};
const whole = (v) => v.bytes(SIZE);
const part = (v) => v.bytes(SIZE).subarray(0, HALF);
const nothing = () => Buffer.alloc(0);

const patching = {
  "patch with the whole": patched(0, whole),
  "patch with the whole in pieces of unknown length": patched(0, whole, {}, { chunked: true }),
  "patch that waits to be told to continue": patched(0, whole, {}, { expect: true }),
  "patch ahead of the offset": patched(10, whole),
  "patch without an offset": patched(null, whole),
  "patch with a negative offset": patched("-1", whole),
  "patch with an offset that is no number": patched("start", whole),
  "patch with an offset with a zero before it": patched("00", whole),
  "patch with an offset over 64 bits": patched("99999999999999999999999", whole),
  "patch without a content type": patched(0, whole, { "Content-Type": null }),
  "patch with a wrong content type": patched(0, whole, { "Content-Type": "application/octet-stream" }),
  "patch with a content type with a parameter": patched(0, whole, {
    "Content-Type": "application/offset+octet-stream; charset=utf-8",
  }),
  "patch with a content type in capitals": patched(0, whole, { "Content-Type": "Application/Offset+Octet-Stream" }),
  "patch without Tus-Resumable": patched(0, whole, { "Tus-Resumable": null }),
  "patch with an older Tus-Resumable": patched(0, whole, { "Tus-Resumable": "0.2.2" }),
  "patch over the declared length": patched(0, (v) => v.bytes(SIZE + 1)),
  "patch over the declared length in pieces of unknown length": patched(0, (v) => v.bytes(SIZE + 1), {}, {
    chunked: true,
  }),
  "patch with nothing at the start": patched(0, nothing),
  "patch in two": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, part(v));
    await v.patch(url, HALF, whole(v).subarray(HALF));
    await v.head(url);
  },
  "patch behind the offset": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, part(v));
    await v.patch(url, 0, part(v));
    await v.head(url);
  },
  "patch with nothing at the offset": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, part(v));
    await v.patch(url, HALF, nothing());
    await v.head(url);
  },
  "patch of an unknown upload": async (v) => v.patch(beside(await v.begun(SIZE), UNKNOWN), 0, whole(v)),
  "patch where uploads are created": (v) => v.patch(v.endpoint, 0, whole(v)),
  "patch that is no picture": patched(0, () => Buffer.alloc(SIZE, "<html><script>alert(1)</script>")),
};

/// The whole is there; then one PATCH more.
const afterwards = (offset, bytes) => async (v) => {
  const url = await v.begun(SIZE);
  await v.patch(url, 0, whole(v));
  await v.patch(url, offset, bytes(v));
  await v.head(url);
};

const finishing = {
  "patch after the last byte with nothing": afterwards(SIZE, nothing),
  "patch after the last byte with one more": afterwards(SIZE, () => Buffer.from("x")),
  "patch after the last byte from the start": afterwards(0, whole),
  "declare the right hash of the whole": async (v) => {
    const url = await v.begun(SIZE, { "Upload-Metadata": v.metadata({ sha256: sha256(whole(v)) }) });
    await v.patch(url, 0, whole(v));
    await v.head(url);
  },
  "declare a wrong hash of the whole": async (v) => {
    const url = await v.begun(SIZE, { "Upload-Metadata": v.metadata({ sha256: sha256("something else") }) });
    await v.patch(url, 0, part(v));
    await v.patch(url, HALF, whole(v).subarray(HALF));
    await v.head(url);
  },
};

const checking = {
  "checksum of an unknown algorithm": patched(0, whole, { "Upload-Checksum": "crc32 AAAAAA==" }),
  "checksum without an algorithm": patched(0, whole, { "Upload-Checksum": "AAAAAA==" }),
  "checksum that is not base64": patched(0, whole, { "Upload-Checksum": "sha256 $$$" }),
  "checksum of a wrong length": patched(0, whole, { "Upload-Checksum": "sha256 AAAAAA==" }),
  "checksum of nothing": patched(0, nothing, { "Upload-Checksum": `sha256 ${sha256("", "base64")}` }),
  "wrong checksum, then the right one": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, part(v), v.checksum(whole(v)));
    await v.head(url);
    await v.patch(url, 0, part(v), v.checksum(part(v)));
    await v.patch(url, HALF, whole(v).subarray(HALF), v.checksum(whole(v).subarray(HALF)));
    await v.head(url);
  },
  "wrong checksum of the last bytes, then the right one": async (v) => {
    const url = await v.begun(SIZE);
    const rest = whole(v).subarray(HALF);
    await v.patch(url, 0, part(v));
    await v.patch(url, HALF, rest, v.checksum(part(v)));
    await v.head(url);
    await v.patch(url, HALF, rest, v.checksum(rest));
    await v.head(url);
  },
};

/// Starts a PATCH that stops halfway, lets `meanwhile` happen, and then lets it go on.
async function halfway(v, url, meanwhile) {
  let goOn;
  const hold = new Promise((resolve) => (goOn = resolve));
  let answered;
  await new Promise((sent) => {
    answered = v.slowly("PATCH", url, { ...v.upload, "Upload-Offset": 0 }, whole(v), { at: HALF, hold, sent });
  });
  await meanwhile();
  goOn();
  await answered();
  await v.head(url);
}

const racing = {
  "two patches at once, the second asks first": async (v) => {
    const url = await v.begun(SIZE);
    await halfway(v, url, async () => {
      const { headers } = await v.head(url);
      const offset = Number(headers["upload-offset"]);
      await v.patch(url, offset, whole(v).subarray(offset));
    });
  },
  "two patches at once, the second does not ask": async (v) => {
    const url = await v.begun(SIZE);
    await halfway(v, url, () => v.patch(url, 0, whole(v)));
  },
  "a delete while a patch is under way": async (v) => {
    const url = await v.begun(SIZE);
    await halfway(v, url, () => v.remove(url));
  },
};

const cut = (headers, how) => async (v) => {
  const url = await v.begun(SIZE);
  await v.patch(url, 0, whole(v), headers(v), { cut: HALF, ...how });
  const { headers: told } = await v.head(url);
  const offset = Number(told["upload-offset"]);
  await v.patch(url, offset, whole(v).subarray(offset));
  await v.head(url);
};

const cutting = {
  "a patch cut at half, then the rest": cut(() => ({})),
  "a patch reset at half, then the rest": cut(() => ({}), { reset: true }),
  "a patch of unknown length cut at half, then the rest": cut(() => ({}), { chunked: true }),
  "a patch with a checksum cut at half, then the rest": cut((v) => v.checksum(whole(v))),
};

const removing = {
  "delete, then all the rest": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, part(v));
    await v.remove(url);
    await v.head(url);
    await v.patch(url, HALF, whole(v).subarray(HALF));
    await v.remove(url);
  },
  "delete after the last byte": async (v) => {
    const url = await v.begun(SIZE);
    await v.patch(url, 0, whole(v));
    await v.remove(url);
    await v.head(url);
  },
  "delete of an unknown upload": async (v) => v.remove(beside(await v.begun(SIZE), UNKNOWN)),
  "delete without Tus-Resumable": async (v) => v.remove(await v.begun(SIZE), { "Tus-Resumable": null }),
};

const methods = {
  "post that stands for a patch": async (v) => {
    const url = await v.begun(SIZE);
    await v.ask("POST", url, { ...v.upload, "Upload-Offset": 0, "X-HTTP-Method-Override": "PATCH" }, whole(v));
    await v.head(url);
  },
  "post that stands for a delete": async (v) => {
    const url = await v.begun(SIZE);
    await v.ask("POST", url, { "X-HTTP-Method-Override": "DELETE" });
    await v.head(url);
  },
  "get of an upload": async (v) => v.ask("GET", await v.begun(SIZE)),
  "put of an upload": async (v) => v.ask("PUT", await v.begun(SIZE), v.upload, whole(v)),
};

export const situations = {
  ...describing, ...creating, ...naming, ...withCreation, ...patching, ...finishing, ...checking, ...racing, ...cutting,
  ...removing, ...methods,
};

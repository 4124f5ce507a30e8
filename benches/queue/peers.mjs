// The peers of `make bench-queue`: each does the same four things, and says on its output what happens and when.
//   node peers.mjs SYSTEM drain N      takes N jobs that are there already: `drained FIRST LAST`, in microseconds
//   node peers.mjs SYSTEM fill N       puts N jobs there: `filled`
//   node peers.mjs SYSTEM serve        says `start ID MICROSECONDS` of each job
//   node peers.mjs SYSTEM hang         the same, and never ends a job
//   node peers.mjs SYSTEM trickle N R  puts N jobs there, R a second, one by one: `put ID MICROSECONDS` before each
// SYSTEM is bullmq, graphile or pgboss; DATABASE_URL and REDIS_URL say where.

const QUEUE = "bench";
const SLOTS = 64;
const FILL_AT_ONCE = 1000;

const [system, verb, ...numbers] = process.argv.slice(2);
const [count, rate] = numbers.map(Number);

const micros = () => Math.round((performance.timeOrigin + performance.now()) * 1000);
const say = (line) => process.stdout.write(`${line}\n`);
const range = (n) => Array.from({ length: n }, (_, at) => at);

async function bullmq() {
  const { Queue, Worker } = await import("bullmq");
  const url = new URL(process.env.REDIS_URL);
  const connection = { host: url.hostname, port: Number(url.port), maxRetriesPerRequest: null };
  const queue = new Queue(QUEUE, { connection });
  const options = { removeOnComplete: true };
  return {
    put: (id) => queue.add("job", { id }, options),
    fill: (ids) => queue.addBulk(ids.map((id) => ({ name: "job", data: { id }, opts: options }))),
    work: async (body) => new Worker(QUEUE, (job) => body(job.data.id), { connection, concurrency: SLOTS }),
  };
}

async function graphile() {
  const { run, makeWorkerUtils } = await import("graphile-worker");
  const connectionString = process.env.DATABASE_URL;
  const quiet = { error() {}, warning() {}, info() {}, debug() {} };
  const { Logger } = await import("graphile-worker");
  const logger = new Logger(() => (level, message) => quiet[level]?.(message));
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  return {
    put: (id) => utils.addJob("job", { id }),
    fill: (ids) => utils.addJobs(ids.map((id) => ({ identifier: "job", payload: { id } }))),
    work: (body) =>
      run({
        connectionString,
        logger,
        concurrency: SLOTS,
        maxPoolSize: 20,
        noHandleSignals: true,
        taskList: { job: (payload) => body(payload.id) },
      }),
  };
}

async function pgboss() {
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss({ connectionString: process.env.DATABASE_URL, max: 20 });
  boss.on("error", (error) => process.stderr.write(`${error}\n`));
  await boss.start();
  await boss.createQueue(QUEUE, { notify: true });
  const options = { batchSize: SLOTS, pollingIntervalSeconds: 0.5 };
  return {
    put: (id) => boss.send(QUEUE, { id }),
    fill: (ids) => boss.insert(QUEUE, ids.map((id) => ({ data: { id } }))),
    work: (body) => boss.work(QUEUE, options, (jobs) => Promise.all(jobs.map((job) => body(job.data.id)))),
  };
}

const peer = await { bullmq, graphile, pgboss }[system]();
const verbs = {
  async fill() {
    const ids = range(count).map((at) => `f${at}`);
    while (ids.length > 0) await peer.fill(ids.splice(0, FILL_AT_ONCE));
    say("filled");
    process.exit(0);
  },
  async drain() {
    let [first, done] = [0, 0];
    await peer.work(async () => {
      first ||= micros();
      done += 1;
      if (done === count) say(`drained ${first} ${micros()}`);
    });
  },
  async serve() {
    await peer.work(async (id) => say(`start ${id} ${micros()}`));
    say("serving");
  },
  async hang() {
    await peer.work((id) => {
      say(`start ${id} ${micros()}`);
      return new Promise(() => {});
    });
    say("serving");
  },
  async trickle() {
    const began = performance.now();
    for (const at of range(count)) {
      const wait = began + (at * 1000) / rate - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      say(`put t${at} ${micros()}`);
      await peer.put(`t${at}`);
    }
    say("filled");
    process.exit(0);
  },
};
await verbs[verb]();

// The wire between driver and worker, as schemas. Metadata only: which task of which run. All data stays in files.
//
// POST /map and POST /reduce take a task request and answer with a stream of JSON lines: progress at least once a
// second, which is the task's heartbeat, then one result. GET /health says who listens. Closing the connection cancels
// the attempt.
//
// Driver and workers share a token, which never crosses the wire (`wire/proof.ts`). The first request on a connection is
// GET /health with a challenge in a header. Whoever listens answers with a proof, in a header too, whatever the status. Only
// after that does the caller ask for anything, and signs each request: its number on this connection, the digest of its
// body, its method and its path. A listener runs no request that is not signed, or whose number is not higher than the last.
//
// Proof and signatures come from the token, what both ends have drawn, the protocol, the role of the listener, and
// both addresses of the connection. So neither is of use on any other connection, whoever passes it on. Answers are not
// signed: the far end has proved itself on this connection, and nobody else can speak on it.

import * as v from 'valibot';

/** What a worker answers to the name of; raised with each change that an older worker would misread. */
export const PROTOCOL = 'http-mapreduce/6';

/** N and M are at most this. */
export const MOST_TASKS = 100_000;

/** A worker refuses longer request bodies. Ours are a few hundred bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** The limit of the heap of a thread that a worker starts before it is asked for: what the user's code has by default. */
export const DEFAULT_HEAP_BYTES = 1024 ** 3;

/** A driver reads no longer line of an answer: a report with tens of thousands of counters fits. */
export const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** A worker says at least this often that an attempt goes on. */
export const HEARTBEAT_MS = 1000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const tasks = v.pipe(positive, v.maxValue(MOST_TASKS));
/** Checked at once: a schema an item leaves an object an item behind, and these are a thousand a task. */
const counts = v.custom<number[]>(
  (input) => Array.isArray(input) && input.every((item) => Number.isSafeInteger(item) && item >= 0),
);
const text = v.pipe(v.string(), v.nonEmpty());

/** Where the user's code was: the record at a byte of an input, or a key (its first 200 characters). */
export const Place = v.union([
  v.object({
    file: text,
    /** The number of the slice in the task's chunk. */
    slice: count,
    offset: count,
  }),
  v.object({
    key: v.string(),
    /** The function that had the key; reduce where it is not said. */
    of: v.optional(v.literal('combine')),
  }),
]);
export type Place = v.InferOutput<typeof Place>;

/** `the record at byte 12 of a.txt` */
export function placeText(place: Place): string {
  if ('file' in place) return `the record at byte ${place.offset} of ${place.file}`;
  return `${place.of ?? 'reduce'} of key ${JSON.stringify(place.key)}`;
}

/** A record that an attempt leaves out. */
const SkippedRecord = v.strictObject({ slice: count, offset: count });
export type SkippedRecord = v.InferOutput<typeof SkippedRecord>;

/** What a worker is asked to do: one attempt of one task. Every path follows from `dir` and the task. */
export const TaskRequest = v.strictObject({
  runId: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  /** The driver that asks: each of a run has names of its own for what its attempts write. */
  driverId: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  /** The absolute path of the state directory. */
  dir: text,
  /** `digest`: the SHA-256 of the job's file as it was when the run began. */
  job: v.strictObject({ path: text, digest: text, params: v.record(v.string(), v.string()) }),
  /** N and M of the run. */
  mapCount: tasks,
  reduceCount: tasks,
  task: count,
  attempt: positive,
  /** How many bytes of map output a task holds before it spills. */
  mapBufferBytes: positive,
  /** How many sorted files a task merges at once. */
  mergeFanIn: v.pipe(v.number(), v.integer(), v.minValue(2)),
  /** Whether map outputs, and what a merge leaves on its way, are compressed. */
  compressMapOutput: v.boolean(),
  /** How many bytes of heap the user's code may have. */
  heapBytes: positive,
  /** Raised whenever a map output is made again: what was read of map outputs before is not to be used. */
  generation: count,
  /** Map: the attempt leaves word of each record before it runs it, so that a crash tells which one it was. */
  careful: v.boolean(),
  /** Map: the records to leave out. */
  skip: v.array(SkippedRecord),
});
export type TaskRequest = v.InferOutput<typeof TaskRequest>;

/** An attempt has at most so many counters, each with a name of at most so many UTF-16 code units. */
export const MOST_COUNTERS = 1000;
export const MOST_COUNTER_NAME_LENGTH = 100;

/** Pairs of a name and a number: an object could not have every name. */
const Counters = v.pipe(
  v.array(v.tuple([v.pipe(v.string(), v.maxLength(MOST_COUNTER_NAME_LENGTH)), v.number()])),
  v.maxLength(MOST_COUNTERS),
);

/**
 * What an attempt does: map tasks `read`, `map`, `sort` and `write`, reduce tasks `fetch`, `merge`, `reduce` and `write`.
 * Where the job's own reduce is called, it takes its values out of the merge, and both are `reduce`.
 */
const PhaseName = v.picklist(['read', 'map', 'sort', 'write', 'fetch', 'merge', 'reduce']);
export type PhaseName = v.InferOutput<typeof PhaseName>;

/** What an attempt read, wrote and counted. */
export const AttemptReport = v.object({
  recordsIn: count,
  bytesIn: count,
  recordsOut: count,
  bytesOut: count,
  spills: count,
  /** The crc32 of the file that the attempt left; `bytesOut` is its size. */
  checksum: count,
  /** Map: the bytes of each partition in its output, where there are at most 1,000 partitions. */
  partitionBytes: counts,
  counters: Counters,
  /** How long it was in each of its phases, in milliseconds, in their order; phases may take turns. */
  phases: v.optional(v.array(v.tuple([PhaseName, v.number()]))),
  /** The most heap that the job's code was seen to hold, where the attempt lasted long enough for a look. */
  heapBytes: v.optional(count),
});
export type AttemptReport = v.InferOutput<typeof AttemptReport>;

/** Why an attempt failed, other than that its worker was lost. The class says what to do about it. */
export const AttemptFailure = v.object({
  /**
   * `job`: the user's code threw, or ended its thread. `memory`: it used more than its limit. `timeout`: it made no
   * progress for too long. `corrupt`: a file of the run is damaged or missing. `input`: an input has changed, or is not
   * what its name says. `system`: the machine refused, such as a full disk. `refused`: the worker would not run it.
   */
  kind: v.picklist(['job', 'memory', 'timeout', 'corrupt', 'input', 'system', 'usage', 'refused']),
  message: v.string(),
  /** The user's own stack. */
  stack: v.optional(v.string()),
  /** Where the user's code was. */
  place: v.optional(Place),
  /** The job's code cannot be ended: the worker's process ends after this answer, and is to be given nothing. */
  endsWorker: v.optional(v.literal(true)),
  /** Corrupt: which file of the run it was, where it was one that can be made again: chunk 3, or the output of map task 3. */
  damaged: v.optional(v.object({ file: v.picklist(['chunk', 'map-output']), task: count })),
});
export type AttemptFailure = v.InferOutput<typeof AttemptFailure>;

/** One line of the answer to a task request. */
export const AnswerLine = v.variant('type', [
  v.object({
    type: v.literal('progress'),
    records: count,
    bytes: count,
    /** What else shows that it goes on, such as pairs emitted and blocks merged: more of it is progress. */
    steps: v.optional(count),
    place: v.optional(Place),
    /** The most heap that the job's code was seen to hold. */
    heapBytes: v.optional(count),
  }),
  v.object({ type: v.literal('done'), report: AttemptReport }),
  v.object({ type: v.literal('failed'), failure: AttemptFailure }),
]);
export type AnswerLine = v.InferOutput<typeof AnswerLine>;

/** The answer of GET /health. */
export const Health = v.object({
  protocol: v.literal(PROTOCOL),
  pid: positive,
  state: v.picklist(['idle', 'busy']),
});
export type Health = v.InferOutput<typeof Health>;

/**
 * Whose requests a spawned worker runs: those of its parent alone, by a token that only the two of them have, or those of
 * everybody who shares a token, which is that of the file if none is given.
 */
export type WorkerToken =
  | { readonly of: 'parent'; readonly token: string }
  | { readonly of: 'all'; readonly given: string; readonly file: string };

/** Why the system lets nobody listen on a port, as its error says it. */
export interface PortRefusal {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** What a spawned worker process tells its parent. */
export type WorkerMessage =
  | { type: 'ready'; port: number }
  | { type: 'port-taken'; port: number }
  | { type: 'port-refused'; port: number; refusal: PortRefusal };
/** What the parent tells it first, and again, without the token, after `port-taken`. */
export type ParentMessage = { type: 'listen'; port: number; token?: WorkerToken };

// A worker that comes by itself says to the driver who it is: PUT /workers/NAME, when it joins, and every few seconds
// from then on. DELETE /workers/NAME says that it has left. The driver's GET /health tells a driver from a worker, also to
// somebody who does not sign: the answer is its role and protocol, and the proof in a header.

/** A worker that has joined says this often that it is there. */
export const NOTICE_EVERY_MS = 3000;

/** After so long without a word a worker counts as failed, until it speaks again. */
export const NOTICE_SILENCE_MS = 10_000;

/** The readable name of a worker, which stands in a path. */
export const WorkerName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,40}$/));

/** What a worker says of itself. Idle and busy ones take tasks; a leaving one ends what it has. */
export const WorkerNotice = v.strictObject({
  protocol: v.literal(PROTOCOL),
  pid: positive,
  /** The name of its machine. */
  host: text,
  port: v.pipe(positive, v.maxValue(65_535)),
  state: v.picklist(['idle', 'busy', 'leaving']),
});
export type WorkerNotice = v.InferOutput<typeof WorkerNotice>;

/** What a driver answers to a request that is not signed. The protocol may be one of another version. */
export const DriverGreeting = v.object({ role: v.literal('driver'), protocol: text, status: v.literal('ok') });
export type DriverGreeting = v.InferOutput<typeof DriverGreeting>;

/** The answer of a driver's GET /health. */
export const DriverHealth = v.object({
  protocol: v.literal(PROTOCOL),
  pid: positive,
  role: v.literal('driver'),
  runId: text,
});
export type DriverHealth = v.InferOutput<typeof DriverHealth>;

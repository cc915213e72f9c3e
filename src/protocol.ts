// The wire protocol between driver and worker, as schemas. Metadata only: which task of which run. All data stays in files.
//
// POST /map and POST /reduce take a task request. The response is a stream of JSON lines: progress at least once per second,
// which is the heartbeat of the task, then one result. GET /health identifies the listener. Closing the connection cancels
// the attempt.
//
// Driver and workers share a token, which never crosses the wire (`wire/token-proof.ts`). The first request on a connection
// is GET /health with a challenge in a header. The listener replies with a proof, also in a header, whatever the status. Only
// then does the caller send anything else, and it signs each request: its number on this connection, the digest of its body,
// its method and its path. A listener runs no request that is unsigned, or whose number is not higher than the last one.
//
// Proof and signatures derive from the token, the challenges of both ends, the protocol, the role of the listener, and both
// addresses of the connection. So they are of no use on any other connection, whoever relays them. Responses are not signed:
// the far end has proved itself on this connection, and no other process can write to it.

import * as v from 'valibot';

/** The name and version of the protocol. The version is raised with each change that an older worker would misread. */
export const PROTOCOL = 'http-mapreduce/6';

/** The largest number of map tasks, and of reduce tasks. */
export const MOST_TASKS = 100_000;

/** The longest request body that a worker accepts. Ours have a few hundred bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** The default limit for the heap of the user's code. A worker starts its first thread with it before it knows the request. */
export const DEFAULT_HEAP_BYTES = 1024 ** 3;

/** The longest line of a response that a driver reads: a report with tens of thousands of counters fits. */
export const MAX_RESPONSE_LINE_BYTES = 8 * 1024 * 1024;

/** The interval in which a worker reports that an attempt is still running. */
export const HEARTBEAT_MS = 1000;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const tasks = v.pipe(positive, v.maxValue(MOST_TASKS));
/** Checked in one go: a schema per item would leave one object per item, and there are a thousand per task. */
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
    /** The function that had the key: reduce, unless it is named here. */
    of: v.optional(v.literal('combine')),
  }),
]);
export type Place = v.InferOutput<typeof Place>;

/** `the record at byte 12 of a.txt` */
export function placeText(place: Place): string {
  if ('file' in place) return `the record at byte ${place.offset} of ${place.file}`;
  return `${place.of ?? 'reduce'} of key ${JSON.stringify(place.key)}`;
}

/** A record that an attempt skips. */
const SkippedRecord = v.strictObject({ slice: count, offset: count });
export type SkippedRecord = v.InferOutput<typeof SkippedRecord>;

/** The order to run one attempt of one task. Every path follows from `dir` and the task. */
export const TaskRequest = v.strictObject({
  runId: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  /** The driver that sends the request. Each driver of a run has its own names for the files of its attempts. */
  driverId: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  /** The absolute path of the state directory. */
  dir: text,
  /** `digest`: the SHA-256 of the job's parts as they were when the run began. */
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
  /** Whether map outputs, and the intermediate files of a merge, are compressed. */
  compressMapOutput: v.boolean(),
  /** How many bytes of heap the user's code may have. */
  heapBytes: positive,
  /** Raised whenever a map output is made again: then nothing that was read from map outputs before may be used. */
  generation: count,
  /** Map: the attempt writes a place mark before each record, so that a crash shows which record caused it. */
  careful: v.boolean(),
  /** Map: the records to skip. */
  skip: v.array(SkippedRecord),
});
export type TaskRequest = v.InferOutput<typeof TaskRequest>;

/** The largest number of counters of an attempt, and the longest name of a counter in UTF-16 code units. */
export const MOST_COUNTERS = 1000;
export const MOST_COUNTER_NAME_LENGTH = 100;

/** Pairs of a name and a number: as keys of an object, not every name would be safe. */
const Counters = v.pipe(
  v.array(v.tuple([v.pipe(v.string(), v.maxLength(MOST_COUNTER_NAME_LENGTH)), v.number()])),
  v.maxLength(MOST_COUNTERS),
);

/**
 * The phases of an attempt: map tasks `read`, `map`, `sort` and `write`, reduce tasks `fetch`, `merge`, `reduce` and `write`.
 * The job's own reduce function draws its values from the merge, so the two cannot be told apart: both count as `reduce`.
 */
const PhaseName = v.picklist(['read', 'map', 'sort', 'write', 'fetch', 'merge', 'reduce']);
export type PhaseName = v.InferOutput<typeof PhaseName>;

/** The report of an attempt: what it read, wrote and counted. */
export const AttemptReport = v.object({
  recordsIn: count,
  bytesIn: count,
  recordsOut: count,
  bytesOut: count,
  spills: count,
  /** The crc32 of the attempt's file; `bytesOut` is the size of that file. */
  checksum: count,
  /** Map: the bytes of each partition in the sorted file, if there are at most 1,000 partitions. */
  partitionBytes: counts,
  counters: Counters,
  /** The time that it spent in each of its phases, in milliseconds, in their order; phases may alternate. */
  phases: v.optional(v.array(v.tuple([PhaseName, v.number()]))),
  /** The largest heap that the job's code was seen to use, if the attempt lasted long enough to be observed. */
  heapBytes: v.optional(count),
});
export type AttemptReport = v.InferOutput<typeof AttemptReport>;

/** Why an attempt failed, other than by the loss of its worker. The kind decides what happens next. */
export const AttemptFailure = v.object({
  /**
   * `job`: the user's code threw, or ended its thread. `memory`: it used more than its limit. `timeout`: it made no
   * progress for too long. `corrupt`: a file of the run is damaged or missing. `input`: an input has changed, or is not
   * what its name says. `system`: the machine refused a call, such as with a full disk. `refused`: the worker did not run it.
   */
  kind: v.picklist(['job', 'memory', 'timeout', 'corrupt', 'input', 'system', 'usage', 'refused']),
  message: v.string(),
  /** The user's own stack. */
  stack: v.optional(v.string()),
  /** The record or key that the user's code was at. */
  place: v.optional(Place),
  /** The job's code cannot be stopped: the worker's process ends after this response, and must get no other task. */
  endsWorker: v.optional(v.literal(true)),
  /** Corrupt: the file of the run that is damaged, if it can be made again: chunk 3, or the output of map task 3. */
  damaged: v.optional(v.object({ file: v.picklist(['chunk', 'map-output']), task: count })),
});
export type AttemptFailure = v.InferOutput<typeof AttemptFailure>;

/** One line of the response to a task request. */
export const AnswerLine = v.variant('type', [
  v.object({
    type: v.literal('progress'),
    records: count,
    bytes: count,
    /** A count of other signs of progress, such as pairs emitted and blocks merged. */
    steps: v.optional(count),
    place: v.optional(Place),
    /** The largest heap that the job's code was seen to use. */
    heapBytes: v.optional(count),
  }),
  v.object({ type: v.literal('done'), report: AttemptReport }),
  v.object({ type: v.literal('failed'), failure: AttemptFailure }),
]);
export type AnswerLine = v.InferOutput<typeof AnswerLine>;

/** A worker's response to GET /health. */
export const Health = v.object({
  protocol: v.literal(PROTOCOL),
  pid: positive,
  state: v.picklist(['idle', 'busy']),
});
export type Health = v.InferOutput<typeof Health>;

/**
 * Whose requests a spawned worker runs: those of its parent alone, by a token that only the two of them have; or those of
 * every holder of the shared token, which is the one in the file unless another is given.
 */
export type WorkerToken =
  | { readonly of: 'parent'; readonly token: string }
  | { readonly of: 'all'; readonly given: string; readonly file: string };

/** The error with which the system refuses to let a process listen on a port. */
export interface PortRefusal {
  readonly code: string;
  readonly errno: number;
  readonly syscall: string;
}

/** A message from a spawned worker process to its parent. */
export type WorkerMessage =
  | { type: 'ready'; port: number }
  | { type: 'port-taken'; port: number }
  | { type: 'port-refused'; port: number; refusal: PortRefusal };
/** The first message from the parent to the worker; sent again, without the token, after `port-taken`. */
export type ParentMessage = { type: 'listen'; port: number; token?: WorkerToken };

// A worker that joins a driver sends it notices: PUT /workers/NAME when it joins, and every few seconds from then on.
// DELETE /workers/NAME announces that it has left. GET /health shows a driver for what it is, also to a caller that does not
// sign: the response has its role and protocol, and the proof in a header.

/** The interval between the notices of a worker that has joined. */
export const NOTICE_EVERY_MS = 3000;

/** After this long without a notice a worker counts as failed, until the next one. */
export const NOTICE_SILENCE_MS = 10_000;

/** The readable name of a worker, which is part of a path. */
export const WorkerName = v.pipe(v.string(), v.regex(/^[A-Za-z0-9-]{1,40}$/));

/** The notice of a worker. Idle and busy workers accept tasks; a leaving worker only finishes its task. */
export const WorkerNotice = v.strictObject({
  protocol: v.literal(PROTOCOL),
  pid: positive,
  /** The name of its machine. */
  host: text,
  port: v.pipe(positive, v.maxValue(65_535)),
  state: v.picklist(['idle', 'busy', 'leaving']),
});
export type WorkerNotice = v.InferOutput<typeof WorkerNotice>;

/** A driver's response to a GET /health that is not signed. The protocol may be of another version. */
export const DriverGreeting = v.object({ role: v.literal('driver'), protocol: text, status: v.literal('ok') });
export type DriverGreeting = v.InferOutput<typeof DriverGreeting>;

/** A driver's response to a signed GET /health. */
export const DriverHealth = v.object({
  protocol: v.literal(PROTOCOL),
  pid: positive,
  role: v.literal('driver'),
  runId: text,
});
export type DriverHealth = v.InferOutput<typeof DriverHealth>;

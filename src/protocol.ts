// The wire between driver and worker, as schemas. Metadata only: which task of which run. All data stays in files.
//
// POST /map and POST /reduce take a task request and answer with a stream of JSON lines: progress at least once a
// second, which is the task's heartbeat, then one result. GET /health says who listens. Every request carries the token
// that driver and workers share, as `authorization: Bearer TOKEN`. Closing the connection cancels the attempt.
//
// Before a driver sends the token to a port, who listens there proves to have it: the answer to a request without the
// token, but with a challenge in a header, is 401 with the challenge's proof.

import { createHmac } from 'node:crypto';

import * as v from 'valibot';

/** What a worker answers to the name of; raised with each change that an older worker would misread. */
export const PROTOCOL = 'http-mapreduce/2';

/** N and M are at most this. */
export const MOST_TASKS = 100_000;

/** A worker refuses longer request bodies. Ours are a few hundred bytes. */
export const MAX_BODY_BYTES = 64 * 1024;

/** A worker says at least this often that an attempt goes on. */
export const HEARTBEAT_MS = 1000;

export type TaskKind = 'map' | 'reduce';
/** `map-3`, `reduce-0` */
export type TaskId = `${TaskKind}-${number}`;
/** `map-3.1` is the first attempt of task `map-3`. */
export type AttemptId = `${TaskId}.${number}`;

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(v.number(), v.integer(), v.minValue(1));
const tasks = v.pipe(positive, v.maxValue(MOST_TASKS));
const text = v.pipe(v.string(), v.nonEmpty());

export const CHALLENGE_HEADER = 'x-mapreduce-challenge';
export const PROOF_HEADER = 'x-mapreduce-proof';

/** What only a holder of the token can answer to a challenge. */
export function proofOf(token: string, challenge: string): string {
  return createHmac('sha256', token).update(`${PROTOCOL} ${challenge}`).digest('base64url');
}

/** What a worker is asked to do: one attempt of one task. Every path follows from `dir` and the task. */
export const TaskRequest = v.strictObject({
  runId: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  /** The absolute path of the state directory. */
  dir: text,
  job: v.strictObject({ path: text, params: v.record(v.string(), v.string()) }),
  /** N and M of the run. */
  mapCount: tasks,
  reduceCount: tasks,
  task: count,
  attempt: positive,
  /** How many bytes of map output a task holds before it spills. */
  mapBufferBytes: positive,
  /** How many runs a task merges at once. */
  mergeFanIn: v.pipe(v.number(), v.integer(), v.minValue(2)),
  /** Whether runs are compressed. */
  compressRuns: v.boolean(),
});
export type TaskRequest = v.InferOutput<typeof TaskRequest>;

/** Pairs of a name and a number: an object could not have every name. */
const Counters = v.array(v.tuple([v.string(), v.number()]));

/** What an attempt read, wrote and counted. */
export const AttemptReport = v.object({
  recordsIn: count,
  bytesIn: count,
  recordsOut: count,
  bytesOut: count,
  spills: count,
  counters: Counters,
});
export type AttemptReport = v.InferOutput<typeof AttemptReport>;

/** Why an attempt failed, other than that its worker was lost. The class says what to do about it. */
export const AttemptFailure = v.object({
  /**
   * `job`: the user's code threw. `corrupt`: a file is damaged. `system`: the machine refused, such as a full disk.
   * `refused`: the worker would not run it.
   */
  kind: v.picklist(['job', 'corrupt', 'system', 'usage', 'refused']),
  message: v.string(),
  /** The user's own stack. */
  stack: v.optional(v.string()),
  /** The record or the key that the user's code was at, in words. */
  at: v.optional(v.string()),
});
export type AttemptFailure = v.InferOutput<typeof AttemptFailure>;

/** One line of the answer to a task request. */
export const AnswerLine = v.variant('type', [
  v.object({ type: v.literal('progress'), records: count, bytes: count }),
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

/** What a spawned worker process tells its parent, and what the parent answers to `port-taken`. */
export type WorkerMessage = { type: 'ready'; port: number } | { type: 'port-taken'; port: number };
export type ParentMessage = { type: 'listen'; port: number };

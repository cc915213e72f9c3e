// The job of a simulated run: what its attempts write and count, how long they take, and which records end them.

import type { AttemptFailure, AttemptReport, Place, SkippedRecord } from '../../../src/protocol.ts';
import type { AttemptId, TaskId } from '../../../src/task-ids.ts';
import type { StartAttempt } from '../../../src/scheduler/events.ts';
import { type BadRecord, type Plan, SLICE_BYTES } from '../plan.ts';
import type { Content } from './files.ts';

const SLICE_COUNT = 2;

export class Job {
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Returns what an attempt writes. Its counters are different from those of every other attempt. */
  content({ attempt, task, skip }: StartAttempt, reads: readonly Content[]): Content {
    const { deterministic, options, chunkBytes } = this.#plan;
    const isMap = task.startsWith('map');
    const readText = reads.map(({ report }) => report.checksum).join();
    const checksum = hash(`${deterministic ? task : attempt} ${skipText(skip)} ${readText}`);
    const report: AttemptReport = {
      recordsIn: 100 - skip.length,
      bytesIn: isMap ? chunkBytes[indexOf(task)]! : reads.length * 10,
      recordsOut: 100,
      bytesOut: 1000,
      spills: 0,
      checksum,
      partitionBytes: isMap
        ? Array.from({ length: options.reduceCount }, (_, at) => (checksum >>> (at % 16)) & 15)
        : [],
      counters: [
        ['attempts', 1],
        ['mark', hash(attempt) % 1000],
      ],
    };
    return { attempt, report, reads };
  }

  /** Returns the place of an attempt after a part of its input. */
  placeAt(task: TaskId, part: number): Place {
    const at = Math.min(part * SLICE_COUNT * SLICE_BYTES, SLICE_COUNT * SLICE_BYTES - 1);
    const slice = Math.floor(at / SLICE_BYTES);
    if (!task.startsWith('map')) return { key: `key ${Math.floor(at)}` };
    return { file: 'input.txt', slice, offset: Math.floor(at % SLICE_BYTES) };
  }

  /** Returns the first bad record that an attempt meets between two parts of its input. */
  badRecord({ task, skip }: StartAttempt, from: number, to: number): BadRecord | undefined {
    if (!task.startsWith('map') || this.#plan.badRecords.length === 0) return undefined;
    const index = indexOf(task);
    return this.#plan.badRecords
      .filter((record) => record.task === index && partOf(record) >= from && partOf(record) < to)
      .filter(({ slice, offset }) => !skip.some((skipped) => skipped.slice === slice && skipped.offset === offset))
      .toSorted((one, other) => partOf(one) - partOf(other))[0];
  }

  /** Returns the failure of a reduce task with a bad key. */
  badKey(task: TaskId): AttemptFailure | undefined {
    if (task !== `reduce-${this.#plan.badReduce}`) return undefined;
    return { kind: 'job', message: 'the key is bad', place: { key: 'bad' } };
  }
}

export function indexOf(task: TaskId): number {
  return Number(task.slice(task.indexOf('-') + 1));
}

export function taskOf(attempt: AttemptId): TaskId {
  return attempt.slice(0, attempt.indexOf('.')) as TaskId;
}

export function placeOf({ slice, offset }: SkippedRecord): Place {
  return { file: 'input.txt', slice, offset };
}

function partOf({ slice, offset }: SkippedRecord): number {
  return (slice * SLICE_BYTES + offset) / (SLICE_COUNT * SLICE_BYTES);
}

function skipText(skip: readonly SkippedRecord[]): string {
  return skip
    .map(({ slice, offset }) => `${slice}:${offset}`)
    .toSorted()
    .join();
}

/** The FNV-1a hash. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

// Runs a job in this process, in memory, one record after another: the oracle that every other runner is held against.
// So it is as plain as can be: it has the rules for what a job may emit from them, but sorts and groups by itself, and
// leaves the combiner out, because that must change nothing.

import { setImmediate } from 'node:timers/promises';

import type { Key } from '../bytes.ts';
import { JobError, messageOf } from '../errors.ts';
import { readContent } from '../formats/content.ts';
import type { RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import { outputLine } from '../formats/output.ts';
import type { AnyJob, MapContext, TaskContext } from '../job.ts';
import { type Place, placeText } from '../protocol.ts';
import type { InputFile } from '../driver/inputs.ts';
import { GroupValues } from '../shuffle/group-values.ts';
import { snapshot } from '../shuffle/values.ts';
import { checkCount, type Progress } from '../tasks/attempt.ts';
import { TaskFailure } from '../tasks/failure.ts';
import { checkKey, emitMapResult, emitReduceResult, type Who } from '../tasks/results.ts';
import { Turns } from '../tasks/turns.ts';

export interface SequentialOptions {
  readonly job: AnyJob;
  readonly params: Record<string, unknown>;
  readonly inputs: readonly InputFile[];
  /** Told again and again how far the run is: how many bytes it has read, then how many of the keys it has reduced. */
  readonly onProgress?: ((progress: SequentialProgress) => void) | undefined;
  /** Is told where the user's code is. */
  readonly progress?: Progress | undefined;
  /** Waits until what the job has left running has ended: by default, for no more than promises and immediates take. */
  readonly settled?: (() => Promise<void>) | undefined;
}

export type SequentialProgress = { readonly readBytes: number } | { readonly keys: number; readonly allKeys: number };

/** Often enough for who tells of it every few seconds. */
const KEYS_A_STEP = 1024;

/**
 * The lines of the whole output, in the order of their keys' UTF-8 bytes.
 * @throws JobError where map or reduce throws
 */
export async function runSequential({
  job,
  params,
  inputs,
  onProgress,
  progress,
  settled = setImmediate,
}: SequentialOptions): Promise<string[]> {
  const context = { runId: 'sequential', params: params as TaskContext['params'], count: checkCount };
  const groups = new Map<string, unknown[]>();
  let readBytes = 0;
  const onBlock = (bytes: number): void => onProgress?.({ readBytes: (readBytes += bytes) });
  for (const input of inputs)
    await mapFile(job, input, { ...context, task: 'map-0', attempt: 'map-0.1' }, groups, {
      onBlock,
      settled,
      progress,
    });
  const byBytes = [...groups].map(([key, values]) => ({ key, values, bytes: Buffer.from(key) }));
  byBytes.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  const output: string[] = [];
  let at = '';
  progress?.leave();
  const turns = turnsOf(
    'reduce',
    () => ({ key: at }),
    (key, value) => {
      output.push(outputLine(key.toString(), value));
    },
  );
  for (const [index, { key, values, bytes }] of byBytes.entries()) {
    if (index % KEYS_A_STEP === 0) onProgress?.({ keys: index, allKeys: byBytes.length });
    at = key;
    progress?.beginKey(bytes, bytes.length);
    await reduceKey(job, key, values, { ...context, task: 'reduce-0', attempt: 'reduce-0.1' }, turns);
  }
  await endTurns(job, turns, settled);
  return output;
}

interface Surroundings {
  readonly onBlock: (bytes: number) => void;
  readonly settled: () => Promise<void>;
  readonly progress: Progress | undefined;
}

async function mapFile(
  job: AnyJob,
  input: InputFile,
  context: TaskContext,
  groups: Map<string, unknown[]>,
  { onBlock, settled, progress }: Surroundings,
): Promise<void> {
  progress?.beginSlice(0, input.file);
  const cursor: RecordCursor<unknown> = (job.input ?? lines()).open(input.file, 0);
  const mapContext: MapContext & { record: number } = {
    ...context,
    file: input.file,
    record: 0,
    get offset() {
      return cursor.offset;
    },
    offsetAt: (index) => cursor.offsetAt(index),
  };
  const place = (): Place => ({ file: input.file, slice: 0, offset: cursor.offset });
  const turns = turnsOf('map', place, (key, value) => {
    // Keys are the same where their UTF-8 bytes are.
    const sameKey = key.toString().toWellFormed();
    const values = groups.get(sameKey);
    if (values === undefined) groups.set(sameKey, [snapshot(value)]);
    else values.push(snapshot(value));
  });
  const mapRecords = async (): Promise<void> => {
    while (cursor.next()) {
      progress?.beginRecord(cursor.offset);
      try {
        const emit = turns.begin();
        const pending = emitMapResult(job.map(cursor.record, emit, mapContext), emit);
        if (pending !== undefined) await pending;
        turns.end();
      } catch (error) {
        throw failure(job, error, place());
      }
      if (progress !== undefined) progress.records++;
      mapContext.record++;
    }
  };
  for await (const block of readContent({ ...input, start: 0, end: input.sizeBytes })) {
    cursor.feed(block);
    await mapRecords();
    onBlock(block.length);
  }
  cursor.finish();
  await mapRecords();
  await endTurns(job, turns, settled);
}

async function reduceKey(
  job: AnyJob,
  key: string,
  values: unknown[],
  context: TaskContext,
  turns: Turns,
): Promise<void> {
  const readOnce = new GroupValues(key, values.values());
  try {
    const emit = turns.begin();
    const pending = emitReduceResult(key, job.reduce(key, readOnce, emit, context), emit);
    if (pending !== undefined) await pending;
    turns.end();
  } catch (error) {
    throw failure(job, error, { key });
  } finally {
    readOnce.end();
  }
}

/** Each record and key has an emit of its own: what comes late names it. */
function turnsOf(who: Who, place: () => Place, add: (key: Key, value: unknown) => void): Turns {
  const checkAndAdd = (key: Key, value: unknown): void => {
    checkKey(who, key);
    add(key, value);
  };
  return new Turns({ who, attempt: 'the sequential run', isExact: true, place, add: checkAndAdd });
}

async function endTurns(job: AnyJob, turns: Turns, settled: () => Promise<void>): Promise<void> {
  try {
    await settled();
    turns.close();
  } catch (error) {
    throw failure(job, error, undefined);
  }
}

function failure(job: AnyJob, error: unknown, at: Place | undefined): JobError {
  const stack = error instanceof Error && !(error instanceof TaskFailure) ? error.stack : undefined;
  const place = error instanceof TaskFailure ? error.failure.place : at;
  const where = place === undefined ? '' : ` at ${placeText(place)}`;
  return new JobError(`${job.name} failed${where}: ${messageOf(error)}\n${stack ?? ''}`.trimEnd(), { cause: error });
}

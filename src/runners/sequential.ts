// Runs a job in this process, in memory, one record after another: the oracle that every other runner is held against.
// So it is as plain as can be: it has the rules for what a job may emit from them, but sorts and groups by itself, and
// leaves the combiner out, because that must change nothing.

import { JobError, messageOf } from '../errors.ts';
import { readContent } from '../formats/content.ts';
import type { RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import { outputLine } from '../formats/output.ts';
import type { AnyJob, MapContext, TaskContext } from '../job.ts';
import type { InputFile } from '../driver/inputs.ts';
import { GroupValues } from '../shuffle/groups.ts';
import { snapshot } from '../shuffle/values.ts';
import type { Progress } from '../tasks/attempt.ts';
import { checkKey, emitMapResult, emitReduceResult, emitting } from '../tasks/results.ts';

export interface SequentialOptions {
  readonly job: AnyJob;
  readonly params: Record<string, unknown>;
  readonly inputs: readonly InputFile[];
  /** Told again and again how far the run is: how many bytes it has read, then how many of the keys it has reduced. */
  readonly onProgress?: ((progress: SequentialProgress) => void) | undefined;
  /** Is told where the user's code is. */
  readonly progress?: Progress | undefined;
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
}: SequentialOptions): Promise<string[]> {
  const context = { runId: 'sequential', params: params as TaskContext['params'], count: () => {} };
  const groups = new Map<string, unknown[]>();
  let readBytes = 0;
  const onBlock = (bytes: number): void => onProgress?.({ readBytes: (readBytes += bytes) });
  for (const input of inputs)
    await mapFile(job, input, { ...context, task: 'map-0', attempt: 'map-0.1' }, groups, onBlock, progress);
  const byBytes = [...groups].map(([key, values]) => ({ key, values, bytes: Buffer.from(key) }));
  byBytes.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  const output: string[] = [];
  progress?.leave();
  for (const [index, { key, values, bytes }] of byBytes.entries()) {
    if (index % KEYS_A_STEP === 0) onProgress?.({ keys: index, allKeys: byBytes.length });
    progress?.beginKey(bytes, bytes.length);
    await reduceKey(job, key, values, { ...context, task: 'reduce-0', attempt: 'reduce-0.1' }, output);
  }
  return output;
}

async function mapFile(
  job: AnyJob,
  input: InputFile,
  context: TaskContext,
  groups: Map<string, unknown[]>,
  onBlock: (bytes: number) => void,
  progress: Progress | undefined,
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
  const emit = emitting<unknown>((key, value) => {
    checkKey('map', key);
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
        await emitMapResult(job.map(cursor.record, emit, mapContext), emit);
      } catch (error) {
        throw failure(job, error, `the record at byte ${cursor.offset} of ${input.file}`);
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
}

async function reduceKey(
  job: AnyJob,
  key: string,
  values: unknown[],
  context: TaskContext,
  output: string[],
): Promise<void> {
  const emit = emitting<unknown>((outKey, value) => {
    checkKey('reduce', outKey);
    output.push(outputLine(outKey.toString(), value));
  });
  const readOnce = new GroupValues(key, values.values());
  try {
    emitReduceResult(key, await job.reduce(key, readOnce, emit, context), emit);
  } catch (error) {
    throw failure(job, error, `reduce of key ${JSON.stringify(key)}`);
  }
}

function failure(job: AnyJob, error: unknown, at: string): JobError {
  const stack = error instanceof Error ? error.stack : undefined;
  return new JobError(`${job.name} failed at ${at}: ${messageOf(error)}\n${stack ?? ''}`.trimEnd(), { cause: error });
}

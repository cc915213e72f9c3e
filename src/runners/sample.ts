// Cuts the keys of a job into ranges of about the same number of pairs, from a sample: pieces of the input, evenly spread,
// go through the job's map.
//
// Source: O. O'Malley, "TeraByte Sort on Apache Hadoop" (2008), for sampling the input before the run.

import { closeSync, openSync } from 'node:fs';

import { messageOf, JobError } from '../errors.ts';
import { randomAccess } from '../formats/blocks.ts';
import { isCompressed, readContent } from '../formats/content.ts';
import type { InputFormat, RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import type { AnyJob, MapContext, TaskContext } from '../job.ts';
import { type InputFile, totalBytes } from '../driver/inputs.ts';
import { checkKey, emitMapResult, emitting } from '../tasks/results.ts';

const MOST_PIECES = 64;
const PIECE_BYTES = 1 << 16;
/** A longer key is cut: what it begins with is boundary enough. */
const MOST_KEY_BYTES = 256;

export interface SampleOptions {
  readonly job: AnyJob;
  readonly params: Record<string, unknown>;
  readonly inputs: readonly InputFile[];
}

/**
 * The first key of each of `count` ranges but the first, in base64; where the sample has few keys, some are the same.
 * @throws JobError where map throws
 */
export async function sampleFirstKeys(options: SampleOptions, count: number): Promise<string[]> {
  const keys: Buffer[] = [];
  const size = totalBytes(options.inputs);
  const pieces = Math.min(MOST_PIECES, Math.max(1, Math.ceil(size / PIECE_BYTES)));
  let before = 0;
  for (const input of options.inputs) {
    const firstPiece = Math.ceil((before * pieces) / size);
    const endPiece = Math.ceil(((before + input.sizeBytes) * pieces) / size);
    const positions = Array.from({ length: endPiece - firstPiece }, (_, index) =>
      Math.floor(((firstPiece + index) * size) / pieces - before),
    );
    await sampleFile(options, input, positions, keys);
    before += input.sizeBytes;
  }
  keys.sort((a, b) => Buffer.compare(a, b));
  return Array.from({ length: count - 1 }, (_, range) => {
    const key = keys[Math.floor(((range + 1) * keys.length) / count)];
    return (key ?? Buffer.alloc(0)).toString('base64');
  });
}

/** Adds the keys of the records behind each position; a file that cannot be cut is read from its start only. */
async function sampleFile(
  { job, params }: SampleOptions,
  input: InputFile,
  positions: readonly number[],
  keys: Buffer[],
): Promise<void> {
  const format: InputFormat<unknown> = job.input ?? lines();
  const canCut = format.splittable && !isCompressed(input.file);
  for (const position of canCut ? positions : positions.slice(0, 1)) {
    const start = canCut ? boundaryIn(input, format, position) : 0;
    const cursor = format.open(input.file, start);
    const context = sampleContext(input, cursor, params);
    const length = canCut ? PIECE_BYTES : positions.length * PIECE_BYTES;
    let read = 0;
    for await (const block of readContent({
      ...input,
      start,
      end: canCut ? Math.min(input.sizeBytes, start + length) : input.sizeBytes,
    })) {
      cursor.feed(block);
      await sampleRecords(job, cursor, context, keys);
      read += block.length;
      if (read >= length) break;
    }
  }
}

function boundaryIn(input: InputFile, format: InputFormat<unknown>, position: number): number {
  const fd = openSync(input.path, 'r');
  try {
    return format.boundary(randomAccess(fd, input.sizeBytes), position);
  } finally {
    closeSync(fd);
  }
}

async function sampleRecords(
  job: AnyJob,
  cursor: RecordCursor<unknown>,
  context: MapContext,
  keys: Buffer[],
): Promise<void> {
  const emit = emitting<unknown>((key) => {
    checkKey('map', key);
    keys.push(Buffer.from(key.toString()).subarray(0, MOST_KEY_BYTES));
  });
  try {
    while (cursor.next()) await emitMapResult(job.map(cursor.record, emit, context), emit);
  } catch (error) {
    const where = `the record at byte ${cursor.offset} of ${context.file}`;
    const stack = error instanceof Error ? `\n${error.stack ?? ''}` : '';
    throw new JobError(`${job.name} failed while its keys were sampled, at ${where}: ${messageOf(error)}${stack}`, {
      cause: error,
    });
  }
}

function sampleContext(input: InputFile, cursor: RecordCursor<unknown>, params: Record<string, unknown>): MapContext {
  return {
    runId: 'sample',
    task: 'sample',
    attempt: 'sample',
    params: params as TaskContext['params'],
    count: () => {},
    file: input.file,
    record: 0,
    get offset() {
      return cursor.offset;
    },
    offsetAt: (index) => cursor.offsetAt(index),
  };
}

// The thread in which a job's map is called with a sample of its input: answers with keys, piece by piece. A record that map
// throws at is left out: it is a sample, and the map task will judge.

import { closeSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';

import { type InputFile, totalBytes } from '../driver/inputs.ts';
import { randomAccess } from '../formats/blocks.ts';
import { isCompressed, readContent } from '../formats/content.ts';
import type { InputFormat, RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import type { AnyJob, MapContext, TaskContext } from '../job.ts';
import { loadJob, readParams } from '../job-loading.ts';
import { checkKey, emitMapResult, emitting } from '../tasks/results.ts';

const MOST_PIECES = 64;
const PIECE_BYTES = 1 << 16;
/** A longer key is cut: what it begins with is boundary enough. */
const MOST_KEY_BYTES = 256;

/** What the thread is given. */
export interface SampleOrder {
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly inputs: readonly InputFile[];
}

/** What it answers: some keys, or that there are no more. */
export type SampleAnswer = readonly Uint8Array[] | 'end';

await sampleAll(workerData as SampleOrder, (answer) => parentPort!.postMessage(answer));

async function sampleAll({ path, params, inputs }: SampleOrder, answer: (answer: SampleAnswer) => void): Promise<void> {
  const job = await loadJob(path);
  const values = readParams(job, params);
  const size = totalBytes(inputs);
  const pieces = Math.min(MOST_PIECES, Math.max(1, Math.ceil(size / PIECE_BYTES)));
  let before = 0;
  for (const input of inputs) {
    const firstPiece = Math.ceil((before * pieces) / size);
    const endPiece = Math.ceil(((before + input.sizeBytes) * pieces) / size);
    const positions = Array.from({ length: endPiece - firstPiece }, (_, index) =>
      Math.floor(((firstPiece + index) * size) / pieces - before),
    );
    await sampleFile(job, values, input, positions, answer);
    before += input.sizeBytes;
  }
  answer('end');
}

/** Answers with the keys of the records behind each position; a file that cannot be cut is read from its start only. */
async function sampleFile(
  job: AnyJob,
  params: Record<string, unknown>,
  input: InputFile,
  positions: readonly number[],
  answer: (answer: SampleAnswer) => void,
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
      answer(await sampleRecords(job, cursor, context));
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

async function sampleRecords(job: AnyJob, cursor: RecordCursor<unknown>, context: MapContext): Promise<Uint8Array[]> {
  const keys: Uint8Array[] = [];
  const emit = emitting<unknown>((key) => {
    checkKey('map', key);
    keys.push(Uint8Array.from(Buffer.from(key.toString()).subarray(0, MOST_KEY_BYTES)));
  });
  while (cursor.next()) {
    try {
      await emitMapResult(job.map(cursor.record, emit, context), emit);
    } catch {
      continue;
    }
  }
  return keys;
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

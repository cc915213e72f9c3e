// Calls a job's map with a sample of its input to get keys for cutting ranges. Keys are strings with one character per byte, piece by
// piece. A record for which map throws is left out: this is only a sample, and the map task will judge it.

import { closeSync } from 'node:fs';

import { type InputFile, totalBytes } from '../driver/inputs/inputs.ts';
import { openUnchanged } from '../formats/chunk/unchanged-input.ts';
import { randomAccess } from '../formats/random-access.ts';
import { readContent } from '../formats/compressed/decompress.ts';
import type { InputFormat, RecordCursor } from '../formats/format.ts';
import { lines } from '../formats/lines.ts';
import type { AnyJob, MapContext, TaskContext } from '../job.ts';
import { RecordContexts } from '../tasks/contexts.ts';
import { checkKey, emitMapResult, emitting } from '../tasks/returned-values.ts';

const MOST_PIECES = 64;
const PIECE_BYTES = 1 << 16;
/** A longer key is cut: its first characters are precise enough for a boundary. */
const MOST_KEY_BYTES = 256;
/** More keys than this per range, or in total, hardly make ranges more even, and the run stands still meanwhile. */
const KEYS_OF_RANGE = 256;
const FEWEST_KEYS = 4096;

export interface Sample {
  readonly job: AnyJob;
  readonly params: Record<string, unknown>;
  readonly inputs: readonly InputFile[];
  /** The number of ranges to cut. */
  readonly rangeCount: number;
}

/** Calls the job's map with pieces of its input, evenly spread, and passes on the keys of each piece. */
export async function sampleKeys(
  { job, params, inputs, rangeCount }: Sample,
  answer: (keys: readonly string[]) => void,
): Promise<void> {
  const size = totalBytes(inputs);
  const pieces = Math.min(MOST_PIECES, Math.max(1, Math.ceil(size / PIECE_BYTES)));
  const keysOfPiece = Math.ceil(Math.max(FEWEST_KEYS, KEYS_OF_RANGE * rangeCount) / pieces);
  const map = { job, params, keysOfPiece };
  let before = 0;
  for (const input of inputs) {
    const firstPiece = Math.ceil((before * pieces) / size);
    const endPiece = Math.ceil(((before + input.sizeBytes) * pieces) / size);
    const positions = Array.from({ length: endPiece - firstPiece }, (_, index) =>
      Math.floor(((firstPiece + index) * size) / pieces - before),
    );
    await sampleFile(map, input, positions, answer);
    before += input.sizeBytes;
  }
}

/** The job's map, and the number of keys that is enough for a piece. */
interface SampledMap {
  readonly job: AnyJob;
  readonly params: Record<string, unknown>;
  readonly keysOfPiece: number;
}

/** Returns the keys of the records after each position. A file that cannot be cut is read from its start only. */
async function sampleFile(
  map: SampledMap,
  input: InputFile,
  positions: readonly number[],
  answer: (keys: readonly string[]) => void,
): Promise<void> {
  const format: InputFormat<unknown> = map.job.input ?? lines();
  const canCut = format.splittable && input.compression === undefined;
  for (const position of canCut ? positions : positions.slice(0, 1)) {
    const start = canCut ? boundaryIn(input, format, position) : 0;
    const cursor = format.open(input.file, start);
    const records = new RecordContexts(sampleContext(map.params));
    records.beginSlice(0, input.file, cursor);
    const pieces = canCut ? 1 : positions.length;
    const length = pieces * PIECE_BYTES;
    let read = 0;
    let wanted = pieces * map.keysOfPiece;
    for await (const block of readContent({
      ...input,
      start,
      end: canCut ? Math.min(input.sizeBytes, start + length) : input.sizeBytes,
    })) {
      cursor.feed(block);
      const keys = await sampleRecords(map.job, cursor, records, wanted);
      answer(keys);
      read += block.length;
      wanted -= keys.length;
      if (read >= length || wanted <= 0) break;
    }
  }
}

function boundaryIn(input: InputFile, format: InputFormat<unknown>, position: number): number {
  const fd = openUnchanged(input);
  try {
    return format.boundary(randomAccess(fd, input.sizeBytes), position);
  } finally {
    closeSync(fd);
  }
}

async function sampleRecords(
  job: AnyJob,
  cursor: RecordCursor<unknown>,
  records: RecordContexts,
  wanted: number,
): Promise<string[]> {
  const keys: string[] = [];
  const emit = emitting<unknown>((key) => {
    checkKey('map', key);
    keys.push(Buffer.from(key.toString()).toString('latin1', 0, MOST_KEY_BYTES));
  });
  const context: MapContext = records.contextOf(emit, true);
  while (keys.length < wanted && cursor.next()) {
    try {
      await emitMapResult(job.map(cursor.record, context), emit);
    } catch {
      continue;
    } finally {
      records.index++;
    }
  }
  return keys;
}

function sampleContext(params: Record<string, unknown>): TaskContext {
  const task = 'sample';
  return { runId: task, task, attempt: task, params: params as TaskContext['params'], count: () => {} };
}

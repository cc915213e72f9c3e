// Reads and writes a chunk as a file. The file is the msgpack map that a chunk is, with two more fields at its begin, at fixed
// positions: the length of the file, and the id of its run. So a wrong file is noticed before it is read.

import { pack } from 'msgpackr';

import { CorruptError } from '../../errors.ts';
import { openFile, type OpenFile, readPart, replaceFile } from '../../machine/regular-file.ts';
import { type Chunk, decodeChunk, encodeChunk, type Slice } from './chunk.ts';

/** The byte with which msgpackr begins an object: a map, whose number of fields follows. */
const MAP = 0xde;
const MAP_BYTES = 3;
/** A number of eight bytes, big-endian. */
const FLOAT64 = 0xcb;
const FLOAT64_BYTES = 9;

/** The names of the first two fields. */
const BYTES = Buffer.from(pack('bytes'));
const RUN = Buffer.from(pack('run'));
const SIZE_AT = MAP_BYTES + BYTES.length;
const RUN_AT = SIZE_AT + FLOAT64_BYTES + RUN.length;

/** Writes the chunk of a task of a run. @throws SystemError if the machine refuses */
export function writeChunkFile(path: string, run: string, task: number, slices: readonly Slice[]): void {
  const chunk = encodeChunk(task, slices);
  const runId = pack(run);
  const head = Buffer.alloc(RUN_AT + runId.length);
  head[0] = MAP;
  head.writeUInt16BE(chunk.readUInt16BE(1) + 2, 1);
  BYTES.copy(head, MAP_BYTES);
  head[SIZE_AT] = FLOAT64;
  head.writeDoubleBE(head.length + chunk.length - MAP_BYTES, SIZE_AT + 1);
  RUN.copy(head, SIZE_AT + FLOAT64_BYTES);
  runId.copy(head, RUN_AT);
  // It is not synced, since it can be made again.
  replaceFile(path, [head, chunk.subarray(MAP_BYTES)]);
}

/**
 * Reads a chunk file, and checks that it is of the expected task and run, if these are given.
 * @throws CorruptError if the file is not a chunk file, or is damaged; SystemError if the machine refuses to read it
 */
export function readChunkFile(path: string, expected: { readonly run?: string; readonly task?: number } = {}): Chunk {
  const damaged = (found: string): CorruptError =>
    new CorruptError(`${path}: expected a whole chunk file, ${found}`, { path });
  const file = openFile(path);
  if (file === undefined) throw damaged('found none');
  if ('damage' in file) throw damaged(file.damage);
  using open = file;
  const size = sizeIn(open, path);
  if (size === undefined) throw damaged('found something else');
  if (size !== open.sizeBytes) throw damaged(`found ${open.sizeBytes} bytes instead of ${size}`);
  const bytes = readPart(open, path, 0, size);
  if (expected.run !== undefined && !isOfRun(bytes, expected.run)) throw damaged('found one of another run');
  const chunk = decodeChunk(bytes, path);
  if (chunk.task !== (expected.task ?? chunk.task)) throw damaged(`found that of map-${chunk.task}`);
  return chunk;
}

/** Whether an open file begins as a chunk file does. */
export function isChunkFile(file: OpenFile, path: string): boolean {
  return sizeIn(file, path) !== undefined;
}

/** The length in bytes that the file itself states; undefined if it is not a chunk file. */
function sizeIn(file: OpenFile, path: string): number | undefined {
  const head = readPart(file, path, 0, RUN_AT);
  const isChunk = head.length === RUN_AT && head[0] === MAP && head[SIZE_AT] === FLOAT64;
  const isNamed = head.subarray(MAP_BYTES, SIZE_AT).equals(BYTES) && head.subarray(-RUN.length).equals(RUN);
  return isChunk && isNamed ? head.readDoubleBE(SIZE_AT + 1) : undefined;
}

function isOfRun(bytes: Buffer, run: string): boolean {
  const expected = pack(run);
  return bytes.subarray(RUN_AT, RUN_AT + expected.length).equals(expected);
}

// Turns the binary files of a run, chunks and sorted files, into readable text.

import { StringDecoder } from 'node:string_decoder';

import { UsageError } from '../errors.ts';
import { isChunkFile, readChunkFile } from '../formats/chunk/chunk-file.ts';
import { readContent } from '../formats/compressed/decompress.ts';
import { MAGIC } from '../shuffle/file/sorted-file-format.ts';
import { SortedFileReader } from '../shuffle/file/sorted-file-reader.ts';
import { openFile, readPart } from '../machine/regular-file.ts';

/**
 * The text of a chunk or of a sorted file, piece by piece.
 * @throws UsageError if the file is neither, or cannot be read; CorruptError if it is damaged
 */
export async function* inspectFile(path: string): AsyncGenerator<string> {
  const kind = kindOf(path);
  if (kind === 'sorted file') yield* inspectSortedFile(path);
  else if (kind === 'chunk') yield* inspectChunk(path);
  else throw new UsageError(`show ${path}: expected a chunk or a sorted file, found another kind of file`);
}

function kindOf(path: string): 'sorted file' | 'chunk' | undefined {
  const file = openFile(path);
  if (file === undefined || 'damage' in file) {
    const found = file?.damage ?? 'found ENOENT';
    throw new UsageError(`show ${path}: expected a chunk or a sorted file, ${found}`);
  }
  using open = file;
  if (readPart(open, path, 0, MAGIC.length).equals(MAGIC)) return 'sorted file';
  return isChunkFile(open, path) ? 'chunk' : undefined;
}

async function* inspectChunk(path: string): AsyncGenerator<string> {
  const { task, slices } = readChunkFile(path);
  const total = slices.reduce((sum, { start, end }) => sum + end - start, 0);
  yield `chunk ${task}: ${slices.length} slices, ${total} bytes\n`;
  for (const slice of slices) {
    yield `--- ${slice.file}, bytes ${slice.start} to ${slice.end}${slice.bytes === undefined ? ' (by reference)' : ''}\n`;
    const decoder = new StringDecoder('utf8');
    let last = '';
    for await (const block of readContent(slice)) yield (last = decoder.write(block));
    yield last.endsWith('\n') ? '' : `${decoder.end()}\n`;
  }
}

function* inspectSortedFile(path: string): Generator<string> {
  using file = new SortedFileReader(path);
  const pairs = file.segments.reduce((sum, segment) => sum + segment.pairs, 0);
  yield `sorted file: ${file.segments.length} partitions, ${pairs} pairs\n`;
  for (const [partition, segment] of file.segments.entries()) {
    yield `--- partition ${partition}: ${segment.pairs} pairs, ${segment.bytes} bytes\n`;
    for (const [key, value] of file.pairs(partition)) yield lineOf(key.toString(), value);
  }
}

function lineOf(key: string, value: unknown): string {
  try {
    return `${key}\t${JSON.stringify(value, bigintText)}\n`;
  } catch (error) {
    // With its escapes it is longer than a text can be.
    if (!(error instanceof RangeError)) throw error;
    return `${key}\t(too long to be shown)\n`;
  }
}

function bigintText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}

// Cuts the inputs into exactly N chunks, balanced by bytes, on record boundaries and in input order.

import { closeSync } from 'node:fs';

import { codeOf, JobError, messageOf } from '../../errors.ts';
import { openUnchanged } from '../../formats/chunk/unchanged-input.ts';
import { randomAccess } from '../../formats/random-access.ts';
import type { Slice } from '../../formats/chunk/chunk.ts';
import type { InputFormat } from '../../formats/format.ts';
import { type InputFile, totalBytes } from './inputs.ts';

/** `copy`: chunks contain their bytes. `reference`: they name ranges of the inputs, and nothing is copied. */
export type ChunkMode = 'copy' | 'reference';

/** Inputs of up to this total size are copied into their chunks. */
export const COPY_LIMIT_BYTES = 64 * 1024 * 1024;

/** Plans the slices of each of `count` chunks. If there are fewer records than chunks, some chunks are empty. */
export function planChunks(inputs: readonly InputFile[], format: InputFormat<unknown>, count: number): Slice[][] {
  return format.splittable ? cutByBytes(inputs, format, count) : groupFiles(inputs, count);
}

function cutByBytes(inputs: readonly InputFile[], format: InputFormat<unknown>, count: number): Slice[][] {
  const total = totalBytes(inputs);
  const chunks: Slice[][] = Array.from({ length: count }, () => []);
  let before = 0;
  let chunk = 0;
  for (const input of inputs) {
    let start = 0;
    while (start < input.sizeBytes) {
      // A chunk ends at its share of all bytes, moved on to the end of a record. The last one takes the rest.
      const share = Math.floor((total * (chunk + 1)) / count) - before;
      const isLast = chunk === count - 1;
      if (isLast || share > start) {
        const isWhole = isLast || share >= input.sizeBytes || input.compression !== undefined;
        const end = isWhole ? input.sizeBytes : boundary(input, format, share);
        chunks[chunk]!.push(sliceOf(input, start, end));
        start = end;
      }
      if (!isLast && share <= start) chunk++;
    }
    before += input.sizeBytes;
  }
  return chunks;
}

function boundary(input: InputFile, format: InputFormat<unknown>, position: number): number {
  const fd = openUnchanged(input);
  let end: number;
  try {
    end = format.boundary(randomAccess(fd, input.sizeBytes), position);
  } catch (error) {
    // A file that cannot be read is not the fault of the job's format.
    if (codeOf(error) !== undefined) throw error;
    const stack = error instanceof Error ? `\n${error.stack}` : '';
    throw new JobError(`${asked(input, format, position)} threw: ${messageOf(error)}${stack}`, { cause: error });
  } finally {
    closeSync(fd);
  }
  if (Number.isSafeInteger(end) && end >= position && end <= input.sizeBytes) return end;
  throw new JobError(
    `${asked(input, format, position)}: expected a byte from there on to the end at ${input.sizeBytes}, found ${String(end)}`,
  );
}

function asked({ file }: InputFile, { name }: InputFormat<unknown>, position: number): string {
  return `the boundary of format ${name}, asked for ${file} from byte ${position} on`;
}

/** Groups whole files into contiguous chunks, such that the largest is as small as possible (binary search over its size). */
function groupFiles(inputs: readonly InputFile[], count: number): Slice[][] {
  const sizes = inputs.map(({ sizeBytes }) => sizeBytes);
  let low = sizes.reduce((largest, size) => Math.max(largest, size), 0);
  let high = sizes.reduce((bytes, size) => bytes + size, 0);
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (groupsWithin(sizes, middle).length <= count) high = middle;
    else low = middle + 1;
  }
  const groups = inputs.length <= count ? inputs.map((_, index) => [index]) : groupsWithin(sizes, low);
  return Array.from({ length: count }, (_, chunk) =>
    (groups[chunk] ?? []).flatMap((index) => {
      const input = inputs[index]!;
      return input.sizeBytes === 0 ? [] : [sliceOf(input, 0, input.sizeBytes)];
    }),
  );
}

/** Groups consecutive files, by their numbers, so that no group exceeds `limit` bytes. */
function groupsWithin(sizes: readonly number[], limit: number): number[][] {
  const groups: number[][] = [];
  let bytes = Infinity;
  for (const [index, size] of sizes.entries()) {
    if (bytes + size > limit) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(index);
    bytes += size;
  }
  return groups;
}

function sliceOf({ file, path, sizeBytes, mtimeMs, compression }: InputFile, start: number, end: number): Slice {
  const range = { file, path, start, end, sizeBytes, mtimeMs };
  return compression === undefined ? range : { ...range, compression };
}

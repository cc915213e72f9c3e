// Writes the chunk files of a run, checks them when another driver resumes it, and writes damaged ones again. Their content
// follows from the inputs, which must not have changed.

import { BLOCK_BYTES, readBlocks } from '../../formats/chunk/slice-blocks.ts';
import type { Slice } from '../../formats/chunk/chunk.ts';
import { readChunkFile, writeChunkFile } from '../../formats/chunk/chunk-file.ts';
import type { Workspace } from '../../workspace/paths.ts';
import type { ChunkMode } from './chunker.ts';

export class ChunkFiles {
  readonly #workspace: Workspace;
  readonly #chunks: readonly (readonly Slice[])[];
  readonly #mode: ChunkMode;
  readonly #runId: string;

  constructor(workspace: Workspace, chunks: readonly (readonly Slice[])[], mode: ChunkMode, runId: string) {
    this.#runId = runId;
    this.#workspace = workspace;
    this.#chunks = chunks;
    this.#mode = mode;
  }

  /** The number of input bytes in each chunk. */
  get bytes(): number[] {
    return this.#chunks.map(sizeOf);
  }

  /** @throws InputError if an input has changed; SystemError if the disk is full */
  writeAll(): void {
    // All chunks use the same memory, one after another: the garbage of many big buffers would pile up.
    const memory = Buffer.allocUnsafeSlow(this.#mode === 'copy' ? Math.max(0, ...this.bytes) : 0);
    for (const chunk of this.#chunks.keys()) this.write(chunk, memory);
  }

  /** Writes the chunks again that are missing, damaged, or not as planned. */
  repair(): void {
    for (const chunk of this.#chunks.keys()) if (!this.#isWhole(chunk)) this.write(chunk);
  }

  write(chunk: number, memory?: Buffer): void {
    const slices = this.#chunks[chunk]!;
    const carried = this.#mode === 'copy' ? withBytes(slices, memory) : slices;
    writeChunkFile(this.#workspace.chunk(chunk), this.#runId, chunk, carried);
  }

  #isWhole(chunk: number): boolean {
    try {
      const { slices } = readChunkFile(this.#workspace.chunk(chunk), { run: this.#runId, task: chunk });
      const planned = this.#chunks[chunk]!;
      return slices.length === planned.length && slices.every((slice, index) => isPlanned(slice, planned[index]!));
    } catch {
      return false;
    }
  }
}

/** Whether a slice is as planned: with its bytes or without, depending on the options of an earlier driver. */
function isPlanned({ bytes, ...slice }: Slice, planned: Slice): boolean {
  const hasAll = bytes === undefined || bytes.length === slice.end - slice.start;
  return hasAll && sortedText(slice) === sortedText(planned);
}

function sortedText(slice: Slice): string {
  return JSON.stringify(Object.entries(slice).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function sizeOf(slices: readonly Slice[]): number {
  return slices.reduce((bytes, { start, end }) => bytes + end - start, 0);
}

/** Reads the bytes of the slices into `memory`. */
function withBytes(slices: readonly Slice[], memory: Buffer = Buffer.allocUnsafeSlow(sizeOf(slices))): Slice[] {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  return slices.map((slice) => {
    const start = used;
    for (const bytes of readBlocks(slice, block)) used += bytes.copy(memory, used);
    return { ...slice, bytes: memory.subarray(start, used) };
  });
}

// The chunk files of a run: written at its begin, looked at when another driver goes on, and written again where one is
// damaged. What is in them follows from the inputs, which must not have changed.

import { readFileSync, writeFileSync } from 'node:fs';

import { BLOCK_BYTES, readBlocks } from '../formats/blocks.ts';
import { decodeChunk, encodeChunk, type Slice } from '../formats/chunk.ts';
import { refusedWrite } from '../refused-write.ts';
import type { Workspace } from '../workspace.ts';
import type { ChunkMode } from './chunker.ts';

export class ChunkFiles {
  readonly #workspace: Workspace;
  readonly #chunks: readonly (readonly Slice[])[];
  readonly #mode: ChunkMode;

  constructor(workspace: Workspace, chunks: readonly (readonly Slice[])[], mode: ChunkMode) {
    this.#workspace = workspace;
    this.#chunks = chunks;
    this.#mode = mode;
  }

  /** How many bytes of input each chunk has. */
  get bytes(): number[] {
    return this.#chunks.map(sizeOf);
  }

  /** @throws InputError where an input has changed; SystemError where the disk is full */
  writeAll(): void {
    // One memory for the bytes of all chunks, one after another: what is left of many big ones would pile up.
    const memory = Buffer.allocUnsafeSlow(this.#mode === 'copy' ? Math.max(0, ...this.bytes) : 0);
    for (const chunk of this.#chunks.keys()) this.write(chunk, memory);
  }

  /** Writes those again that are missing or damaged. */
  repair(): void {
    for (const chunk of this.#chunks.keys()) if (!this.#isWhole(chunk)) this.write(chunk);
  }

  write(chunk: number, memory?: Buffer): void {
    const slices = this.#chunks[chunk]!;
    const path = this.#workspace.chunk(chunk);
    const bytes = encodeChunk(chunk, this.#mode === 'copy' ? withBytes(slices, memory) : slices);
    try {
      writeFileSync(path, bytes);
    } catch (error) {
      throw refusedWrite(error, path, bytes.length);
    }
  }

  #isWhole(chunk: number): boolean {
    const path = this.#workspace.chunk(chunk);
    try {
      return decodeChunk(readFileSync(path), path).task === chunk;
    } catch {
      return false;
    }
  }
}

function sizeOf(slices: readonly Slice[]): number {
  return slices.reduce((bytes, { start, end }) => bytes + end - start, 0);
}

/** The slices with their bytes, which are in `memory`. */
function withBytes(slices: readonly Slice[], memory: Buffer = Buffer.allocUnsafeSlow(sizeOf(slices))): Slice[] {
  const block = Buffer.allocUnsafe(BLOCK_BYTES);
  let used = 0;
  return slices.map((slice) => {
    const start = used;
    for (const bytes of readBlocks(slice, block)) used += bytes.copy(memory, used);
    return { ...slice, bytes: memory.subarray(start, used) };
  });
}

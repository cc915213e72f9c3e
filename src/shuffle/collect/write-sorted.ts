// Sorts the pairs in the kernel's memory and writes them as the blocks of a sorted file.

import type { Kernel } from '../../kernel/kernel.ts';
import type { PairValues } from './pair-values.ts';
import { sortByHash, sortByRange } from './sort-by-partition.ts';
import type { Partitioning } from '../partition.ts';
import { BLOCK_KEY_BYTES, BLOCK_PAIRS, BLOCK_VALUE_BYTES, ValueKind } from '../file/sorted-file-format.ts';
import type { SortedFileWriter } from '../file/sorted-file-writer.ts';
import { valueBytes } from '../value-size.ts';

/** What the kernel puts into a block beside the keys; see `gather`. */
const GATHERED = {
  [ValueKind.packed]: 0,
  [ValueKind.none]: 0,
  [ValueKind.float64]: 1,
  [ValueKind.text]: 2,
} as const;

/** The phases of writing a buffer. */
export type SortPhase = 'sort' | 'write';

export interface SortWatch {
  /** Called at the begin of each phase. */
  readonly onPhase?: ((phase: SortPhase) => void) | undefined;
  /** Called after each partition that is sorted and each block that is written. */
  readonly onStep?: (() => void) | undefined;
}

export interface Target {
  readonly partitioning: Partitioning;
  readonly writer: SortedFileWriter;
  readonly watch: SortWatch;
}

/** Writes a segment for each partition. */
export function writeSorted(kernel: Kernel, values: PairValues, { partitioning, writer, watch }: Target): void {
  const { exports } = kernel;
  kernel.onSorting = watch.onStep ?? (() => {});
  const count = exports.pairCount();
  const isRange = partitioning.firstKeys !== undefined;
  const starts = isRange
    ? sortByRange(kernel, partitioning.firstKeys)
    : sortByHash(kernel, partitioning.count, watch.onStep);
  const order = new Uint32Array(kernel.bytes.buffer, exports.order.value, count);
  watch.onPhase?.('write');
  for (let partition = 0; partition < partitioning.count; partition++) {
    const to = starts[partition + 1] ?? count;
    for (let at = starts[partition]!; at < to;) {
      at += writeBlock(kernel, values, order, at, to, writer);
      watch.onStep?.();
    }
    writer.endPartition();
  }
}

/** Writes pairs from `order[at]` on as one block. Returns their number. */
function writeBlock(
  kernel: Kernel,
  values: PairValues,
  order: Uint32Array,
  at: number,
  to: number,
  writer: SortedFileWriter,
): number {
  const { exports, bytes } = kernel;
  const out = exports.OUT.value;
  const kind = values.kind ?? ValueKind.none;
  const most = kind === ValueKind.packed ? pairsOfBlock(values, order, at, to) : BLOCK_PAIRS;
  const pairs = exports.gather(at, to, out, most, BLOCK_KEY_BYTES, GATHERED[kind]);
  if (pairs === 0) {
    // A key or a text that is longer than a block gets a block to itself.
    const pair = order[at]!;
    writer.add(bytes, exports.startOf(pair), exports.endOf(pair), values.at(pair));
    return 1;
  }
  const payload = [bytes.subarray(out, out + exports.gatheredBytes())];
  if (kind === ValueKind.packed) {
    writer.addBlock(
      pairs,
      kind,
      payload,
      Array.from(order.subarray(at, at + pairs), (pair) => values.at(pair)),
    );
  } else {
    writer.addBlock(pairs, kind, payload);
  }
  return pairs;
}

/** How many pairs from `order[at]` on, and before `to`, have values that fit one block. */
function pairsOfBlock(values: PairValues, order: Uint32Array, at: number, to: number): number {
  let pairs = 0;
  const most = Math.min(BLOCK_PAIRS, to - at);
  for (let bytes = 0; pairs < most && bytes <= BLOCK_VALUE_BYTES; pairs++)
    bytes += valueBytes(values.at(order[at + pairs]!));
  return pairs;
}

// Writes merged blocks as lines of output if nothing is left to reduce.

import type { Kernel } from '../kernel/kernel.ts';
import type { MergeWindows } from '../shuffle/merge/merge-windows.ts';
import { ValueKind } from '../shuffle/file/sorted-file-format.ts';
import { addResult } from './add-result.ts';
import type { OutputFile } from './output-file.ts';

/** Writes one line per pair of the current block of `merge`. The kernel writes lines of bare keys and of integers only. */
export function writeBlockLines(merge: MergeWindows, kernel: Kernel, output: OutputFile): void {
  for (let pair = 0; pair < merge.pairs; pair++) {
    if (merge.kind !== ValueKind.packed && merge.keys === kernel.bytes)
      pair = writeKernelLines(merge, pair, kernel, output);
    if (pair < merge.pairs) writeLine(merge, pair, output);
  }
}

/** Writes lines, beginning at `pair`. Returns the first pair whose line the kernel cannot write. */
function writeKernelLines({ pairs, kind }: MergeWindows, pair: number, kernel: Kernel, output: OutputFile): number {
  const { exports, bytes } = kernel;
  const out = exports.OUT.value;
  const stopped = exports.writeLines(pair, out, out + exports.OUT_BYTES.value, kind === ValueKind.float64);
  output.addLines(bytes.subarray(out, exports.writtenTo()), Math.min(stopped, pairs) - pair);
  return stopped;
}

function writeLine(merge: MergeWindows, pair: number, output: OutputFile): void {
  const { keys, keysStart, ends, kind, numbers, values } = merge;
  const start = keysStart + (pair === 0 ? 0 : ends[pair - 1]!);
  const end = keysStart + ends[pair]!;
  if (kind === ValueKind.float64) output.addNumber(keys, start, end, numbers[pair]!);
  else addResult(output, keys.toString('utf8', start, end), kind === ValueKind.none ? null : values[pair]);
}

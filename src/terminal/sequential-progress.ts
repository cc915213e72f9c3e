// Reports the progress of a sequential run, which may take long in its one process: one line every 10 s.

import type { SequentialOptions } from '../engine/sequential-run.ts';
import { bytesText, countText, durationText, plural } from '../view/numbers.ts';

const EVERY_MS = 10_000;

export function sequentialProgress(
  print: (line: string) => void,
  now: () => number = () => performance.now(),
): NonNullable<SequentialOptions['onProgress']> {
  const startMs = now();
  let printedMs = startMs;
  return (progress) => {
    const nowMs = now();
    if (nowMs - printedMs < EVERY_MS) return;
    printedMs = nowMs;
    const progressText =
      'readBytes' in progress
        ? `${bytesText(progress.readBytes)} read`
        : `${countText(progress.keys)} of ${plural(progress.allKeys, 'key')} reduced`;
    const pass = progress.pass === 1 ? '' : `pass ${progress.pass}, for keys that memory had no room for: `;
    print(`sequential run: ${pass}${progressText} after ${durationText(nowMs - startMs)}`);
  };
}

// A sequential run takes as long as one process does: every 10 s a line says how far it is.

import type { SequentialOptions } from '../engine/sequential-run.ts';
import { bytesText, countText, durationText, plural } from '../view/numbers.ts';

const EVERY_MS = 10_000;

export function sequentialProgress(
  say: (line: string) => void,
  now: () => number = () => performance.now(),
): NonNullable<SequentialOptions['onProgress']> {
  const startMs = now();
  let toldMs = startMs;
  return (progress) => {
    const nowMs = now();
    if (nowMs - toldMs < EVERY_MS) return;
    toldMs = nowMs;
    const what =
      'readBytes' in progress
        ? `${bytesText(progress.readBytes)} read`
        : `${countText(progress.keys)} of ${plural(progress.allKeys, 'key')} reduced`;
    const pass = progress.pass === 1 ? '' : `pass ${progress.pass}, for keys that memory had no room for: `;
    say(`sequential run: ${pass}${what} after ${durationText(nowMs - startMs)}`);
  };
}

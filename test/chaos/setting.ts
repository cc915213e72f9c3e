// What a round runs: inputs, a job and its flags, where the state lies, and how many faults come over it.

import { fileURLToPath } from 'node:url';

import { bytesText, plural } from '../../src/status/words.ts';
import type { Draws } from './draws.ts';

const SLOW_INDEX = fileURLToPath(new URL('jobs/slow-index.ts', import.meta.url));
const VOCABULARY = 400;

export interface Setting {
  readonly texts: Readonly<Record<string, string>>;
  /** Which job, as `run` and `sequential` take it. */
  readonly job: readonly string[];
  /** The flags of `run`. */
  readonly flags: readonly string[];
  /** How many workers the `workers` command starts before; 0: the driver starts its own. */
  readonly standing: number;
  /** How the disk gets full: the state is on a small one, or one driver may not write bigger files than this. */
  readonly disk: { readonly smallBytes: number } | { readonly fileLimitKiB: number } | undefined;
  readonly faultCount: number;
  /** How long a driver is left alone at first: some faults are for the reduce phase. */
  readonly calmMs: number;
  /** How long it is quiet between two faults, at most. */
  readonly quietMs: number;
  /** The setting in words. */
  readonly says: string;
}

export function drawSetting(draws: Draws, mayMount: boolean): Setting {
  const isIndex = draws.isIn(0.6);
  const texts = drawTexts(draws, isIndex ? draws.between(2000, 6000) : draws.between(20_000, 60_000));
  const [maps, reduces, workers] = [draws.between(3, 12), draws.between(1, 6), draws.between(2, 3)];
  const standing = draws.isIn(0.3) ? draws.between(1, 2) : 0;
  const isFull = draws.isIn(0.25);
  const size = Object.values(texts).reduce((bytes, { length }) => bytes + length, 0);
  const fileLimitKiB = Math.ceil(size / 1024 / draws.between(2, 12));
  return {
    texts,
    job: isIndex ? ['--job', SLOW_INDEX, '--param', `pause=${draws.between(10, 40)}`] : ['--job', 'word-count'],
    flags: [
      '-N',
      String(maps),
      '-M',
      String(reduces),
      '--task-silence',
      '2',
      ...(standing === 0 ? ['-W', String(workers)] : []),
      ...(draws.isIn(0.5) ? ['--chunks', 'reference'] : []),
      ...(draws.isIn(0.4) ? ['--map-buffer', '64KiB', '--merge-fan-in', '2'] : []),
      ...(draws.isIn(0.3) ? ['--compress-runs'] : []),
    ],
    standing,
    disk: isFull ? (mayMount && draws.isIn(0.6) ? { smallBytes: 64 << 20 } : { fileLimitKiB }) : undefined,
    faultCount: draws.between(3, 10),
    calmMs: isIndex && draws.isIn(0.4) ? draws.between(1000, 3500) : 0,
    quietMs: isIndex ? 1400 : 250,
    says:
      `${isIndex ? 'slow-index' : 'word-count'} over ${bytesText(size)}, ${maps} + ${reduces} tasks, ` +
      `${standing === 0 ? plural(workers, 'worker') : plural(standing, 'standing worker')}${isFull ? ', a small disk' : ''}`,
  };
}

function drawTexts(draws: Draws, lineCount: number): Record<string, string> {
  const texts: Record<string, string> = {};
  const fileCount = draws.between(1, 4);
  for (let file = 0; file < fileCount; file++) {
    const lines = Array.from({ length: Math.ceil(lineCount / fileCount) }, () => drawLine(draws));
    texts[`text-${file}.txt`] = `${lines.join('\n')}\n`;
  }
  return texts;
}

/** Words of which the first ones come far more often than the last ones. */
function drawLine(draws: Draws): string {
  const words = Array.from(
    { length: draws.between(0, 12) },
    () => `w${draws.between(0, draws.between(0, VOCABULARY))}`,
  );
  return words.join(' ');
}

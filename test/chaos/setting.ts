// Draws the setting of a round: inputs, a job and its flags, and the places of state and results.

import { bytesText, plural } from '../../src/view/numbers.ts';
import type { Draws } from './draws.ts';
import type { Texts } from './inputs.ts';

const JOBS = ['word-count', 'slow-index', 'slow-index', 'slow-sort'] as const;
export type JobName = (typeof JOBS)[number];
const VOCABULARY = 400;

export interface Setting {
  readonly texts: Texts;
  readonly job: JobName;
  /** The flags of `run`, including the job. */
  readonly args: readonly string[];
  /** The number of workers that the `workers` command starts before the run; 0: the driver starts its own. */
  readonly standing: number;
  /** Whether one more worker joins every driver. */
  readonly hasJoining: boolean;
  /** The folder for `--output`, if it is used. */
  readonly output: string | undefined;
  /** Whether there are results of an earlier run. */
  readonly hasEarlier: boolean;
  /** The size of the disk for the state, if it is a small one. */
  readonly diskBytes: number | undefined;
  /** The time before the first fault: some faults are meant for the reduce phase. */
  readonly calmMs: number;
  /** The maximum time between two faults. */
  readonly quietMs: number;
  /** The setting in words. */
  readonly says: string;
}

export function drawSetting(draws: Draws, mayMount: boolean): Setting {
  const job = draws.oneOf(JOBS)!;
  const isSlow = job !== 'word-count';
  const texts = drawTexts(draws, isSlow ? draws.between(1000, 4000) : draws.between(20_000, 60_000));
  const [maps, workers] = [draws.between(3, 12), draws.between(2, 3)];
  const reduces = draws.isIn(0.15) ? draws.between(11, 13) : draws.between(1, 6);
  const standing = draws.isIn(0.3) ? draws.between(1, 2) : 0;
  const hasJoining = draws.isIn(0.2);
  const output = draws.isIn(0.3) ? 'results' : undefined;
  const diskBytes = draws.isIn(0.15) && mayMount ? 64 << 20 : undefined;
  const size = Object.values(texts).reduce((bytes, { length }) => bytes + length, 0);
  return {
    texts,
    job,
    args: [
      '-N',
      String(maps),
      '-M',
      String(reduces),
      '--task-silence',
      '2',
      '--task-timeout',
      '3',
      ...(standing === 0 ? ['-W', String(workers)] : []),
      ...(output === undefined ? [] : ['--output', output]),
      ...(draws.isIn(0.5) ? ['--chunks', 'reference'] : []),
      ...(draws.isIn(0.4) ? ['--map-buffer', '64KiB', '--merge-fan-in', '2'] : []),
      ...(draws.isIn(0.3) ? ['--compress-map-output'] : []),
      ...(isSlow ? ['--job', `./${job}.ts`, '--param', `pause=${draws.between(10, 30)}`] : ['--job', job]),
    ],
    standing,
    hasJoining,
    output,
    hasEarlier: draws.isIn(0.5),
    diskBytes,
    calmMs: isSlow && draws.isIn(0.4) ? draws.between(500, 2000) : 0,
    quietMs: isSlow ? 600 : 250,
    says: [
      `${job} over ${bytesText(size)}`,
      `${maps} + ${reduces} tasks`,
      standing === 0 ? plural(workers, 'worker') : plural(standing, 'waiting worker'),
      ...(hasJoining ? ['one joining worker'] : []),
      ...(output === undefined ? [] : ['results elsewhere']),
      ...(diskBytes === undefined ? [] : ['a small disk']),
    ].join(', '),
  };
}

function drawTexts(draws: Draws, lineCount: number): Texts {
  const texts: Record<string, string> = {};
  const fileCount = draws.between(1, 4);
  for (let file = 0; file < fileCount; file++) {
    const lines = Array.from({ length: Math.ceil(lineCount / fileCount) }, () => drawLine(draws));
    texts[`texts/${file}.txt`] = `${lines.join('\n')}\n`;
  }
  return texts;
}

/** Words, of which the first ones are far more frequent than the last ones. */
export function drawLine(draws: Draws): string {
  const words = Array.from(
    { length: draws.between(0, 12) },
    () => `w${draws.between(0, draws.between(0, VOCABULARY))}`,
  );
  return words.join(' ');
}

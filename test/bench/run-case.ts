// Runs a case: its contestants in turn, round after round. Each output is compared with the expected one before its time counts.

import { createReadStream, statSync } from 'node:fs';

import { secondsText } from '../../src/view/numbers.ts';
import type { Bench, BenchCase, Contestant, Measured } from './case.ts';
import { differenceOf, digestOf } from './measure/digest.ts';
import type { Peaks } from './measure/peak-memory.ts';

export interface RoundOptions {
  readonly rounds: number;
  /** Only contestants whose names contain one of these take part; all if the list is empty. */
  readonly only: readonly string[];
  readonly say: (line: string) => void;
}

/** The measurements of a contestant, round by round. */
interface Gathered {
  readonly times: (number | undefined)[];
  readonly failures: string[];
  peaks: Peaks | undefined;
}

export async function runCase(benchCase: BenchCase, bench: Bench, options: RoundOptions): Promise<Measured[]> {
  const { only, say } = options;
  const contestants = benchCase
    .contestants(bench)
    .filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  const present = contestants.filter(({ skipped }) => skipped === undefined);
  for (const { name, skipped } of contestants) if (skipped !== undefined) say(`${name}: skipped, ${skipped}`);
  const gathered = new Map<Contestant, Gathered>(
    contestants.map((contestant) => [contestant, { times: [], failures: [], peaks: undefined }]),
  );
  await warm(present);
  try {
    const rounds = Math.max(options.rounds, benchCase.leastRounds ?? 0);
    for (let round = 1; round <= rounds; round++) {
      for (const contestant of present) {
        const into = gathered.get(contestant)!;
        await runOnce(contestant, bench, into);
        say(`round ${round} of ${rounds}, ${contestant.name}: ${resultText(into)}`);
      }
    }
  } finally {
    for (const { close } of present) await close?.();
  }
  return contestants.map((contestant) => {
    const { name, skipped, inputs = [] } = contestant;
    const inputBytes = inputs.reduce((sum, path) => sum + statSync(path).size, 0);
    const { times, failures, peaks } = gathered.get(contestant)!;
    return { name, skipped, inputBytes, times, failures, peaks };
  });
}

/** Reads every input once, so that all contestants find it in the page cache. */
async function warm(contestants: readonly Contestant[]): Promise<void> {
  for (const path of new Set(contestants.flatMap(({ inputs = [] }) => inputs))) {
    for await (const _ of createReadStream(path, { highWaterMark: 1 << 22 }));
  }
}

async function runOnce(contestant: Contestant, bench: Bench, into: Gathered): Promise<void> {
  try {
    const expected = await contestant.expected?.();
    const { wallMs, peaks } = await bench.inFolder(async (folder) => {
      const run = await contestant.run(folder);
      if (expected === undefined || run.output === undefined) return run;
      const difference = differenceOf(await digestOf(run.output), expected);
      if (difference !== undefined) throw new Error(difference);
      return run;
    });
    into.times.push(wallMs);
    into.peaks = largest(into.peaks, peaks);
  } catch (error) {
    into.times.push(undefined);
    into.failures.push(error instanceof Error ? error.message : String(error));
  }
}

function largest(before: Peaks | undefined, now: Peaks | undefined): Peaks | undefined {
  if (before === undefined || now === undefined) return before ?? now;
  return {
    firstMiB: Math.max(before.firstMiB, now.firstMiB),
    othersMiB: Math.max(before.othersMiB, now.othersMiB),
    processCount: Math.max(before.processCount, now.processCount),
  };
}

function resultText({ times, failures }: Gathered): string {
  const last = times.at(-1);
  return last === undefined ? `FAILED: ${failures.at(-1)}` : secondsText(last);
}

import { setTimeout as delay } from 'node:timers/promises';

import { defineJob, type MapContext } from 'http-mapreduce';

/** The attempt that has had its chance: an attempt dies or stalls at most once, at its first record or key. */
let drawn = '';

async function maybeCrash(attempt: string, params: { die: number; stall: number; ms: number }): Promise<void> {
  if (attempt === drawn) return;
  drawn = attempt;
  const draw = Math.random();
  if (draw < params.die) process.kill(process.pid, 'SIGKILL');
  else if (draw < params.die + params.stall) await delay(Math.random() * params.ms);
}

const params = { die: 1 / 3, stall: 1 / 3, ms: 1000 } as const;

export default defineJob({
  name: 'crash',
  description: 'counts the lines of each file, and dies or stalls at random: --param die=0.33 stall=0.33 ms=1000',
  params,
  async map(_line: string, { emit, file, attempt, params: given }: MapContext<number, typeof params>) {
    if (attempt !== drawn) await maybeCrash(attempt, given);
    emit(file, 1);
  },
  async reduce(_file, ones, { attempt, params: given }) {
    await maybeCrash(attempt, given);
    let count = 0;
    for (const one of ones) count += one;
    return count;
  },
});

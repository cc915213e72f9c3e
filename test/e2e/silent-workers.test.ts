// Tests a worker that is stopped and comes back: its attempt is lost, its answer is refused, and it is used again.

import { join } from 'node:path';

import { expect } from 'vitest';

import { HOLDING } from '../fixtures/paths.ts';
import { test } from '../fixtures/scratch.ts';
import { countWords, LIBRARY, library } from '../fixtures/texts.ts';

const EXPECTED = countWords(Object.values(LIBRARY));

test.for([true, false])(
  'a worker that is stopped and continued is used again (started before: %s)',
  async (isStanding, { scratch }) => {
    const texts = library(scratch);
    const workers = isStanding ? await scratch.workers(2) : undefined;
    const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
    const job = ['--no-backup', '--job', HOLDING, '--param', 'hold=map-1.1,map-1.2,map-2.1', ...gate];
    const driver = scratch.drive(['-N', '4', '-M', '2', '-W', '2', '--task-silence', '2', ...job, ...texts]);

    const [, pid] = await (workers ?? driver).line(/map-1\.1 waits in process (\d+)/);
    process.kill(Number(pid), 'SIGSTOP');
    const [, name] = await driver.line(
      /^(worker \d) lost: silent for 2 s; it had map-1\.1, which will be tried again$/,
    );
    process.kill(Number(pid), 'SIGCONT');
    // The attempt that it has begun ends well, but too late.
    scratch.write('gate/map-1.1', '');
    await driver.line(new RegExp(`^${name} \\(back\\) joined as worker 3`));
    for (const attempt of ['map-1.2', 'map-2.1']) scratch.write(`gate/${attempt}`, '');
    const { exitCode, stderr } = await driver.finished;

    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(
      new RegExp(`^${name} \\(back\\) ready at http://127\\.0\\.0\\.1:\\d+, process ${pid}$`, 'm'),
    );
    expect(scratch.output()).toBe(EXPECTED);
  },
);

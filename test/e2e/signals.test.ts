// Tests the effect of signals and of a closing terminal on a run: it ends in order, or continues if asked to.

import { join } from 'node:path';
import { platform } from 'node:os';

import { describe, expect } from 'vitest';

import { holdingAt, isHeld } from '../fixtures/killed-driver.ts';
import type { RunningCommand } from '../fixtures/running-command.ts';
import { MAPREDUCE, type Scratch, test } from '../fixtures/scratch.ts';
import { HAS_TERMINAL, startInTerminal } from '../fixtures/terminal.ts';
import { until } from '../fixtures/until.ts';

const RESULT = 'one\t1\nthree\t1\ntwo\t1\n';

/** Starts a run that is held at its first map task until `letGo` is called. */
function heldRun(scratch: Scratch): string[] {
  scratch.write('text.txt', 'one two\nthree\n');
  const gate = ['--param', `gate=${join(scratch.dir, 'gate')}`];
  return ['run', '--worker-port', String(scratch.port), '--no-backup', ...holdingAt('map-0.1', ['text.txt']), ...gate];
}

function letGo(scratch: Scratch): void {
  scratch.write('gate/map-0.1', '');
}

/** Starts a run from a shell, as a script does. */
function startInShell(scratch: Scratch, shell: string, script: string): RunningCommand {
  const command = [process.execPath, MAPREDUCE, ...heldRun(scratch)];
  return scratch.startProgram(shell, ['-c', script, shell, ...command], { leadsGroup: true, env: { _: '' } });
}

describe('SIGHUP', () => {
  test.for([
    ['started by nohup', 'bash', 'trap : HUP; nohup "$@"; exit $?'],
    ['of a script that ignores it', 'sh', 'trap "" HUP; "$@"; exit $?'],
  ] as const)('SIGHUP does not end a run %s, nor its workers', async ([, shell, script], { scratch, skip }) => {
    if (platform() !== 'linux' && shell === 'sh') skip('only Linux shows which signals a process ignores');
    const run = startInShell(scratch, shell, script);
    await isHeld(scratch, 'map-0.1', run);
    run.signalGroup('SIGHUP');
    letGo(scratch);

    const { exitCode, stderr } = await run.finished;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).not.toContain('lost');
    expect(scratch.output()).toBe(RESULT);
  });
});

describe.runIf(HAS_TERMINAL)('a closing terminal', () => {
  async function close(terminal: RunningCommand): Promise<void> {
    // A terminal disappears with its last reader, whatever runs in it.
    terminal.signal('SIGKILL');
    await terminal.finished;
  }

  test('a closing terminal ends the run in it in order, and the same command continues', async ({ scratch }) => {
    const args = heldRun(scratch);
    const terminal = startInTerminal(scratch, args);
    await isHeld(scratch, 'map-0.1', terminal);
    await close(terminal);
    await until('the run has ended', () => scratch.processes().length === 0);

    const { stdout } = await scratch.start(['history']).finished;
    expect(stdout).toContain('interrupted');
    letGo(scratch);
    const { exitCode, stderr } = await scratch.start(args).finished;
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/^continues run /m);
    expect(scratch.output()).toBe(RESULT);
  });

  test('a closing terminal does not end a run that nohup has started, and the output goes to a file', async ({
    scratch,
  }) => {
    const command = ['nohup', process.execPath, MAPREDUCE, ...heldRun(scratch)].map((word) => `'${word}'`).join(' ');
    const terminal = scratch.startProgram('script', ['--quiet', '--command', `exec ${command}`, '/dev/null'], {
      env: { _: '' },
    });
    const said = (): string => (scratch.files().includes('nohup.out') ? scratch.read('nohup.out') : '');
    await until('the run is held', () => said().includes('map-0.1 waits'));
    await close(terminal);
    letGo(scratch);
    await until('the run has ended', () => scratch.processes().length === 0);
    expect(said()).toMatch(/^done in /m);
    expect(scratch.output()).toBe(RESULT);
  });
});

test('SIGUSR1 does not open a debugger port, and SIGXFSZ does not end any process', async ({ scratch }) => {
  const driver = scratch.start(heldRun(scratch));
  const worker = await isHeld(scratch, 'map-0.1', driver);
  for (const name of ['SIGUSR1', 'SIGXFSZ'] as const) {
    driver.signal(name);
    process.kill(worker, name);
  }
  letGo(scratch);

  const { exitCode, stderr } = await driver.finished;
  expect(exitCode, stderr).toBe(0);
  expect(stderr).not.toMatch(/[Dd]ebugger|lost/);
  expect(scratch.output()).toBe(RESULT);
});

test.runIf(!HAS_TERMINAL)('closing terminals are not tested because `script` of util-linux is missing', () => {});

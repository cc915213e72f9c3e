// `mapreduce worker`: runs one worker in this process. With --join it joins a running driver, and later the next driver at the same
// URL. Without --join it waits for drivers to find it. Ctrl-C or SIGTERM ends it in order.

import { once } from 'node:events';
import { writeSync } from 'node:fs';

import { Command, InvalidArgumentError, Option } from 'commander';
import * as v from 'valibot';

import { refusedPort } from '../driver/crew/port-checks.ts';
import { stateDirectory } from '../driver/state/state-directory.ts';
import { givenToken, sharedToken } from '../driver/door/obtain-token.ts';
import { UsageError } from '../errors.ts';
import { LAST_PORT } from '../wire/address.ts';
import type { TokenSource } from '../wire/token-proof.ts';
import { WorkerName } from '../protocol.ts';
import { plural } from '../view/numbers.ts';
import { ListeningWorker } from '../worker/listening-worker.ts';
import type { Membership } from '../worker/membership.ts';
import { tokenSource } from '../worker/token-source.ts';
import { optionOf, parsePositiveInteger } from '../terminal/arguments/command-options.ts';
import { say } from '../terminal/stderr.ts';
import { onSignal } from '../terminal/signals.ts';
import { readableName } from '../worker/worker-name.ts';

interface Options {
  readonly join?: string;
  readonly name?: string;
  readonly workerPort: number;
  readonly dir: string;
  readonly failAfter?: number;
}

const STDERR = 2;

export function workerCommand(): Command {
  return new Command('worker')
    .description('start one worker that joins a running driver, or waits for one; Ctrl-C ends it after its task')
    .addOption(new Option('--join <url>', 'the driver to join, such as http://127.0.0.1:8000').argParser(driverUrl))
    .addOption(
      new Option('--name <name>', 'the name of the worker (default: such as brave-otter-42)').argParser(workerName),
    )
    .addOption(optionOf('workerPort', { help: 'its port; if it is taken, the next free one' }))
    .addOption(optionOf('dir'))
    .addOption(
      new Option('--fail-after <count>', 'die after this many tasks, to show what happens').argParser(
        parsePositiveInteger,
      ),
    )
    .action(work);
}

async function work({ join, name = readableName(), workerPort, dir, failAfter }: Options): Promise<void> {
  using interrupt = onSignal();
  const token = join === undefined ? ownToken(dir) : driversToken(dir);
  const worker = new ListeningWorker({ token, onTaskEnd: failAfter === undefined ? undefined : dieAfter(failAfter) });
  const membership = join === undefined ? undefined : await membershipAt(join, name, token, worker);

  await membership?.meet();
  const found = await listen(worker, workerPort);
  say(`worker ${name} ready on 127.0.0.1, port ${found}, process ${process.pid}; Ctrl-C ends it`);
  await membership?.join(found);
  worker.prepare();

  if (!interrupt.signal.aborted) await once(interrupt.signal, 'abort');
  say(worker.isBusy ? 'leaving after the current task; a second signal ends it at once' : 'leaving');
  const finish = (): Promise<void> => worker.finish();
  await (membership === undefined ? finish() : membership.leave(finish));
  say(`worker ${name} ended`);
}

/** Loads the code for talking to a driver only if there is one to join. */
async function membershipAt(
  driver: string,
  name: string,
  token: TokenSource,
  worker: ListeningWorker,
): Promise<Membership> {
  const { Membership } = await import('../worker/membership.ts');
  return new Membership({ driver, name, token, isBusy: () => worker.isBusy, say });
}

/** A worker that waits for drivers creates the token if it is missing, as drivers do. */
function ownToken(dir: string): TokenSource {
  sharedToken(stateDirectory(dir).token);
  return driversToken(dir);
}

/** Removes a token from the environment, where any job could print it. */
function driversToken(dir: string): TokenSource {
  const given = givenToken() ?? '';
  delete process.env['MAPREDUCE_TOKEN'];
  return tokenSource(given, stateDirectory(dir).token);
}

async function listen(worker: ListeningWorker, firstPort: number): Promise<number> {
  for (let port = firstPort; port <= LAST_PORT; port++) {
    try {
      if (await worker.listen(port)) return port;
    } catch (error) {
      throw refusedPort('--worker-port', port, error);
    }
  }
  throw new UsageError(`--worker-port ${firstPort}: expected a free port from this one on, found none`);
}

/** Ends the process like a power failure: it notifies nothing but the terminal. */
function dieAfter(count: number): () => void {
  let left = count;
  return () => {
    left--;
    if (left > 0) return;
    writeSync(STDERR, `--fail-after ${count}: exiting after ${plural(count, 'task')}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
}

function driverUrl(text: string): string {
  const url = URL.parse(text);
  const isPlain = url?.protocol === 'http:' && url.pathname === '/' && url.search === '' && url.hash === '';
  if (url !== null && isPlain && url.username === '' && url.password === '') return url.origin;
  throw new InvalidArgumentError(`Expected a URL such as http://127.0.0.1:8000, found ${JSON.stringify(text)}.`);
}

function workerName(text: string): string {
  if (v.is(WorkerName, text)) return text;
  throw new InvalidArgumentError(`Expected 1 to 40 letters, digits and -, found ${JSON.stringify(text)}.`);
}

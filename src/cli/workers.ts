// `mapreduce workers`: starts workers that wait for drivers, until Ctrl-C.

import { once } from 'node:events';
import { availableParallelism } from 'node:os';

import { Command } from 'commander';

import { startWorkers } from '../driver/crew/standing-workers.ts';
import { stateDirectory } from '../driver/state/state-directory.ts';
import { plural } from '../view/numbers.ts';
import { optionOf } from '../terminal/arguments/command-options.ts';
import { say } from '../terminal/stderr.ts';
import { onSignal } from '../terminal/signals.ts';

interface Options {
  readonly maps?: number;
  readonly reduces?: number;
  readonly workers?: number;
  readonly dir: string;
  readonly workerPort: number;
}

export function workersCommand(): Command {
  return new Command('workers')
    .description('start max(N, M) workers that wait for drivers; Ctrl-C ends them')
    .addOption(optionOf('maps', { help: 'N of later runs', defaultText: '0' }))
    .addOption(optionOf('reduces', { help: 'M of later runs', defaultText: '0' }))
    .addOption(optionOf('workers', { help: 'how many workers', defaultText: 'max(N, M), or the number of cores' }))
    .addOption(optionOf('dir'))
    .addOption(optionOf('workerPort'))
    .action(async ({ maps, reduces, workers, dir, workerPort }: Options) => {
      using interrupt = onSignal();
      const count = workers ?? (Math.max(maps ?? 0, reduces ?? 0) || availableParallelism());
      const standing = await startWorkers(stateDirectory(dir), count, workerPort, say);
      try {
        const ports = standing.ports;
        say(`${plural(ports.length, 'worker')} ready on 127.0.0.1, ${portsText(ports)}; Ctrl-C ends them`);
        if (!interrupt.signal.aborted) await Promise.race([once(interrupt.signal, 'abort'), standing.allLost]);
      } finally {
        await standing.close();
      }
      say('workers ended');
    });
}

function portsText(ports: readonly number[]): string {
  const [first, last] = [Math.min(...ports), Math.max(...ports)];
  const gapless = last - first + 1 === ports.length;
  return gapless && ports.length > 1 ? `ports ${first} to ${last}` : `port ${ports.join(', ')}`;
}

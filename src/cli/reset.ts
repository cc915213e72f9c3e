// `mapreduce reset`: removes the state of runs, and nothing else.

import { Command } from 'commander';

import { resetWorkspace } from '../driver/state/reset-state.ts';
import { stateDirectory } from '../driver/state/state-directory.ts';
import { optionOf } from '../terminal/arguments/command-options.ts';
import { print } from '../terminal/stdout.ts';

export function resetCommand(): Command {
  return new Command('reset')
    .description('remove what runs left in the state directory, and nothing else')
    .addOption(optionOf('dir'))
    .action(({ dir }: { dir: string }) => {
      resetWorkspace(stateDirectory(dir));
      print(`${dir} is clear of runs\n`);
    });
}

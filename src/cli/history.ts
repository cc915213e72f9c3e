// `mapreduce history`: lists the runs of a state directory. `mapreduce history RUN`: narrates one of them, in plain words.

import { Command } from 'commander';

import { stateDirectory } from '../driver/state/state-directory.ts';
import { UsageError } from '../errors.ts';
import { journalOf, journalsOf } from '../inspect/past-runs.ts';
import { retell, runLine } from '../view/past-run.ts';
import { printable } from '../view/printable.ts';
import { optionOf } from '../terminal/arguments/command-options.ts';
import { writeOut } from '../terminal/stdout.ts';
import { say } from '../terminal/stderr.ts';

export function historyCommand(): Command {
  return new Command('history')
    .description('list the runs of a state directory, or narrate one of them')
    .argument('[run]', 'the id of a run, or its first characters')
    .addOption(optionOf('dir'))
    .action((run: string | undefined, { dir }: { dir: string }) => writeOut(textOf(dir, run)));
}

function* textOf(dir: string, run: string | undefined): Generator<string> {
  const workspace = stateDirectory(dir);
  if (run === undefined) {
    const odd: string[] = [];
    const journals = journalsOf(workspace, (message) => odd.push(message));
    if (journals.length + odd.length === 0) say(`${dir} holds no runs`);
    for (const { runId, lines } of journals) yield `${printable(runLine(runId, lines))}\n`;
    // The other runs are listed all the same.
    if (odd.length > 0) throw new UsageError(odd.join('; '));
    return;
  }
  const { lines, isWhole } = journalOf(workspace, run);
  for (const line of retell(lines)) yield `${printable(line)}\n`;
  if (!isWhole) yield 'the end of this journal is torn or damaged: its last entries are missing here\n';
}

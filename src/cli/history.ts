// `mapreduce history`: lists the runs of a state directory. `mapreduce history RUN`: tells one again, in plain words.

import { Command } from 'commander';

import { journalOf, journalsOf } from '../runners/history.ts';
import { retell, runLine } from '../status/history.ts';
import { printable } from '../status/printable.ts';
import { workspaceAt } from '../workspace.ts';
import { dirOption } from './options.ts';
import { writeOut } from './output.ts';

export function historyCommand(): Command {
  return new Command('history')
    .description('list the runs of a state directory, or tell one of them again')
    .argument('[run]', 'the id of a run, or how it begins')
    .addOption(dirOption)
    .action((run: string | undefined, { dir }: { dir: string }) => writeOut(textOf(dir, run)));
}

function* textOf(dir: string, run: string | undefined): Generator<string> {
  const workspace = workspaceAt(dir);
  if (run === undefined) {
    for (const { runId, lines } of journalsOf(workspace)) yield `${printable(runLine(runId, lines))}\n`;
    return;
  }
  const { lines, isWhole } = journalOf(workspace, run);
  for (const line of retell(lines)) yield `${printable(line)}\n`;
  if (!isWhole) yield 'the end of this journal is torn or damaged: what it said is left out\n';
}

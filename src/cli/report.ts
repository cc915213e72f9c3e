// `mapreduce report [RUN]`: writes the report of a run again, from its journal, and prints its path.

import { spawn } from 'node:child_process';

import { Command, Option } from 'commander';

import { stateDirectory } from '../driver/state/state-directory.ts';
import { UsageError } from '../errors.ts';
import { journalOf } from '../inspect/past-runs.ts';
import { checkTracePath, writeReport, writeTrace } from '../files/report-file.ts';
import { runsInHistory } from '../workspace/run-history.ts';
import { optionOf } from '../terminal/arguments/command-options.ts';
import { print } from '../terminal/stdout.ts';

interface ReportOptions {
  readonly dir: string;
  readonly open?: boolean;
  readonly trace?: string;
}

export function reportCommand(): Command {
  return new Command('report')
    .description('write the report of a run again, from its journal: one file to open in a browser')
    .argument('[run]', 'the id of a run, or its first characters (default: the newest)')
    .addOption(optionOf('dir'))
    .addOption(new Option('--open', 'also open it in the browser'))
    .addOption(new Option('--trace <file>', 'also write the run as a Chrome trace, which Perfetto shows'))
    .action(report);
}

async function report(run: string | undefined, { dir, open, trace }: ReportOptions): Promise<void> {
  checkTracePath(trace);
  const workspace = stateDirectory(dir);
  const asked = run ?? runsInHistory(workspace).at(-1);
  if (asked === undefined)
    throw new UsageError(`report: expected a run in ${dir}, found none; mapreduce run leaves one`);
  const { runId, lines } = journalOf(workspace, asked);
  const path = workspace.report(runId);
  writeReport(path, [Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n'))]);
  if (trace !== undefined) await writeTrace(trace, lines);
  print(`${path}\n`);
  if (open === true) openInBrowser(path);
}

function openInBrowser(path: string): void {
  const command = process.platform === 'darwin' ? 'open' : 'xdg-open';
  spawn(command, [path], { detached: true, stdio: 'ignore' })
    .on('error', () => process.stderr.write(`${command} was not found: open the file by hand\n`))
    .unref();
}

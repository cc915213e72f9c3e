// `mapreduce show`: prints a chunk or an intermediate sorted file as readable text, or the top of a directory of outputs.

import { statSync } from 'node:fs';
import { styleText } from 'node:util';

import { Command, InvalidArgumentError, Option } from 'commander';

import { UsageError } from '../errors.ts';
import { inspectFile } from '../inspect/readable-files.ts';
import { outputsIn, type Top, topOf } from '../inspect/top.ts';
import { printable } from '../view/printable.ts';
import { topTable } from '../terminal/top-table.ts';
import { countText, plural } from '../view/numbers.ts';
import { parsePositiveInteger } from '../terminal/arguments/command-options.ts';
import { writeOut } from '../terminal/stdout.ts';

const TOP_LINES = 10;
const MOST_LINES = 10_000;
/** The width if none is known. */
const COLUMNS = 100;

interface ShowOptions {
  readonly top?: number;
  readonly by?: 'value' | 'key';
  readonly plot?: boolean;
}

export function showCommand(): Command {
  return new Command('show')
    .description('print a chunk or a sorted file of map output as readable text, or the top of a directory of outputs')
    .argument('<file>', 'such as files/chunks/chunk_0.msgpack, files/intermediate/mr-0 or files/out')
    .addOption(new Option('--top <count>', `how many lines of the outputs (default: ${TOP_LINES})`).argParser(topCount))
    .addOption(
      new Option(
        '--by <order>',
        'the largest values first, or keys in the order of their bytes (default: value, if all are numbers)',
      ).choices(['value', 'key']),
    )
    .addOption(new Option('--plot', 'draw the values as bars'))
    .action((file: string, options: ShowOptions) =>
      writeOut(isFolder(file) ? topText(file, options) : textOf(file, options)),
    );
}

function textOf(file: string, { top, by, plot }: ShowOptions): AsyncIterable<string> {
  const flag = top !== undefined ? '--top' : by !== undefined ? '--by' : plot === true ? '--plot' : undefined;
  if (flag !== undefined)
    throw new UsageError(`show ${file}: expected a directory of outputs for ${flag}, such as files/out, found none`);
  return process.stdout.isTTY ? printed(inspectFile(file)) : inspectFile(file);
}

/** Removes control sequences from data for a terminal. A file or a pipe gets the data as it is. */
async function* printed(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const piece of pieces) yield printable(piece);
}

function* topText(folder: string, { top: count = TOP_LINES, by, plot = false }: ShowOptions): Generator<string> {
  const files = outputsIn(folder);
  const top = topOf(files, count, by);
  if (plot) checkNumbers(top);
  yield `${heading(top, files.length)}\n`;
  if (top.lines.length === 0) return;
  const { stdout } = process;
  // Zero: a terminal whose size has not been set.
  const columns = stdout.columns || COLUMNS;
  const paint = (bar: string): string => styleText('cyan', bar, { stream: stdout });
  for (const line of topTable(top.lines, { columns, plot, paint })) yield `${line}\n`;
}

function heading({ by, lines, lineCount }: Top, files: number): string {
  const which = by === 'value' ? 'top' : 'first';
  const order = { value: ', by value', key: ', by key', first: '' }[by];
  return `the ${which} ${countText(lines.length)} of ${plural(lineCount, 'line')} in ${plural(files, 'output file')}${order}`;
}

function checkNumbers({ lines }: Top): void {
  const found = lines.find(({ value }) => value === '' || Number.isNaN(Number(value)));
  if (found === undefined) return;
  const value = JSON.stringify(found.value.slice(0, 60));
  throw new UsageError(
    `--plot: expected numbers as values, found ${value} for the key ${JSON.stringify(found.key.slice(0, 60))}`,
  );
}

function topCount(text: string): number {
  const count = parsePositiveInteger(text);
  if (count <= MOST_LINES) return count;
  throw new InvalidArgumentError(`Expected at most ${MOST_LINES}, found ${JSON.stringify(text)}.`);
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

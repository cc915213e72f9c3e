// Checks that the options, which are declared once, are the same on the command line, in README.md and for programs.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Command } from 'commander';
import { expect, test } from 'vitest';

import {
  checkRunOptions,
  COMMAND_OPTIONS,
  DEFAULTS,
  type OptionDeclaration,
  RUN_OPTIONS,
} from '../../../src/options/run-options.ts';
import { argumentsOf, withRunOptions } from '../../../src/terminal/arguments/command-options.ts';
import { ROOT } from '../../fixtures/scratch.ts';

const DECLARATIONS: [string, OptionDeclaration<unknown>][] = Object.entries({ ...RUN_OPTIONS, ...COMMAND_OPTIONS });

/** Returns the row of an option in README.md. */
function rowOf({ flags, default: value, defaultText, help, more }: OptionDeclaration<unknown>): string {
  const names = flags
    .replace(/ <.*/, '')
    .split(', ')
    .map((name) => `\`${name}\``)
    .join(', ');
  const isFlag = typeof value === 'boolean' || (value === undefined && defaultText === undefined);
  const shown = isFlag ? '' : (defaultText ?? `\`${String(value)}\``);
  return `| ${names} | ${shown} | ${more === undefined ? help : `${help}. ${more}`} |`;
}

function parsed(...args: string[]): Record<string, unknown> {
  const command = withRunOptions(new Command('run')).argument('[inputs...]').exitOverride();
  command.configureOutput({ writeErr: () => {} }).parse(args, { from: 'user' });
  return { ...argumentsOf(command) };
}

test('README.md lists each option with its default and its purpose', () => {
  const readme = readFileSync(join(ROOT, 'README.md'), 'utf8').split('\n');
  const rows = DECLARATIONS.map(([, declaration]) => rowOf(declaration));
  expect(readme.filter((line) => rows.includes(line))).toEqual(rows);
});

test('without flags all options have their defaults', () => {
  expect(parsed('a.txt')).toEqual({ ...DEFAULTS, params: {} });
});

test('each flag sets the option that declares it', () => {
  for (const [name, { flags, kind, default: value }] of DECLARATIONS) {
    const [flag = ''] = /--[\w-]+/.exec(flags) ?? [];
    const texts = ['7', '3', '2MiB', '32MiB', 'reference', 'info', 'a/b'];
    const text = texts.find((one) => kind.fromText(one) !== undefined)!;
    const given = flags.includes('<') ? parsed(flag, text) : parsed(flag);
    const expected = flags.includes('<') ? kind.fromText(text) : !(value === true);
    expect(given[name], flag).toEqual(expected);
  }
});

test('an older name of a flag still works', () => {
  expect(parsed('--compress-runs')).toMatchObject({ compressMapOutput: true });
});

test('a value of the command line may also be passed by a program, with the same effect', () => {
  for (const [name, declaration] of Object.entries<OptionDeclaration<unknown>>(RUN_OPTIONS)) {
    if (declaration.default !== undefined) checkRunOptions({ [name]: declaration.default });
  }
  const { params: _params, ...rest } = parsed('--task-silence', '2.5', '--task-timeout', '0', '--map-buffer', '1.5MiB');
  checkRunOptions(rest);
  expect(rest).toMatchObject({ taskSilenceMs: 2500, taskTimeoutMs: 0, mapBufferBytes: 1_572_864 });
});

test('zeros may stand in front of a port or a count from 0 on', () => {
  expect(parsed('--port', '08080', '--skip-bad-records', '007')).toMatchObject({ port: 8080, skipBadRecords: 7 });
});

test.for([
  ['--maps', '02', 'a positive integer'],
  ['--maps', '0', 'a positive integer'],
  ['--skip-bad-records', '-1', 'a count from 0 on'],
  ['--merge-fan-in', '1', 'a count from 2 to 99999'],
  ['--port', '65536', 'a port from 1 to 65535'],
  ['--task-silence', '1', 'seconds, from 2 to 86400'],
  ['--task-timeout', '1', 'seconds, from 2 to 86400, or 0 for never'],
  ['--task-timeout', 'Infinity', 'seconds, from 2 to 86400, or 0 for never'],
  ['--task-timeout', '', 'seconds, from 2 to 86400, or 0 for never'],
  ['--map-buffer', '64', 'a size from 64KiB to 768MiB, such as 64MiB'],
  ['--task-memory', '1TiB', 'a size from 16MiB to 64GiB, such as 1GiB'],
  ['--chunks', 'all', 'Allowed choices are copy, reference.'],
] as const)('%s %s is refused, and the message states what is expected: %s', ([flag, text, expected]) => {
  expect(() => parsed(flag, text)).toThrow(expected);
});

test('the help does not show older names of flags', () => {
  expect(withRunOptions(new Command('run')).helpInformation()).not.toContain('--compress-runs');
});

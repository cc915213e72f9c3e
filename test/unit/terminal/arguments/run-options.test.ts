import { Command } from 'commander';
import { expect, test } from 'vitest';

import { withRunOptions } from '../../../../src/terminal/arguments/run-options.ts';

test.for([
  [[], undefined],
  [['--compress-map-output'], true],
  [['--compress-runs'], true],
] as const)('map output is compressed if asked for, also by the former name of the option: %j', ([args, expected]) => {
  const command = withRunOptions(new Command('run')).parse([...args], { from: 'user' });
  expect(command.opts()['compressMapOutput']).toBe(expected);
  expect(command.helpInformation()).not.toContain('--compress-runs');
});

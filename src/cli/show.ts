// `mapreduce show`: prints a chunk or an intermediate run as readable text.

import { Command } from 'commander';

import { inspectFile } from '../runners/inspect.ts';
import { writeOut } from './output.ts';

export function showCommand(): Command {
  return new Command('show')
    .description('print a chunk or an intermediate run as readable text')
    .argument('<file>', 'such as files/chunks/chunk_0.msgpack or files/intermediate/mr-0')
    .action((file: string) => writeOut(inspectFile(file)));
}

// The declared options of a run as options of the command line, and what was given there as values.

import { type Command, InvalidArgumentError, Option } from 'commander';

import { type Kind, positiveInteger } from '../../options/kinds.ts';
import {
  COMMAND_OPTIONS,
  type CommandOptionValues,
  type DEFAULTS,
  type OptionDeclaration,
  RUN_OPTIONS,
  type RunOptionValues,
} from '../../options/run-options.ts';
import { helpOption } from './job-help.ts';

/** What `mapreduce run` is given. An option that has a default has a value. */
export type RunArguments = RunOptionValues &
  CommandOptionValues &
  typeof DEFAULTS & { readonly params: Readonly<Record<string, string>> };

const DECLARATIONS = { ...RUN_OPTIONS, ...COMMAND_OPTIONS };

export type OptionName = keyof typeof DECLARATIONS;

const paramOption = new Option('--param <name=value>', 'a parameter of the job; may be given several times')
  .argParser(parameter)
  .default({}, 'none');

/** A declared option. A command to which it means something else has words of its own for it. */
export function optionOf(
  name: OptionName,
  own: Partial<Pick<OptionDeclaration<unknown>, 'help' | 'defaultText'>> = {},
): Option {
  const declaration: OptionDeclaration<unknown> = { ...DECLARATIONS[name], ...own };
  const { flags, kind, defaultText } = declaration;
  const isComputed = declaration.default === undefined && defaultText !== undefined;
  const option = new Option(flags, `${declaration.help}${isComputed ? ` (default: ${defaultText})` : ''}`);
  if ('allowed' in kind) option.choices(kind.allowed as readonly string[]);
  else if (option.required) option.argParser(parser(kind));
  // Commander has its own default for a flag that begins with --no-.
  if (declaration.default !== undefined && !option.negate) option.default(declaration.default, defaultText);
  return option;
}

/** Adds a parameter of a job, `--param name=value`, and the help that also describes the job. */
export function withJobOptions(command: Command): Command {
  return command.addOption(optionOf('job')).addOption(paramOption).addOption(helpOption);
}

/** Adds all that `mapreduce run` takes. */
export function withRunOptions(command: Command): Command {
  for (const name of Object.keys(DECLARATIONS) as OptionName[]) {
    command.addOption(optionOf(name));
    if (name === 'job') command.addOption(paramOption);
    const { alias }: OptionDeclaration<unknown> = DECLARATIONS[name];
    if (alias !== undefined) command.addOption(new Option(alias).hideHelp());
  }
  return command.addOption(helpOption);
}

/** Returns what a command was given, by the names that the options are declared with. */
export function argumentsOf(command: Command): RunArguments {
  const values: Record<string, unknown> = { params: command.getOptionValue('param') };
  for (const [name, { flags, alias }] of Object.entries<OptionDeclaration<unknown>>(DECLARATIONS)) {
    const value: unknown = command.getOptionValue(new Option(flags).attributeName());
    const older: unknown = alias === undefined ? undefined : command.getOptionValue(new Option(alias).attributeName());
    if (value !== undefined || older !== undefined) values[name] = value ?? older;
  }
  return values as unknown as RunArguments;
}

export const parsePositiveInteger = parser(positiveInteger);

function parser<T>(kind: Kind<T>): (text: string) => T {
  return (text) => {
    const value = kind.fromText(text);
    if (value !== undefined) return value;
    throw new InvalidArgumentError(`Expected ${kind.expectedText}, found ${JSON.stringify(text)}.`);
  };
}

function parameter(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError(`Expected name=value, found ${JSON.stringify(text)}.`);
  return { ...before, [name]: value };
}

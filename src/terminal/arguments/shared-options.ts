// The options that several commands share, and how their texts become values.

import { InvalidArgumentError, Option } from 'commander';

import { DEFAULTS } from '../../options/defaults.ts';

export interface CountOptions {
  readonly maps?: number;
  readonly reduces?: number;
  readonly workers?: number;
}

export interface JobOptions {
  readonly job: string;
  readonly param: Readonly<Record<string, string>>;
  readonly help?: boolean;
}

export const mapsOption = new Option(
  '-N, --maps <count>',
  'N: map tasks (default: one a 32 MiB, at least two a worker)',
).argParser(positiveInteger);
export const reducesOption = new Option('-M, --reduces <count>', 'M: reduce tasks (default: one a worker)').argParser(
  positiveInteger,
);
export const workersOption = new Option('-W, --workers <count>', 'workers').argParser(positiveInteger);
export const dirOption = new Option('--dir <directory>', 'the state directory').default(DEFAULTS.dir);
export const jobOption = new Option('--job <name|path>', 'a built-in job, or a job file').default(DEFAULTS.job);
export const paramOption = new Option('--param <name=value>', 'a parameter of the job; may be given several times')
  .argParser(parameter)
  .default({}, 'none');
export const workerPortOption = new Option('--worker-port <port>', 'the port of worker 1; worker 2 has the next one')
  .argParser(port)
  .default(DEFAULTS.workerPort);

export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new InvalidArgumentError(`Expected a positive integer, found ${quoted(text)}.`);
  return Number(text);
}

export function count(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError(`Expected a count from 0 on, found ${quoted(text)}.`);
  return Number(text);
}

/** Workers speak once a second: a shorter silence is none. */
const LEAST_SILENCE_S = 2;

export function seconds(text: string): number {
  const value = Number(text);
  if (text === '' || !(value >= LEAST_SILENCE_S) || value > 86_400) {
    throw new InvalidArgumentError(`Expected seconds, from ${LEAST_SILENCE_S} to 86400, found ${quoted(text)}.`);
  }
  return value;
}

/** As `seconds`, or 0 for without end. */
export function secondsOrNever(text: string): number {
  const value = Number(text);
  if (text !== '' && (value === 0 || (value >= LEAST_SILENCE_S && value <= 86_400))) return value;
  throw new InvalidArgumentError(
    `Expected seconds, from ${LEAST_SILENCE_S} to 86400, or 0 for never, found ${quoted(text)}.`,
  );
}

const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
const LEAST_BUFFER_BYTES = 64 * 2 ** 10;
const MOST_BUFFER_BYTES = 768 * 2 ** 20;

const LEAST_MEMORY_BYTES = 16 * 2 ** 20;
const MOST_MEMORY_BYTES = 64 * 2 ** 30;

/** A map buffer: `64KiB`, `1.5MiB`, `0.5GiB` as bytes. */
export function size(text: string): number {
  const bytes = bytesOf(text);
  if (bytes >= LEAST_BUFFER_BYTES && bytes <= MOST_BUFFER_BYTES) return bytes;
  throw new InvalidArgumentError(`Expected a size from 64KiB to 768MiB, such as 64MiB, found ${quoted(text)}.`);
}

/** A limit of memory. */
export function memory(text: string): number {
  const bytes = bytesOf(text);
  if (bytes >= LEAST_MEMORY_BYTES && bytes <= MOST_MEMORY_BYTES) return bytes;
  throw new InvalidArgumentError(`Expected a size from 16MiB to 64GiB, such as 1GiB, found ${quoted(text)}.`);
}

function bytesOf(text: string): number {
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/.exec(text) ?? [];
  return Math.floor(Number(number) * (UNIT_BYTES[unit] ?? Number.NaN));
}

export function fanIn(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 2) throw new InvalidArgumentError(`Expected a count from 2 to 99999, found ${quoted(text)}.`);
  return value;
}

export function port(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65_535)
    throw new InvalidArgumentError(`Expected a port from 1 to 65535, found ${quoted(text)}.`);
  return value;
}

function parameter(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError(`Expected name=value, found ${quoted(text)}.`);
  return { ...before, [name]: value };
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

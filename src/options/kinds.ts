// The kinds of option values: a description of what is expected, and the conversion from the text of a command line.

/** A kind of values. The command line passes texts, and a program passes values. */
export interface Kind<T> {
  /** The expected text, as in "expected a port from 1 to 65535". */
  readonly expectedText: string;
  /** The expected value. */
  readonly expected: string;
  /** Returns the value of a text; undefined if the text is not valid. */
  readonly fromText: (text: string) => T | undefined;
  readonly accepts: (value: unknown) => boolean;
}

const KIB = 2 ** 10;
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const UNIT_BYTES: Readonly<Record<string, number>> = { KiB: KIB, MiB: MIB, GiB: GIB };

/** Workers report once per second, so a shorter silence means nothing. */
const LEAST_SECONDS = 2;
const MOST_SECONDS = 86_400;

export const positiveInteger = integer('a positive integer', 1, 999_999_999, /^[1-9]\d*$/);
export const count = integer('a count from 0 on', 0, 999_999_999);
export const fanIn = integer('a count from 2 to 99999', 2, 99_999);
export const port = integer('a port from 1 to 65535', 1, 65_535);
/** The size of a map task's output buffer. */
export const bufferSize = size('a size from 64KiB to 768MiB, such as 64MiB', 64 * KIB, 768 * MIB);
/** The size of a task's memory. */
export const memorySize = size('a size from 16MiB to 64GiB, such as 1GiB', 16 * MIB, 64 * GIB);
/** A duration in seconds on the command line, and in milliseconds for a program. */
export const duration = seconds(false);
/** The same, or 0 for no limit. A program may also write Infinity. */
export const durationOrNever = seconds(true);

export const text: Kind<string> = {
  expectedText: 'a text',
  expected: 'a text',
  fromText: (given) => given,
  accepts: (value) => typeof value === 'string',
};

/** A flag that takes no value. */
export const flag: Kind<boolean> = {
  expectedText: 'no value',
  expected: 'true or false',
  fromText: () => true,
  accepts: (value) => typeof value === 'boolean',
};

export function choice<const T extends string>(...allowed: readonly T[]): Kind<T> & { readonly allowed: readonly T[] } {
  const expected = `one of ${allowed.join(', ')}`;
  const find = (value: unknown): T | undefined => allowed.find((one) => one === value);
  return { expectedText: expected, expected, allowed, fromText: find, accepts: (value) => find(value) !== undefined };
}

/** `digits` says which texts are numbers of this kind: by default zeros may stand in front. */
function integer(expected: string, least: number, most: number, digits = /^\d+$/): Kind<number> {
  const accepts = isIntegerIn(least, most);
  const fromText = (given: string): number | undefined =>
    digits.test(given) && accepts(Number(given)) ? Number(given) : undefined;
  return { expectedText: expected, expected, fromText, accepts };
}

/** A size in bytes; as a text, for example `64KiB`, `1.5MiB` or `0.5GiB`. */
function size(expectedText: string, least: number, most: number): Kind<number> {
  const accepts = isIntegerIn(least, most);
  const fromText = (given: string): number | undefined => {
    const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/.exec(given) ?? [];
    const bytes = Math.floor(Number(number) * (UNIT_BYTES[unit] ?? Number.NaN));
    return accepts(bytes) ? bytes : undefined;
  };
  return { expectedText, expected: `a number of bytes from ${least} to ${most}`, fromText, accepts };
}

function seconds(mayBeNever: boolean): Kind<number> {
  const [least, most] = [LEAST_SECONDS * 1000, MOST_SECONDS * 1000];
  const accepts = (value: unknown): boolean =>
    typeof value === 'number' &&
    ((value >= least && value <= most) || (mayBeNever && (value === 0 || value === Infinity)));
  const fromText = (given: string): number | undefined => {
    const ms = given.trim() === '' ? Number.NaN : Number(given) * 1000;
    return Number.isFinite(ms) && accepts(ms) ? ms : undefined;
  };
  const never = mayBeNever ? ', or 0 for never' : '';
  return {
    expectedText: `seconds, from ${LEAST_SECONDS} to ${MOST_SECONDS}${never}`,
    expected: `milliseconds, from ${least} to ${most}${never}`,
    fromText,
    accepts,
  };
}

function isIntegerIn(least: number, most: number): (value: unknown) => boolean {
  return (value) => Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}

// Holds the output of a run against the sequential runner's.

import { readFileSync } from 'node:fs';

import { VerifyError } from '../errors.ts';

/**
 * Compares with the output of a sequential run, which comes in pieces. Returns the number of lines that both have.
 * @throws VerifyError that names the first key with another result
 */
export async function verifyOutput(
  outputs: readonly string[],
  sequential: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<number> {
  const found = outputs
    .map((path) => readFileSync(path, 'utf8'))
    .flatMap((text) => text.split('\n').slice(0, -1))
    .sort(byBytes);
  // A result with line ends in it stands as several lines on both sides.
  const expected = Buffer.concat(await Array.fromAsync(sequential)).toString();
  const expectedLines = expected.split('\n').slice(0, -1).sort(byBytes);
  const first = expectedLines.findIndex((line, index) => line !== found[index]);
  if (first < 0 && expectedLines.length === found.length) return found.length;
  const at = first < 0 ? expectedLines.length : first;
  throw new VerifyError(
    `the output differs from the sequential run; first at key ${JSON.stringify(firstKey(expectedLines[at], found[at]))}: ` +
      `expected ${quoted(expectedLines[at])}, found ${quoted(found[at])}`,
  );
}

function firstKey(expected: string | undefined, found: string | undefined): string {
  const keys = [expected, found].filter((line) => line !== undefined).map((line) => line.split('\t', 1)[0] ?? '');
  return keys.sort(byBytes)[0] ?? '';
}

function quoted(line: string | undefined): string {
  return line === undefined ? 'nothing more' : JSON.stringify(line.length > 200 ? `${line.slice(0, 200)}…` : line);
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

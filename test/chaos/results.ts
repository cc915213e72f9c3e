// Checks the folder of the results: a run replaces earlier results with its own complete ones, or leaves the folder unchanged.

import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { buildingIn } from '../fixtures/results.ts';
import { byBytes, linesOf } from './expected.ts';

const EARLIER = 'earlier\tresult\n';
const THEIRS = 'somebody wrote this\n';
const OUTPUT = /^out-\d+$/;

export class Results {
  readonly folder: string;
  readonly #hasEarlier: boolean;
  readonly #hasNotes: boolean;

  /** `mayHaveNotes`: whether other files may be in the folder of the results. */
  constructor(folder: string, hasEarlier: boolean, mayHaveNotes: boolean) {
    this.folder = folder;
    this.#hasEarlier = hasEarlier;
    this.#hasNotes = hasEarlier && mayHaveNotes;
    if (!hasEarlier) return;
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'out-0'), EARLIER);
    if (this.#hasNotes) writeFileSync(join(folder, 'notes.txt'), THEIRS);
  }

  /** Returns the problem with the results of a successful run, if there is one. */
  problemOfNew(expected: readonly (readonly string[])[], isInOrder: boolean): string | undefined {
    if (this.#hasNotes && read(join(this.folder, 'notes.txt')) !== THEIRS) return 'a file of the user is missing';
    const found = this.#outputs();
    const problems = expected.map((lines) => (isInOrder ? ofRanges(found, lines) : ofHashed(found, lines)));
    return problems.includes(undefined) ? undefined : `WRONG OUTPUT: ${problems.at(-1)}`;
  }

  /** Returns the problem with the folder after a run that has failed, if there is one. */
  problemOfOld(expected: readonly (readonly string[])[], isInOrder: boolean, wasKilled: boolean): string | undefined {
    const found = this.#outputs();
    if (this.#hasEarlier && found.length === 1 && found[0] === EARLIER) return undefined;
    if (found.length === 0 && (!this.#hasEarlier || (wasKilled && this.#isBeingReplaced()))) return undefined;
    const problem = this.problemOfNew(expected, isInOrder);
    // A driver may die after it has published its results.
    return problem === undefined ? undefined : `neither the earlier results nor new ones are there: ${problem}`;
  }

  #outputs(): string[] {
    if (!existsSync(this.folder)) return [];
    const names = readdirSync(this.folder).filter((name) => OUTPUT.test(name));
    return names.sort().map((name) => readFileSync(join(this.folder, name), 'latin1'));
  }

  #isBeingReplaced(): boolean {
    const work = dirname(buildingIn(dirname(this.folder)));
    return existsSync(work) && readdirSync(work).some((name) => name.startsWith('old') && isFolder(join(work, name)));
  }
}

/** All outputs joined together are the expected lines. */
function ofRanges(outputs: readonly string[], expected: readonly string[]): string | undefined {
  return difference(linesOf(outputs.join('')), expected);
}

/** Each output is in order, and together they have the expected lines. */
function ofHashed(outputs: readonly string[], expected: readonly string[]): string | undefined {
  const unordered = outputs.findIndex((text) => {
    const keys = linesOf(text).map((line) => line.split('\t')[0]!);
    return keys.some((key, index) => index > 0 && byBytes(keys[index - 1]!, key) >= 0);
  });
  if (unordered >= 0) return `output ${unordered} is not in order`;
  return difference(linesOf(outputs.join('')).sort(byBytes), expected);
}

function difference(found: readonly string[], expected: readonly string[]): string | undefined {
  const at = expected.findIndex((line, index) => line !== found[index]);
  if (at < 0 && found.length === expected.length) return undefined;
  const line = at < 0 ? expected.length : at;
  return `expected ${quoted(expected[line])}, found ${quoted(found[line])} at line ${line + 1}`;
}

function quoted(line: string | undefined): string {
  return line === undefined ? 'nothing' : JSON.stringify(line.slice(0, 100));
}

function read(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'latin1') : undefined;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

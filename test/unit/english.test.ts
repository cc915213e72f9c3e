// Keeps phrases out of the code and the documents that a native reader stumbles over.

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { ROOT } from '../fixtures/scratch.ts';

/** A phrase, and what to write in its place. */
const PHRASES: readonly (readonly [RegExp, string])[] = [
  [/^\s*(?:\/\/|\/?\*\*?)\s*Answers\b/, 'Returns'],
  [
    /\bwhere (?:nobody|none|nothing|there is no|there are no|that is so|it cannot|it can not|they cannot|one is|it is not)\b/,
    'if or when',
  ],
  [/\bonly where\b/, 'only if'],
  [
    /\b(?:a|one) (?:bar|row|card|line|word|segment|slice|track|thread|file|block|call|string|object|iterable) an? (?:phase|attempt|worker|line|event|task|partition|key|value|word|record|core|block|item|result|map|job)\b/i,
    'one … per …',
  ],
  [
    /(?:^|[.;:,] |\/\/ |\* )[Ww]ho (?:asks|reads|connects|listens|looks|has|hears|wants|calls|sees|writes|gets)\b/,
    'a noun: the caller, the reader, a worker that …',
  ],
  [/\bto who\b/, 'to the caller, to whoever'],
  [/(?<!there )\b(?:is|was) none\b/, 'is not a …, there is no …'],
  [/\bso (?:many|much|often|long) (?:are|is|of|an?|at most|records|bytes|times)\b/i, 'this many, how many, at most'],
  [/\bone behind the other\b|\bbehind the last\b|\bbehind it\b/, 'after'],
];

const FILES = ['src/**/*.ts', 'test/**/*.ts', 'tools/*.ts', 'docs/**/*.md', '*.md'];

function findings(): string[] {
  return globSync(FILES, { cwd: ROOT, exclude: ['node_modules/**', 'test/unit/english.test.ts'] })
    .toSorted()
    .flatMap((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .flatMap((line, index) =>
          PHRASES.filter(([phrase]) => phrase.test(line)).map(
            ([phrase, instead]) => `${file}:${index + 1} '${phrase.exec(line)![0].trim()}': write ${instead}`,
          ),
        ),
    );
}

test('no phrase that a native reader stumbles over is in code or documents', () => {
  expect(findings()).toEqual([]);
});

test.for([
  '/** Answers the number of pairs. */',
  '// A limit where nobody gives one.',
  '// A bar a phase shows how far it is.',
  '// Who connects gets the record first.',
  '// What is said to who asks for no more.',
  '// One that is about to leave is none that joins.',
  '// So many are told of a run.',
  '// The key has its place behind the last one.',
])('a phrase is found in: %s', (line) => {
  expect(PHRASES.some(([phrase]) => phrase.test(line))).toBe(true);
});

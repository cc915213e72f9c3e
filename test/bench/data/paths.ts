// Generates paths like those in the index of a Linux distribution: nearly all distinct, with long common prefixes.

import type { Random } from './random.ts';
import { makeVocabulary } from './vocabulary.ts';
import { WeightedChoice, zipfWeights } from './weighted-choice.ts';
import type { WriteLine } from './write-lines.ts';

const VOCABULARY = 6000;
const FOLDER_COUNT = 60_000;
const DEEPEST = 6;
const ROOTS = [
  'usr/share/doc',
  'usr/share',
  'usr/lib/x86_64-linux-gnu',
  'usr/include',
  'usr/lib/python3/dist-packages',
];
const ENDINGS = ['.html', '.h', '.py', '.so', '.png', '.txt.gz', '.mo', '.js'];
/** One line in this many repeats an earlier path. */
const REPEATED_EVERY = 600;
const REMEMBERED = 4096;

/** A writer of paths, one per line, in random order. */
export function pathWriter(random: Random): WriteLine {
  const names = makeVocabulary(random, VOCABULARY).filter((name) => name.length > 2);
  const folders = makeFolders(random, names);
  const choice = new WeightedChoice(zipfWeights(folders.length, 500));
  const remembered: string[] = [];
  let written = 0;
  return (block, at) => {
    written++;
    let path = remembered[random.below(REMEMBERED)];
    if (path === undefined || random.below(REPEATED_EVERY) > 0) {
      const name = `${random.among(names)}-${random.next().toString(36)}${random.among(ENDINGS)}`;
      path = `${folders[choice.draw(random)]!}/${name}\n`;
    }
    if (written % 64 === 0) remembered[random.below(REMEMBERED)] = path;
    return at + block.write(path, at);
  };
}

/** Folders, each below an earlier one or below a root, so that some subtrees grow deep and wide. */
function makeFolders(random: Random, names: readonly string[]): string[] {
  const folders = [...ROOTS];
  const depths = folders.map(() => 2);
  while (folders.length < FOLDER_COUNT) {
    const parent = random.below(folders.length);
    if (depths[parent]! >= DEEPEST) continue;
    folders.push(`${folders[parent]!}/${random.among(names)}`);
    depths.push(depths[parent]! + 1);
  }
  return folders;
}

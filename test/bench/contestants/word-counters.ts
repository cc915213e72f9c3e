// The programs that count words without the engine, and the expected output of word count.

import type { Bench, Contestant } from '../case.ts';
import type { Dataset } from '../data/datasets.ts';
import { expectedFrom } from '../expected.ts';
import type { Digest } from '../measure/digest.ts';
import { nodePeer, programPeer } from './peers.ts';

/** The C program, with one thread per core. */
export function wordsInC({ tools, cores }: Bench, input: Dataset, name: string): Contestant {
  const skipped = tools.lack('cc');
  const program = skipped === undefined ? tools.wordCounter() : '';
  return programPeer([program, input.path, String(cores)], { name, input, skipped });
}

/** The script with a Map, in one process or in several. */
export function wordsInNode(input: Dataset, processes: number, name: string): Contestant {
  return nodePeer('word-count.ts', [input.path, String(processes)], { name, input });
}

/** The expected word count of an input: by the C program, or by the script if there is no compiler. */
export function expectedWords(bench: Bench, input: Dataset): () => Promise<Digest> {
  const inC = wordsInC(bench, input, 'C');
  return expectedFrom(bench, inC.skipped === undefined ? inC : wordsInNode(input, 1, 'Node script'));
}

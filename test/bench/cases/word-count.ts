// Counts words of letters, without lower-casing, which every peer can do.

import type { Bench, BenchCase, Contestant, Target } from '../case.ts';
import { engineRun, sequentialRun } from '../contestants/engine.ts';
import { duckdbPeer, linesTable, nodePeer, peerPath, shellPeer } from '../contestants/peers.ts';
import { expectedWords, wordsInC, wordsInNode } from '../contestants/word-counters.ts';
import type { Dataset } from '../data/datasets.ts';
import { expecting } from '../expected.ts';
import { memoryBounded, ratioAtMost } from '../targets.ts';

const BUILT_IN = 'built-in word-count';
const BYTES = "user's byte-view job";
const WORDS = "user's string job, words()";
const REGEX = "user's string job, regex";
const C = 'C, scalar, one thread per core';
const DUCKDB = 'DuckDB';
const PARALLEL = 'GNU parallel + mawk';
const NAIVE = 'naive MapReduce';
const NODE = 'Node script';
const NODE_PROCESSES = 'Node script, a process a core';
const MAWK = 'mawk';
const COREUTILS = 'tr, sort, uniq -c';
const SEQUENTIAL = 'sequential';
const OURS = [BUILT_IN, BYTES, WORDS, REGEX];

interface Size {
  readonly name: string;
  readonly says: string;
  readonly sizeBytes: number;
  readonly onDemand?: boolean;
  /** The contestants other than the engine and C. The slow ones are left out if they would take minutes. */
  readonly peers: readonly string[];
  readonly targets: readonly Target[];
}

const FAST_PEERS = [PARALLEL, DUCKDB, NODE_PROCESSES];
const SLOW_PEERS = [...FAST_PEERS, NODE, MAWK, COREUTILS];

export const wordCountCases: readonly BenchCase[] = [
  wordCount({
    name: 'word-count-100m',
    says: 'word count, letters only, 100 MB',
    sizeBytes: 100e6,
    peers: [...SLOW_PEERS, NAIVE, SEQUENTIAL],
    targets: [ratioAtMost(0.06, WORDS, NAIVE)],
  }),
  wordCount({
    name: 'word-count-1g',
    says: 'word count, letters only, 1 GB (sequential and the naive MapReduce would hold every pair in memory)',
    sizeBytes: 1e9,
    peers: SLOW_PEERS,
    targets: [
      ratioAtMost(0.8, BUILT_IN, C),
      ratioAtMost(0.11, BUILT_IN, DUCKDB),
      ratioAtMost(2, BYTES, C),
      ratioAtMost(3.3, WORDS, C),
      ratioAtMost(0.6, WORDS, PARALLEL),
      ratioAtMost(0.45, WORDS, DUCKDB),
      // The same map and reduce in one loop, with as many processes, to show what the engine costs.
      ratioAtMost(1.1, REGEX, NODE_PROCESSES),
      ...memoryBounded(WORDS),
    ],
  }),
  wordCount({
    name: 'word-count-10g',
    says: 'word count, letters only, 10 GB',
    sizeBytes: 10e9,
    onDemand: true,
    peers: FAST_PEERS,
    targets: OURS.flatMap(memoryBounded),
  }),
];

function wordCount({ name, says, sizeBytes, onDemand = false, peers, targets }: Size): BenchCase {
  return {
    name,
    says,
    onDemand,
    reference: C,
    targets,
    contestants: (bench) => {
      const input = bench.data.file('text', sizeBytes);
      const all = expecting(expectedWords(bench, input), [...engineRuns(input), ...peersOf(bench, input)]);
      return all.filter(({ name }) => [...OURS, C, ...peers].includes(name));
    },
  };
}

function engineRuns(input: Dataset): Contestant[] {
  const letters = ['--param', 'words=letters', '--param', 'case=keep'];
  return [
    engineRun({ name: BUILT_IN, job: 'word-count', options: letters, input }),
    engineRun({ name: BYTES, job: 'word-count-bytes.ts', input }),
    engineRun({ name: WORDS, job: 'word-count-words.ts', input }),
    engineRun({ name: REGEX, job: 'word-count-regex.ts', input }),
    sequentialRun({ name: SEQUENTIAL, job: 'word-count-words.ts', input }),
  ];
}

function peersOf(bench: Bench, input: Dataset): Contestant[] {
  const { tools, cores } = bench;
  const awk = peerPath('word-count.awk');
  return [
    wordsInC(bench, input, C),
    wordsInNode(input, 1, NODE),
    wordsInNode(input, cores, NODE_PROCESSES),
    nodePeer('naive-mapreduce.ts', [input.path, String(cores)], { name: NAIVE, input }),
    shellPeer('mawk -f "$2" "$1"', { name: MAWK, input, skipped: tools.lack('mawk') }, awk),
    shellPeer(
      `parallel --pipepart -a "$1" --block 50M -j ${cores} mawk -f "$2" |
       mawk -F '\t' '{ count[$1] += $2 } END { for (word in count) print word "\t" count[word] }'`,
      { name: PARALLEL, input, skipped: tools.lack('parallel', 'mawk') },
      awk,
    ),
    shellPeer(String.raw`tr -cs 'A-Za-z\200-\377' '\n' < "$1" | sort --parallel=${cores} -S 256M | uniq -c`, {
      name: COREUTILS,
      input,
      output: { countsFirst: true },
      skipped: tools.lack('sort'),
    }),
    duckdbPeer(
      String.raw`SELECT word, count(*) FROM (
         SELECT unnest(regexp_split_to_array(line, '\P{L}+')) AS word FROM ${linesTable(input.path)}
       ) WHERE word <> '' GROUP BY word`,
      cores,
      { name: DUCKDB, input, skipped: tools.lack('duckdb') },
    ),
  ];
}

// All cases, in the order in which they run.

import type { BenchCase } from '../case.ts';
import { accessLogCase } from './access-log.ts';
import { invertedIndexCase } from './inverted-index.ts';
import { pathsCase } from './paths.ts';
import { sortCases } from './sort.ts';
import { wordCountCases } from './word-count.ts';

export const cases: readonly BenchCase[] = [
  ...wordCountCases,
  invertedIndexCase,
  pathsCase,
  ...sortCases,
  accessLogCase,
];

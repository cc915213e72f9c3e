// All cases, in the order in which they run.

import type { BenchCase } from '../case.ts';
import { accessLogCase } from './access-log.ts';
import { faultCases } from './faults.ts';
import { invertedIndexCase } from './inverted-index.ts';
import { memoryCases } from './memory.ts';
import { pathsCase } from './paths.ts';
import { scalingCases } from './scaling.ts';
import { sortCases } from './sort.ts';
import { startUpCases } from './start-up.ts';
import { wordCountCases } from './word-count.ts';

export const cases: readonly BenchCase[] = [
  ...startUpCases,
  ...wordCountCases,
  ...scalingCases,
  invertedIndexCase,
  pathsCase,
  ...sortCases,
  accessLogCase,
  ...memoryCases,
  ...faultCases,
];

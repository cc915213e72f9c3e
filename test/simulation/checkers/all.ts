// Creates all checkers for one simulated run.

import type { Plan } from '../plan.ts';
import { attemptsOnce } from './attempts-once.ts';
import { backups } from './backups.ts';
import { bounds } from './bounds.ts';
import type { Checker } from './checker.ts';
import { committedReads } from './committed-reads.ts';
import { counters } from './counters.ts';
import { damagedFiles } from './damaged-files.ts';
import { endWithCause } from './end-with-cause.ts';
import { Ledger } from './ledger.ts';
import { nothingAfterTheEnd } from './nothing-after-the-end.ts';
import { oneCommittedAttempt } from './one-committed-attempt.ts';
import { oneOutput } from './one-output.ts';
import { publishedResults } from './published-results.ts';
import { replayedState } from './replayed-state.ts';
import { setAside } from './set-aside.ts';
import { timeouts } from './timeouts.ts';
import { verifiedFiles } from './verified-files.ts';
import { workersAsTheyAre } from './workers-as-they-are.ts';

export function newCheckers(plan: Plan): Checker[] {
  const ledger = new Ledger(plan);
  return [
    // Comes before the checkers that use it.
    ledger,
    nothingAfterTheEnd(),
    oneCommittedAttempt(),
    committedReads(),
    counters(),
    bounds(ledger),
    endWithCause(ledger),
    oneOutput(),
    workersAsTheyAre(),
    setAside(ledger),
    attemptsOnce(),
    backups(),
    damagedFiles(),
    timeouts(),
    verifiedFiles(),
    publishedResults(),
    replayedState(plan),
  ];
}

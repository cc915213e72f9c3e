// Checks that a replay of the journal leads to the driver's state, now and then during the run, and at its end.

import { parseJournal } from '../../../src/driver/loop/journal-file.ts';
import { replay } from '../../../src/scheduler/journal.ts';
import type { Plan } from '../plan.ts';
import { Dice } from '../dice.ts';
import { type Checker, hold, type Scene } from './checker.ts';
import { difference } from './difference.ts';

export function replayedState(plan: Plan): Checker {
  const dice = new Dice(plan.seed + 1);
  let eventCount = 0;
  let next = dice.scaled(1, 100);
  let hasEnded = false;
  return {
    name: 'replayed state',
    saw: ({ commands }) => {
      hasEnded = commands.some(({ type }) => type === 'end');
    },
    settled: (scene) => {
      if (++eventCount < next && !hasEnded) return;
      // A replay takes as long as all events before it, so replays become rarer.
      next = eventCount + dice.scaled(Math.ceil(eventCount / 2), eventCount * 4 + 10);
      hasEnded = false;
      compare(scene);
    },
    resumed: () => {
      hasEnded = false;
    },
  };
}

function compare({ state, journalText }: Scene): void {
  const { lines, isWhole } = parseJournal([Buffer.from(journalText())], 'journal');
  hold(isWhole, () => 'the journal has a damaged line');
  const found = difference(state, replay(lines).state);
  hold(found === undefined, () => `the journal leads to another state: ${found}`);
}

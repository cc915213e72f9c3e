// Defines what can go wrong in a simulated run. A seed enables some of the faults, each with a random probability, so that some seeds
// are calm and some are wild.

import type { Dice } from './dice.ts';

/** Each fault with the highest probability that a seed can give it. Comments name the event for which it is drawn. */
const FAULTS = {
  /** For each attempt. */
  crash: 0.3,
  hang: 0.15,
  freeze: 0.2,
  slow: 0.3,
  stall: 0.1,
  'job error': 0.3,
  'out of memory': 0.2,
  'disk full': 0.2,
  'damaged spill': 0.1,
  'input changed': 0.003,
  'unreached worker': 0.2,
  refusal: 0.2,
  'false alarm': 0.02,
  'answer without file': 0.1,
  'cut attempt': 0.1,
  'damaged attempt': 0.1,
  /** For each answer. */
  'lost answer': 0.2,
  'late answer': 0.3,
  'duplicate message': 0.5,
  'late message': 0.5,
  /** For each start of a worker. */
  'failed start': 0.4,
  'slow start': 0.5,
  'bad machine': 0.2,
  /** For each cancelled attempt. */
  'slow cancel': 0.3,
  'crash on cancel': 0.2,
  /** For each commit. */
  'slow commit': 0.5,
  'bad disk': 0.05,
  /** When the results are published. */
  'slow publication': 0.5,
  /** For each second. */
  'crash while idle': 0.1,
  'damaged chunk': 0.1,
  'damaged map output': 0.1,
  'damaged output': 0.1,
  join: 0.1,
  leave: 0.1,
  'clock jump': 0.1,
  'driver pause': 0.1,
  interrupt: 0.003,
  /** For each action of a driver. */
  'driver death': 0.05,
  /** For each death of a driver. */
  'torn journal': 0.9,
  'machine crash': 0.3,
  'other limits': 0.5,
  /** For each committed file while there is no driver. */
  'lost file': 0.3,
} as const;

export type Fault = keyof typeof FAULTS;

export const faultNames = Object.keys(FAULTS) as readonly Fault[];

/** Groups of faults that cause trouble in combination. */
const THEMES: readonly (readonly Fault[])[] = [
  ['slow commit', 'damaged map output', 'false alarm', 'bad disk', 'damaged chunk'],
  ['slow commit', 'damaged map output', 'false alarm'],
  ['answer without file', 'cut attempt', 'damaged attempt', 'damaged output', 'driver death', 'slow publication'],
  ['driver death', 'torn journal', 'machine crash', 'lost file', 'slow commit', 'join'],
  ['late message', 'late answer', 'duplicate message', 'lost answer', 'slow', 'slow cancel'],
  ['crash', 'freeze', 'hang', 'failed start', 'join', 'leave', 'crash while idle'],
  ['driver pause', 'freeze', 'stall', 'slow', 'late message'],
];

export class Faults {
  /** The number of times that each fault has happened. */
  readonly counts = new Map<Fault, number>();
  readonly #dice: Dice;
  readonly #note: (line: string) => void;
  readonly #probabilities = new Map<Fault, number>();

  constructor(dice: Dice, note: (line: string) => void) {
    this.#dice = dice;
    this.#note = note;
    const wildness = dice.pick([0, 0.1, 0.25, 0.5, 0.8]);
    const theme = dice.chance(0.4) ? dice.pick(THEMES) : [];
    for (const fault of faultNames) {
      const isOfTheme = theme.includes(fault);
      if (!isOfTheme && !dice.chance(wildness)) continue;
      this.#probabilities.set(fault, FAULTS[fault] / dice.scaled(1, isOfTheme ? 5 : 50));
    }
  }

  strikes(fault: Fault): boolean {
    const probability = this.#probabilities.get(fault);
    if (probability === undefined || !this.#dice.chance(probability)) return false;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    this.#note(`! ${fault}`);
    return true;
  }

  /** Ends all faults from now on. */
  calm(): void {
    this.#probabilities.clear();
  }
}

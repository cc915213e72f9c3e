// Checks that no decisions are made after the end, unless another driver continues the run.

import { type Checker, hold } from './checker.ts';

export function nothingAfterTheEnd(): Checker {
  let hasEnded = false;
  return {
    name: 'nothing after the end',
    saw: ({ event, commands }) => {
      if (event.type === 'driver-resumed') hasEnded = false;
      const [first] = commands;
      hold(!hasEnded || first === undefined, () => `${first?.type} after the end, on ${event.type}`);
      const end = commands.findIndex(({ type }) => type === 'end');
      if (end < 0) return;
      hold(end === commands.length - 1, () => `${commands[end + 1]?.type} after the end`);
      hasEnded = true;
    },
    resumed: () => {
      hasEnded = false;
    },
  };
}

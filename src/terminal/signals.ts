// What signals do to a command. Ctrl-C, SIGTERM and a terminal that is closed are an abort signal: the first one asks for an
// orderly end, a second one ends the process.

import { EXIT_CODES } from '../exit-codes.ts';
import { survivesHangUp } from './hang-up.ts';

export interface Interrupt extends Disposable {
  /** Aborted with the name of the signal. */
  readonly signal: AbortSignal;
}

/** Signals that must not end a command, nor open a door to it. To be called once, before anything else. */
export function withstandSignals(): void {
  const withstand = (): void => {};
  // Node would listen for a debugger, on a port that is open to every user of the machine.
  process.on('SIGUSR1', withstand);
  // The call that reached the limit of a file's size says so. Others may listen to this signal to end us.
  process.on('SIGXFSZ', withstand);
  if (survivesHangUp()) process.on('SIGHUP', withstand);
}

export function onSignal(): Interrupt {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) controller.abort(name);
    // Of a closed terminal both the system and the shell may tell.
    else if (name !== 'SIGHUP') process.exit(EXIT_CODES.interrupted);
  };
  const names: NodeJS.Signals[] = ['SIGINT', 'SIGTERM', ...(survivesHangUp() ? [] : (['SIGHUP'] as const))];
  for (const name of names) process.on(name, interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      for (const name of names) process.off(name, interrupt);
    },
  };
}

// Turns Ctrl-C, SIGTERM and the closing of the terminal into an abort signal. The first one asks for an orderly end; a second one
// ends the process.

import { EXIT_CODES } from '../exit-codes.ts';
import { survivesHangUp } from './hang-up.ts';

export interface Interrupt extends Disposable {
  /** Aborted with the name of the signal as its reason. */
  readonly signal: AbortSignal;
}

/** Disarms the signals that must not end a command or make it listen. To be called once, before anything else. */
export function withstandSignals(): void {
  const withstand = (): void => {};
  // By default Node would listen for a debugger, on a port that every user of the machine can reach.
  process.on('SIGUSR1', withstand);
  // The call that exceeded the file size limit fails anyway. By default the signal would end the process.
  process.on('SIGXFSZ', withstand);
  if (survivesHangUp()) process.on('SIGHUP', withstand);
}

export function onSignal(): Interrupt {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (!controller.signal.aborted) controller.abort(name);
    // When a terminal is closed, the system and the shell may each send a signal.
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

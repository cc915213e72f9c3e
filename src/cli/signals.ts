// Ctrl-C and SIGTERM as an abort signal: the first one asks for an orderly end, a second one ends the process.

export interface Interrupt extends Disposable {
  /** Aborted with the name of the signal. */
  readonly signal: AbortSignal;
}

export function onSignal(): Interrupt {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(130);
    controller.abort(name);
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => void process.off('SIGINT', interrupt).off('SIGTERM', interrupt),
  };
}

// `--keep-open`: keeps the driver's server up after the run, so that the dashboard can still be read.

import { messageOf } from '../errors.ts';
import type { LocalRunOptions } from '../engine/local-run.ts';
import { say } from './stderr.ts';
import { onSignal } from './signals.ts';

export type KeepOpen = NonNullable<LocalRunOptions['keepOpen']>;

/** Runs `act`. If the server is to stay and `act` has handed it over, waits for Ctrl-C, even if the run has failed. */
export async function keepingOpen(
  isAsked: boolean,
  act: (keepOpen: KeepOpen | undefined) => Promise<void>,
): Promise<void> {
  let door: Parameters<KeepOpen>[0] | undefined;
  try {
    await act(isAsked ? (kept) => void (door = kept) : undefined);
  } catch (error) {
    if (door !== undefined) say(`the run did not end well: ${messageOf(error).split('\n', 1)[0]}`);
    throw error;
  } finally {
    if (door !== undefined) await stayOpen(door);
  }
}

async function stayOpen(door: Parameters<KeepOpen>[0]): Promise<void> {
  using interrupt = onSignal();
  say(`${door.url} stays open until Ctrl-C`);
  await new Promise((resolve) => interrupt.signal.addEventListener('abort', resolve));
  await door.close();
}

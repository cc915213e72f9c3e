// Gets the record that the page shows: from the journal in the page's own file, or from the driver's events.

import type { JournalLine } from '../scheduler/journal.ts';
import { RunView } from '../view/fold.ts';
import { applyChange, type RunChange, type RunRecord } from '../view/record.ts';

export type Connection = 'report' | 'live' | 'broken' | 'over';

export interface Source {
  readonly record: RunRecord | undefined;
  readonly connection: Connection;
  /** Milliseconds since the run began, by the driver's clock. */
  nowMs(): number;
}

/** Calls `changed` whenever there is something new. */
export function openSource(changed: () => void): Source {
  const journal = document.querySelector('#journal')?.textContent.trim() ?? '';
  if (journal === '') return new LiveSource(changed);
  const { record } = RunView.of(journal.split('\n').map((line) => JSON.parse(line) as JournalLine));
  return { record, connection: 'report', nowMs: () => record.nowMs };
}

class LiveSource implements Source {
  record: RunRecord | undefined;
  connection: Connection = 'live';
  #clockMs = 0;
  #heardMs = 0;

  constructor(changed: () => void) {
    const events = new EventSource('/events');
    const on = (name: string, take: (data: string) => void): void => {
      events.addEventListener(name, (event) => {
        take((event as MessageEvent<string>).data);
        changed();
      });
    };
    on('snapshot', (data) => {
      const { clockMs, record } = JSON.parse(data) as { clockMs: number; record: RunRecord };
      this.record = record;
      this.connection = 'live';
      this.#setClock(clockMs);
    });
    on('change', (data) => {
      const { clockMs, change } = JSON.parse(data) as { clockMs: number; change: RunChange };
      if (this.record !== undefined) this.record = applyChange(this.record, change);
      this.#setClock(clockMs);
    });
    on('end', () => {
      this.connection = 'over';
      events.close();
    });
    // The browser reconnects, and then gets the whole record.
    events.addEventListener('error', () => {
      if (this.connection === 'over') return;
      this.connection = 'broken';
      changed();
    });
  }

  nowMs(): number {
    const { endedMs } = this.record ?? {};
    if (endedMs !== undefined) return endedMs;
    return this.connection === 'live' ? this.#clockMs + performance.now() - this.#heardMs : this.#clockMs;
  }

  #setClock(clockMs: number): void {
    this.#clockMs = clockMs;
    this.#heardMs = performance.now();
  }
}

// Decides whether an emit is in time: map may emit for its record, and reduce for its key, until it has returned or its promise
// has settled.
//
// Nothing waits for a pair that is emitted later: it may come during another record's turn, or after the attempt. So a late
// pair is an error that names its record, for which each record needs an emit function of its own. Making one takes longer
// than mapping many a record. A job that leaves work running mostly does so from its first record on. So if the map of the first
// few records does not wait, all other records of the attempt share one emit, which is open only while map runs. If the shared
// emit is used late, the record is unknown; the next attempt gives each record its own.

import type { Key } from '../bytes.ts';
import { quoted } from '../described-value.ts';
import type { Emit } from '../job.ts';
import type { Place } from '../protocol.ts';
import type { ContextOf } from './contexts.ts';
import { TaskFailure } from './failure.ts';
import { emitting, type Who } from './returned-values.ts';

/** The first records, this many, have their own emit even if no map has waited. */
const OWN_TURNS = 16;

const INSTEAD = 'await everything it starts before it returns, for example with Promise.all(…) instead of forEach';

export interface TurnsOptions<Context> {
  readonly who: Who;
  /** The attempt's id, such as `map-3.1`. */
  readonly attempt: string;
  /** Whether every record gets its own emit, however many there are. */
  readonly isExact: boolean;
  /** Returns the place of the current map or reduce call. */
  readonly place: () => Place | undefined;
  /** Makes the context that map or reduce is called with. */
  readonly contextOf: ContextOf<Context>;
  readonly add: (key: Key, value: unknown) => void;
  readonly each?: Emit<unknown>['each'];
  /** Is notified of late pairs after the attempt has ended successfully. */
  readonly onMissing?: (message: string, place: Place | undefined) => void;
}

/** The turn of one record, or one shared by many records. */
interface Turn {
  readonly place: Place | undefined;
}

export class Turns<Context extends { readonly emit: Emit<unknown> }> {
  readonly #options: TurnsOptions<Context>;
  readonly #shared: Context;
  readonly #sharedTurn: Turn = { place: undefined };
  /** The shared turn. */
  #open: Turn | undefined;
  #begun = 0;
  /** Whether any map call has waited. */
  #hasWaited = false;
  #isOver = false;
  /**
   * The reason the attempt fails: the first late pair. It is not thrown at the emit: perhaps nothing catches it there, or the
   * code that catches it ignores it.
   */
  #failure: TaskFailure | undefined;

  constructor(options: TurnsOptions<Context>) {
    this.#options = options;
    this.#shared = options.contextOf(this.#emitOf(this.#sharedTurn), true);
    this.#hasWaited = options.isExact;
  }

  /** Begins the turn of the next record. Returns the context for its call. */
  begin(): Context {
    if (!this.#hasWaited && this.#begun >= OWN_TURNS) {
      this.#open = this.#sharedTurn;
      return this.#shared;
    }
    this.#begun++;
    const turn: Turn = { place: this.#options.place() };
    this.#open = turn;
    return this.#options.contextOf(this.#emitOf(turn), false);
  }

  /** Marks that map waits before its turn ends. Others could emit meanwhile. */
  wait(): void {
    this.#hasWaited = true;
  }

  end(): void {
    this.#open = undefined;
  }

  /**
   * Ends the attempt's turns. Pairs emitted from now on are missing from its output.
   * @throws TaskFailure if a pair was emitted late
   */
  close(): void {
    this.check();
    this.#isOver = true;
  }

  /** @throws TaskFailure if a pair was emitted late. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #emitOf(turn: Turn): Emit<unknown> {
    const { add, each } = this.#options;
    return emitting(
      (key, value) => {
        if (this.#open !== turn)
          return this.#refuse(turn, typeof key === 'string' ? `the key ${quoted(key)}` : 'a key');
        add(key, value);
      },
      each === undefined
        ? undefined
        : (keys, value) => {
            if (this.#open !== turn) return this.#refuse(turn, 'keys with emit.each');
            each(keys, value);
          },
    );
  }

  #refuse({ place }: Turn, what: string): void {
    const { who, attempt, onMissing } = this.#options;
    const ofWhich = place === undefined ? `, at a ${who === 'map' ? 'record' : 'key'} that is unknown` : '';
    const message = `${who} emitted ${what} after it had returned${ofWhich}; ${INSTEAD}`;
    if (this.#isOver) {
      onMissing?.(`${attempt} had ended when ${message}`, place);
      return;
    }
    this.#failure ??= new TaskFailure({ kind: 'job', message, ...(place === undefined ? {} : { place }) });
  }
}

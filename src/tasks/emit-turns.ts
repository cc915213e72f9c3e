// Whose turn it is to emit: map has its record, and reduce its key, until it has returned, or its promise has settled.
//
// What is emitted later nobody waited for: it may come when another record has its turn, or when the attempt is over. So it
// is an error, which names its record: each record gets an emit of its own. Making one takes longer than to map many a
// record. A job that leaves something running mostly does so from its first record on: after a few records whose map did
// not wait, all others of the attempt share an emit, which is open only while map runs. If that one is used late, the
// record is not known; the next attempt gives each record its own.

import type { Key } from '../bytes.ts';
import { quoted } from '../described-value.ts';
import type { Emit } from '../job.ts';
import type { Place } from '../protocol.ts';
import type { ContextOf } from './contexts.ts';
import { TaskFailure } from './failure.ts';
import { emitting, type Who } from './returned-values.ts';

/** So many records have an emit of their own, although none before has waited. */
const OWN_TURNS = 16;

const INSTEAD = 'await all that it starts before it returns, such as with Promise.all(…) instead of forEach';

export interface TurnsOptions<Context> {
  readonly who: Who;
  /** The attempt, as in `map-3.1`. */
  readonly attempt: string;
  /** Whether each record is to have its own emit, however many there are. */
  readonly isExact: boolean;
  /** Where map or reduce is now. */
  readonly place: () => Place | undefined;
  /** Makes what map or reduce is called with. */
  readonly contextOf: ContextOf<Context>;
  readonly add: (key: Key, value: unknown) => void;
  readonly each?: Emit<unknown>['each'];
  /** Hears of what is emitted when the attempt has ended well. */
  readonly onMissing?: (message: string, place: Place | undefined) => void;
}

/** A record's turn, or what stands for the turns of many. */
interface Turn {
  readonly place: Place | undefined;
}

export class Turns<Context extends { readonly emit: Emit<unknown> }> {
  readonly #options: TurnsOptions<Context>;
  readonly #shared: Context;
  readonly #sharedTurn: Turn = { place: undefined };
  /** The turn that lasts. */
  #open: Turn | undefined;
  #begun = 0;
  /** Whether map has waited for something. */
  #hasWaited = false;
  #isOver = false;
  /**
   * Why the attempt fails: the first pair that came late. It is not thrown where it comes from: nobody may be there to
   * catch it, or somebody who does not care.
   */
  #failure: TaskFailure | undefined;

  constructor(options: TurnsOptions<Context>) {
    this.#options = options;
    this.#shared = options.contextOf(this.#emitOf(this.#sharedTurn), true);
    this.#hasWaited = options.isExact;
  }

  /** Begins the turn of the next record. Returns the context to run it with. */
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

  /** Map waits for something before its turn ends: meanwhile others could emit. */
  wait(): void {
    this.#hasWaited = true;
  }

  end(): void {
    this.#open = undefined;
  }

  /**
   * The attempt has ended well: what is emitted from now on is missing in its output.
   * @throws TaskFailure if it has not, because something was emitted late
   */
  close(): void {
    this.check();
    this.#isOver = true;
  }

  /** @throws TaskFailure if something was emitted late */
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
    const ofWhich = place === undefined ? `, at a ${who === 'map' ? 'record' : 'key'} that is not known` : '';
    const message = `${who} emitted ${what} after it had returned${ofWhich}; ${INSTEAD}`;
    if (this.#isOver) {
      onMissing?.(`${attempt} had ended when ${message}`, place);
      return;
    }
    this.#failure ??= new TaskFailure({ kind: 'job', message, ...(place === undefined ? {} : { place }) });
  }
}

// The workers that have joined without being started by the driver: their names, when each was last heard from, and whether
// it is still there. Reports each change once. Time is passed in, and is looked at when `tick` is called.

import { NOTICE_SILENCE_MS, type WorkerNotice } from '../../protocol.ts';
import type { WorkerId } from '../../scheduler/events.ts';
import { urlOf } from '../../wire/address.ts';

export interface Member {
  /** Belongs to the name for the whole run, also if another process takes the name. */
  readonly id: WorkerId;
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly host: string;
  readonly lastSeenMs: number;
  /** `silent`: not heard from for too long, so it counts as failed; it may return. */
  readonly state: 'here' | 'leaving' | 'silent' | 'left';
}

interface RegistryEvents {
  /** A worker is new, has come back after it left, or is another process than the one that had the name. */
  joined(member: Member): void;
  /** It takes no more tasks. */
  leaving(member: Member): void;
  left(member: Member): void;
  silent(member: Member): void;
  /** A silent worker was heard from again. */
  returned(member: Member): void;
  /** A worker that is here repeats that it has nothing to do. */
  idle(member: Member): void;
}

export interface RegistryOptions {
  /** The time in milliseconds, from any starting point. */
  readonly now: () => number;
  /** Returns the number for a worker whose name is new. */
  readonly nextId: () => WorkerId;
  /** Whether the process that has a name which another one asks for may still be alive. */
  readonly mayBeAlive: (member: Member) => boolean;
  readonly events: RegistryEvents;
}

export class Registry {
  readonly #options: RegistryOptions;
  /** Every worker that has ever joined. */
  readonly #members = new Map<string, Member>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Takes a worker's notice. Returns why the worker is refused; undefined if it is accepted. */
  heard(name: string, notice: WorkerNotice): string | undefined {
    const known = this.#members.get(name);
    if (known === undefined) this.#admit(name, notice);
    else if (isFrom(known, notice)) this.#heardAgain(known, notice);
    else if (this.#isHeld(known)) {
      return `the name ${name} belongs to process ${known.pid} on ${known.host}, which is still there; take another --name`;
    } else this.#admit(name, notice);
    return undefined;
  }

  /** A worker has announced that it is gone. */
  left(name: string): void {
    const member = this.#members.get(name);
    if (member !== undefined && member.state !== 'left') this.#options.events.left(this.#change(member, 'left'));
  }

  /** Finds the workers that have been silent for too long. To be called about once per second. */
  tick(): void {
    const oldest = this.#options.now() - NOTICE_SILENCE_MS;
    for (const member of this.#members.values()) {
      const isExpected = member.state === 'here' || member.state === 'leaving';
      if (isExpected && member.lastSeenMs <= oldest) this.#options.events.silent(this.#change(member, 'silent'));
    }
  }

  /** A worker that is about to leave does not join: its notice may be meant for an earlier driver at this port. */
  #admit(name: string, { state, port, pid, host }: WorkerNotice): void {
    if (state === 'leaving') return;
    const id = this.#members.get(name)?.id ?? this.#options.nextId();
    const member: Member = { id, name, url: urlOf(port), pid, host, lastSeenMs: this.#options.now(), state: 'here' };
    this.#members.set(name, member);
    this.#options.events.joined(member);
  }

  /** Notices may overtake each other: one that was sent before a worker began to leave does not keep it here. */
  #heardAgain(known: Member, notice: WorkerNotice): void {
    const isLeaving = notice.state === 'leaving';
    if (known.state === 'left') return this.#admit(known.name, notice);
    const member = this.#change({ ...known, lastSeenMs: this.#options.now() }, known.state);
    if (member.state === 'silent' && !isLeaving) this.#options.events.returned(this.#change(member, 'here'));
    if (member.state === 'here' && isLeaving) this.#options.events.leaving(this.#change(member, 'leaving'));
    if (member.state === 'here' && notice.state === 'idle') this.#options.events.idle(member);
  }

  #isHeld(member: Member): boolean {
    return (member.state === 'here' || member.state === 'leaving') && this.#options.mayBeAlive(member);
  }

  #change(member: Member, state: Member['state']): Member {
    const changed = { ...member, state };
    this.#members.set(member.name, changed);
    return changed;
  }
}

function isFrom(member: Member, { pid, port, host }: WorkerNotice): boolean {
  return member.pid === pid && member.url === urlOf(port) && member.host === host;
}

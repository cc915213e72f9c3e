// The workers that have come by themselves: who they are, when they were heard last, and whether they are still there.
// Says what changes, once each time. Time is passed in, and passes when `tick` is called.

import { NOTICE_SILENCE_MS, type WorkerNotice } from '../../protocol.ts';
import type { WorkerId } from '../../scheduler/events.ts';
import { urlOf } from '../../wire/address.ts';

export interface Member {
  /** The same for as long as the run goes on, also when another process takes the name. */
  readonly id: WorkerId;
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  readonly host: string;
  readonly lastSeenMs: number;
  /** `silent`: not heard for too long, so it counts as failed; it may return. */
  readonly state: 'here' | 'leaving' | 'silent' | 'left';
}

interface RegistryReports {
  /** A worker is new, has come again after it left, or is another process than the one that had the name. */
  joined(member: Member): void;
  /** It takes no more tasks. */
  leaving(member: Member): void;
  left(member: Member): void;
  silent(member: Member): void;
  /** One that was silent is heard again. */
  returned(member: Member): void;
  /** One that is here says again that it has nothing to do. */
  idle(member: Member): void;
}

export interface RegistryOptions {
  /** The time in milliseconds, from any beginning. */
  readonly now: () => number;
  /** The number of a worker with a name that was not there before. */
  readonly nextId: () => WorkerId;
  /** Whether the process of a worker that wants its name back may still be there. */
  readonly mayLive: (member: Member) => boolean;
  readonly reports: RegistryReports;
}

export class Registry {
  readonly #options: RegistryOptions;
  readonly #members = new Map<string, Member>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /** Everybody who has ever joined, in that order. */
  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** Takes in what a worker says of itself. Answers why it is refused; undefined where it is not. */
  heard(name: string, notice: WorkerNotice): string | undefined {
    const known = this.#members.get(name);
    if (known === undefined) this.#admit(name, notice);
    else if (isFrom(known, notice)) this.#heardAgain(known, notice);
    else if (this.#isHeld(known)) {
      return `the name ${name} belongs to process ${known.pid} on ${known.host}, which is still there; take another --name`;
    } else this.#admit(name, notice);
    return undefined;
  }

  /** A worker says that it is gone. */
  left(name: string): void {
    const member = this.#members.get(name);
    if (member !== undefined && member.state !== 'left') this.#options.reports.left(this.#change(member, 'left'));
  }

  /** Looks who has been silent for too long. To call about once a second. */
  tick(): void {
    const oldest = this.#options.now() - NOTICE_SILENCE_MS;
    for (const member of this.#members.values()) {
      const isExpected = member.state === 'here' || member.state === 'leaving';
      if (isExpected && member.lastSeenMs <= oldest) this.#options.reports.silent(this.#change(member, 'silent'));
    }
  }

  /** One that is about to leave is none that joins: it may have known another driver here. */
  #admit(name: string, { state, port, pid, host }: WorkerNotice): void {
    if (state === 'leaving') return;
    const id = this.#members.get(name)?.id ?? this.#options.nextId();
    const member: Member = { id, name, url: urlOf(port), pid, host, lastSeenMs: this.#options.now(), state: 'here' };
    this.#members.set(name, member);
    this.#options.reports.joined(member);
  }

  /** Notices may overtake each other: who is leaving, or has left, does not stay because of one that it sent before. */
  #heardAgain(known: Member, notice: WorkerNotice): void {
    const isLeaving = notice.state === 'leaving';
    if (known.state === 'left') return this.#admit(known.name, notice);
    const member = this.#change({ ...known, lastSeenMs: this.#options.now() }, known.state);
    if (member.state === 'silent' && !isLeaving) this.#options.reports.returned(this.#change(member, 'here'));
    if (member.state === 'here' && isLeaving) this.#options.reports.leaving(this.#change(member, 'leaving'));
    if (member.state === 'here' && notice.state === 'idle') this.#options.reports.idle(member);
  }

  #isHeld(member: Member): boolean {
    return (member.state === 'here' || member.state === 'leaving') && this.#options.mayLive(member);
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

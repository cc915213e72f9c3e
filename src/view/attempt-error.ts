// Why an attempt did not win, as page and report show it.

import { type AttemptFailure, type Place, placeText } from '../protocol.ts';
import type { CancelReason, LossCause } from '../scheduler/events.ts';
import type { AttemptError } from './record.ts';

/** It failed. */
export function failureError({ message, stack, place }: AttemptFailure): AttemptError {
  return {
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(place === undefined ? {} : { place: placeText(place) }),
  };
}

/** Its worker was lost. */
export function lossError({ message, stderr, place }: LossCause): AttemptError {
  return {
    message,
    ...(stderr.length === 0 ? {} : { stack: stderr.join('\n') }),
    ...(place === undefined ? {} : { place: placeText(place) }),
  };
}

/** It was cancelled. */
export function cancelError(reason: CancelReason, place: Place | undefined): AttemptError {
  return { ...CANCELLED[reason], ...(place === undefined ? {} : { place: placeText(place) }) };
}

const CANCELLED: Readonly<Record<CancelReason, AttemptError>> = {
  won: { message: 'the other attempt was first' },
  timeout: { message: 'it made no progress for too long' },
  outdated: { message: 'a map output that it reads is made again' },
};

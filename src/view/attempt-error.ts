// Describes why an attempt was not committed, for the page and the report.

import { type AttemptFailure, type Place, placeText } from '../protocol.ts';
import type { CancelReason, LossCause } from '../scheduler/events.ts';
import type { AttemptError } from './record.ts';

/** The error of an attempt that failed. */
export function failureError({ message, stack, place }: AttemptFailure): AttemptError {
  return {
    message,
    ...(stack === undefined ? {} : { stack }),
    ...(place === undefined ? {} : { place: placeText(place) }),
  };
}

/** The error of an attempt whose worker was lost. */
export function lossError({ message, stderr, place }: LossCause): AttemptError {
  return {
    message,
    ...(stderr.length === 0 ? {} : { stack: stderr.join('\n') }),
    ...(place === undefined ? {} : { place: placeText(place) }),
  };
}

/** The error of an attempt that was cancelled. */
export function cancelError(reason: CancelReason, place: Place | undefined): AttemptError {
  return { ...CANCELLED[reason], ...(place === undefined ? {} : { place: placeText(place) }) };
}

const CANCELLED: Readonly<Record<CancelReason, AttemptError>> = {
  won: { message: 'the other attempt was first' },
  timeout: { message: 'it made no progress for too long' },
  outdated: { message: 'a map output that it reads is made again' },
};

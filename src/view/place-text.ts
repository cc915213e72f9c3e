// Puts the place at which an attempt ended, a record or a key, into a sentence.

import { type Place, placeText } from '../protocol.ts';

/** ` at a.txt, record 3`, to follow a name. Empty if the place is not known. */
export function atText(place: Place | undefined): string {
  return place === undefined ? '' : ` at ${placeText(place)}`;
}

/** `at a.txt, record 3: `, to precede a message. Empty if the place is not known. */
export function atPlace(place: Place | undefined): string {
  return place === undefined ? '' : `at ${placeText(place)}: `;
}

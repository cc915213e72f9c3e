// Names the place at which an attempt ended, a record or a key, within a sentence.

import { type Place, placeText } from '../protocol.ts';

/** ` at the record at byte 20 of a.txt`, to follow a name. Empty if the place is not known. */
export function atText(place: Place | undefined): string {
  return place === undefined ? '' : ` at ${placeText(place)}`;
}

/** `at the record at byte 20 of a.txt: `, to precede a message. Empty if the place is not known. */
export function atPlace(place: Place | undefined): string {
  return place === undefined ? '' : `at ${placeText(place)}: `;
}

// Text that comes out of data, jobs and workers, made safe for a terminal: what would move its cursor, change its colours
// or turn the direction of writing is shown as what it is.

const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The text with such characters as escapes; lines and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** The text as one line without tabs. */
export function printableLine(text: string): string {
  return text.replaceAll(UNSEEN, escaped);
}

/** The text, or its beginning and an ellipsis: at most `most` code units. */
export function shortened(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  const code = character.codePointAt(0)!;
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
}

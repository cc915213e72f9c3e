// Makes text from data, jobs and workers safe for a terminal: characters that would move the cursor, change colours or reverse
// the direction of writing are shown as escapes.

const UNSEEN = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

/** The text with such characters as escapes. Line ends and tabs stay. */
export function printable(text: string): string {
  return text.replaceAll(UNSEEN, (character) =>
    character === '\n' || character === '\t' ? character : escaped(character),
  );
}

/** The text with such characters, line ends and tabs as escapes: one line. */
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

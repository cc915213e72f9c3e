// The exit codes of the command, and which one an error leads to.

/**
 * The codes, by who must act. 1 is reserved for `--verify`: the run itself ended well. `bin/mapreduce.js`, which must run
 * without these sources, repeats two of them.
 */
export const EXIT_CODES = {
  /** The output differs from that of the sequential runner. */
  verify: 1,
  usage: 2,
  job: 3,
  lost: 4,
  corrupt: 5,
  input: 5,
  system: 6,
  invariant: 70,
  interrupted: 130,
} as const;

export type ErrorKind = keyof typeof EXIT_CODES;

/** The exit code of a command that fails with `error`. Anything but an error of ours is a bug of ours. */
export function exitCodeOf(error: unknown): number {
  const kind = error instanceof Error && 'kind' in error ? String(error.kind) : '';
  return Object.hasOwn(EXIT_CODES, kind) ? EXIT_CODES[kind as ErrorKind] : EXIT_CODES.invariant;
}

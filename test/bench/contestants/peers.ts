// Contestants that are other programs.

import { fileURLToPath } from 'node:url';

import type { Contestant } from '../case.ts';
import type { Dataset } from '../data/datasets.ts';
import type { Output } from '../measure/digest.ts';
import { timeCommand } from '../measure/timed-command.ts';

export interface Peer {
  readonly name: string;
  readonly input: Dataset;
  readonly skipped?: string | undefined;
  /** How to read its output, which it prints. */
  readonly output?: Omit<Output, 'files'>;
}

/** Any program. Texts are compared as bytes, whatever locale the user has set. */
export function programPeer(command: readonly [file: string, ...args: string[]], peer: Peer): Contestant {
  const [file, ...args] = command;
  return {
    name: peer.name,
    skipped: peer.skipped,
    inputs: [peer.input.path],
    async run(folder) {
      const { wallMs, peaks, stdout } = await timeCommand({ file, args, folder, env: { LC_ALL: 'C', TMPDIR: folder } });
      return { wallMs, peaks, output: { files: [stdout], ...peer.output } };
    },
  };
}

/** A line of shell, in which `$1` is the input, and `$2` and so on are the arguments. */
export function shellPeer(script: string, peer: Peer, ...args: readonly string[]): Contestant {
  return programPeer(['sh', '-c', script, 'sh', peer.input.path, ...args], peer);
}

/** A file of `peers/`. */
export function nodePeer(script: string, args: readonly string[], peer: Peer): Contestant {
  return programPeer([process.execPath, peerPath(script), ...args], peer);
}

/** SQL that selects key and value. DuckDB itself writes the file in which the output of other programs is kept. */
export function duckdbPeer(select: string, threads: number, peer: Peer): Contestant {
  const sql = `COPY (${select}) TO 'stdout' (FORMAT csv, DELIMITER '\t', HEADER false, QUOTE '')`;
  return nodePeer('duckdb.ts', [String(threads), sql], peer);
}

/** The table of a text file's lines, one column. There is no quoting, and the column separator never occurs. */
export function linesTable(path: string): string {
  const options = "delim = '\x01', quote = '', escape = '', header = false, auto_detect = false";
  return `read_csv('${path.replaceAll("'", "''")}', columns = { 'line': 'VARCHAR' }, ${options})`;
}

/** The path of a file of `peers/`. */
export function peerPath(script: string): string {
  return fileURLToPath(new URL(`../peers/${script}`, import.meta.url));
}

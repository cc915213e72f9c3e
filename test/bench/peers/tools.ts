// Finds out which peers are on this machine, and their versions.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const C_SOURCE = fileURLToPath(new URL('word-count.c', import.meta.url));
const DUCKDB = fileURLToPath(new URL('duckdb.ts', import.meta.url));
const PACKAGES = ['parallel', 'mawk'];

/** The command that prints a tool's version, and the part of its output that is the version. BSD's sort has other options and does not match. */
const QUESTIONS = {
  mawk: { command: ['mawk', '-W', 'version'], version: /^mawk ([^\s,]+)/ },
  parallel: { command: ['parallel', '--version'], version: /^GNU parallel (\S+)/ },
  sort: { command: ['sort', '--version'], version: /^sort \(GNU coreutils\) (\S+)/ },
  cc: { command: ['cc', '--version'], version: /^(?:cc )?(.+)/ },
  // It comes with npm, on the platforms for which there is a build.
  duckdb: { command: [process.execPath, DUCKDB], version: /^v(\S+)/ },
} as const;

export type Tool = keyof typeof QUESTIONS;

export class Tools {
  /** The version of each tool that is there. */
  readonly versions: Readonly<Record<string, string>>;
  readonly #dir: string;

  /** Compiled programs go into the directory `dir`. */
  constructor(dir: string) {
    this.#dir = dir;
    this.versions = Object.fromEntries(
      Object.entries(QUESTIONS).flatMap(([name, { command, version }]) => {
        const [, found] = version.exec(answerOf(command)) ?? [];
        return found === undefined ? [] : [[name, found]];
      }),
    );
  }

  /** Why a peer that needs these tools cannot run; undefined if it can. */
  lack(...needed: readonly Tool[]): string | undefined {
    const missing = needed.filter((tool) => !(tool in this.versions));
    return missing.length === 0 ? undefined : `${missing.join(' and ')} not found`;
  }

  /** The program that counts words in threads. It is compiled if it is missing or older than its source. */
  wordCounter(): string {
    const program = join(this.#dir, 'word-count');
    if (!existsSync(program) || statSync(program).mtimeMs < statSync(C_SOURCE).mtimeMs) {
      mkdirSync(this.#dir, { recursive: true });
      execFileSync('cc', ['-O3', '-pthread', '-o', program, C_SOURCE], { stdio: ['ignore', 'inherit', 'inherit'] });
    }
    return program;
  }
}

/** Installs the peers that Debian has; returns in words how that went. */
export function installPeers(): string {
  try {
    execFileSync('apt-get', ['install', '-y', ...PACKAGES], { stdio: ['ignore', 'ignore', 'pipe'] });
    return `installed ${PACKAGES.join(' and ')}`;
  } catch (error) {
    return `apt-get install ${PACKAGES.join(' ')} failed: ${String(error)}`;
  }
}

function answerOf([file, ...args]: readonly string[]): string {
  try {
    return execFileSync(file!, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}

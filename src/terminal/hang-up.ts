// Finds out whether a command was started with nohup, and so must survive the closing of its terminal (SIGHUP).
//
// nohup starts a program with SIGHUP ignored. Node resets that before our code runs, so it cannot be read directly. But nohup
// leaves traces: the shell names it in the environment, it replaces the terminal by a file, and a script that runs under it still
// ignores SIGHUP.

import { fstatSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';

/** Bit 0 of the signals that a process ignores, in the hexadecimal mask that Linux shows. */
const IGNORES_HANG_UP = /^SigIgn:\t[0-9a-f]*[13579bdf]$/m;
/** An open file that can only be written, as Linux shows it. */
const WRITE_ONLY = /^flags:\t[0-7]*1$/m;

const [STDIN, ...OUTPUTS] = [0, 1, 2] as const;

let known: boolean | undefined;

export function survivesHangUp(): boolean {
  known ??= isNamedByShell() || writesToItsFile() || hasItsInput() || isInherited();
  return known;
}

/** Bash, zsh and ksh put the command that they started into the environment. */
function isNamedByShell(): boolean {
  return basename(process.env['_'] ?? '') === 'nohup';
}

/** nohup replaces a terminal by `nohup.out`, in this folder or in the home folder. */
function writesToItsFile(): boolean {
  return ['nohup.out', join(homedir(), 'nohup.out')].some((path) => {
    const file = ifThere(() => statSync(path));
    return (
      file !== undefined &&
      OUTPUTS.some((fd) =>
        isSame(
          ifThere(() => fstatSync(fd)),
          file,
        ),
      )
    );
  });
}

/** GNU's nohup replaces a terminal by a stdin that cannot be read. */
function hasItsInput(): boolean {
  const isNothing = isSame(
    ifThere(() => fstatSync(STDIN)),
    ifThere(() => statSync('/dev/null')),
  );
  return isNothing && WRITE_ONLY.test(ifThere(() => readFileSync(`/proc/self/fdinfo/${STDIN}`, 'utf8')) ?? '');
}

function isInherited(): boolean {
  return IGNORES_HANG_UP.test(ifThere(() => readFileSync(`/proc/${process.ppid}/status`, 'utf8')) ?? '');
}

function isSame(a: FileIdentity | undefined, b: FileIdentity | undefined): boolean {
  return a !== undefined && a.dev === b?.dev && a.ino === b.ino;
}

interface FileIdentity {
  readonly dev: number;
  readonly ino: number;
}

/** Undefined if `look` fails, for example on a system without /proc. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

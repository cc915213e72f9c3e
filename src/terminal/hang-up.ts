// Whether a command goes on when its terminal is closed (SIGHUP), because it was started with nohup.
//
// nohup starts a program that ignores SIGHUP. Node undoes that before any code of ours runs, so it cannot be asked for; but
// nohup leaves traces: the shell names it in the environment, it puts a file in the place of a terminal, and a script that
// runs under it ignores SIGHUP still.

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

/** Bash, zsh and ksh tell a program what they have started. */
function isNamedByShell(): boolean {
  return basename(process.env['_'] ?? '') === 'nohup';
}

/** Instead of a terminal, output goes to `nohup.out`, here or at home. */
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

/** Instead of a terminal, GNU's nohup gives a stdin that cannot be read. */
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

/** What cannot be looked at, such as on a system without /proc, is no trace. */
function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

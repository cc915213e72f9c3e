// Checks that a driver that continues a run verifies every committed file, and no other, before any attempt begins, and that no attempt
// begins before the chunks exist.

import { type Checker, hold, startsIn } from './checker.ts';

export function verifiedFiles(): Checker {
  let hasVerified = true;
  let hasChunks = false;
  return {
    name: 'verified files',
    saw: ({ event, commands }, { files, state }) => {
      if (event.type === 'driver-resumed') {
        const verify = commands.find((command) => command.type === 'verify');
        const named = new Set(verify?.files.map(({ task }) => task));
        for (const task of files.tasks()) hold(named.has(task), () => `the file of ${task} is not verified`);
        const { map, reduce } = state.committed;
        hold(named.size === map + reduce, () => `${named.size} files are verified, of ${map + reduce}`);
      }
      if (event.type === 'chunks-written') hasChunks = true;
      if (event.type === 'outputs-verified' && !hasVerified && state.phase !== 'ended') {
        hasVerified = true;
        const { reused, committed } = state;
        const left = files.tasks().length;
        hold(
          reused === left || committed.map + committed.reduce < reused,
          () => `${left} files are left, not ${reused}`,
        );
      }
      const [start] = startsIn(commands);
      hold(start === undefined || hasVerified, () => `${start?.attempt} begins before all files were verified`);
      hold(start === undefined || hasChunks, () => `${start?.attempt} begins before the chunks exist`);
    },
    resumed: () => {
      hasVerified = false;
      hasChunks = false;
    },
  };
}

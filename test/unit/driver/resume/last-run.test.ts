import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { expect, test } from 'vitest';

import { JournalText } from '../../../../src/driver/loop/journal-file.ts';
import { lastRun } from '../../../../src/driver/resume/last-run.ts';
import { JOURNAL } from '../../../../src/scheduler/journal.ts';
import { writeManifest } from '../../../../src/workspace/run-manifest.ts';
import { type Workspace, workspaceAt } from '../../../../src/workspace/paths.ts';
import { SMALL } from '../../../fixtures/told-run.ts';
import { temporaryFolder } from '../../../fixtures/temporary.ts';

const [OLDER, NEWEST] = ['20260102T030405Z-abcdef', '20260102T030406Z-abcdef'];
const job = { name: 'a job', path: '/a.ts', digest: 'd', params: {} };

/** A state directory with the journals of two runs, and the manifest of the last one. */
function twoRuns(): Workspace {
  const workspace = workspaceAt(temporaryFolder());
  for (const runId of [OLDER, NEWEST]) {
    mkdirSync(dirname(workspace.journal(runId)), { recursive: true });
    const run = { runId, job, inputs: [], output: `/results/of/${runId}` };
    const line = { at: 0, type: 'run-started', journal: JOURNAL, run, options: SMALL } as const;
    writeFileSync(workspace.journal(runId), new JournalText().format(line));
  }
  writeManifest(workspace.run, { id: NEWEST, job: 'a job', mapCount: 1, reduceCount: 1, output: '/as/recorded' });
  return workspace;
}

test('the journal says where the last run builds its results', () => {
  const workspace = twoRuns();
  writeFileSync(workspace.run, 'null');
  expect(lastRun(workspace)).toEqual({ id: NEWEST, output: `/results/of/${NEWEST}` });
});

test('without a valid journal, the manifest says where the last run builds its results', () => {
  const workspace = twoRuns();
  truncateSync(workspace.journal(NEWEST), 20);
  expect(lastRun(workspace)).toMatchObject({ id: NEWEST, output: '/as/recorded' });
  writeFileSync(workspace.run, 'null');
  expect(lastRun(workspace)).toBeUndefined();
});

test('there is no last run if nothing ever ran', () => {
  expect(lastRun(workspaceAt(temporaryFolder()))).toBeUndefined();
});

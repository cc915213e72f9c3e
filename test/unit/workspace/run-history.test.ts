import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { expect, test } from 'vitest';

import { workspaceAt } from '../../../src/workspace/paths.ts';
import { clearHistory, runsInHistory } from '../../../src/workspace/run-history.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

test('the history lists its runs, oldest first, and nothing else that lies there', () => {
  const workspace = workspaceAt(temporaryFolder());
  for (const id of ['20260102T030406Z-000000', '20260102T030405Z-abcdef', 'notes']) {
    mkdirSync(dirname(workspace.journal(id)), { recursive: true });
  }
  expect(runsInHistory(workspace)).toEqual(['20260102T030405Z-abcdef', '20260102T030406Z-000000']);
});

test('clearing the history removes a half-written report', () => {
  const workspace = workspaceAt(temporaryFolder());
  const part = `${workspace.report('20260102T030405Z-abcdef')}.7.part`;
  mkdirSync(dirname(part), { recursive: true });
  writeFileSync(part, '');
  clearHistory(workspace);
  expect(readdirSync(workspace.dir)).toEqual([]);
});

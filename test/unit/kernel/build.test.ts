import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { ROOT } from '../../fixtures/scratch.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

test('the committed kernel is the one that its source builds', async () => {
  const built = join(temporaryFolder(), 'kernel.wasm');
  const compiler = join(ROOT, 'node_modules/assemblyscript/bin/asc.js');
  const config = join(ROOT, 'src/kernel/assembly/asconfig.json');
  await execa(process.execPath, [compiler, '--config', config, '--outFile', built], { cwd: ROOT });
  const kept = readFileSync(join(ROOT, 'src/kernel/kernel.wasm'));
  expect(kept.equals(readFileSync(built)), 'run npm run build:kernel').toBe(true);
});

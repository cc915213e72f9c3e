import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { execa } from 'execa';
import { expect, test } from 'vitest';

import { reportPage } from '../../../src/files/page-file.ts';
import { ROOT } from '../../fixtures/scratch.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';
import { ToldView } from '../../fixtures/told-view.ts';

test('the page in the repository is what its source builds', async () => {
  const built = join(temporaryFolder(), 'page.html');
  await execa(process.execPath, [join(ROOT, 'tools/build-page.ts'), built], { cwd: ROOT });
  const kept = readFileSync(join(ROOT, 'src/files/page.html'), 'utf8');
  expect(kept === readFileSync(built, 'utf8'), 'run npm run build:page').toBe(true);
});

test('a report contains the journal, and nothing in the journal closes its element', () => {
  const name = '</script><script>alert(1)</script><!--';
  const told = new ToldView().tell(1, { type: 'worker-joined', worker: 3, name, url: '', pid: 1, host: 'h' });
  const page = Buffer.concat([...reportPage([Buffer.from(told.journal)])]).toString();
  const [, data] = /<script type="application\/x-ndjson" id="journal">([^<]*)<\/script>/.exec(page)!;
  expect(JSON.parse(data!.trim().split('\n')[1]!)).toMatchObject({ type: 'worker-joined', name });
  expect(page.match(/<script/g)).toHaveLength(2);
});

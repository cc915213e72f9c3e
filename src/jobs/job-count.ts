import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { defineJob } from 'http-mapreduce';

let counted = '';

export default defineJob({
  name: 'job-count',
  description: 'how often each map task ran, counted by the files that its attempts leave in --param dir=DIRECTORY',
  params: { dir: (text) => text ?? join(tmpdir(), 'mapreduce-job-count') },
  *map(_line: string, { runId, task, attempt, params }) {
    if (attempt === counted) return;
    counted = attempt;
    mkdirSync(params.dir, { recursive: true });
    const ran = join(params.dir, `${runId}-${task}`);
    appendFileSync(ran, `${attempt}\n`);
    yield [task, ran];
  },
  reduce(_task, files) {
    const [ran = ''] = files;
    return readFileSync(ran, 'utf8').split('\n').length - 1;
  },
});

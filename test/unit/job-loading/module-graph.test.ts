import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, test } from 'vitest';

import { changedPart, digestOfParts, type JobPart, ModuleGraph } from '../../../src/job-loading/module-graph.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

/** Files with these texts in a new folder, and a graph in which each imports those that its text names, one per line. */
function graphOf(files: Readonly<Record<string, string>>): {
  folder: string;
  graph: ModuleGraph;
  parts: () => JobPart[];
} {
  const folder = temporaryFolder();
  const graph = new ModuleGraph();
  const url = (name: string): string => pathToFileURL(join(folder, name)).href;
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    for (const imported of text.split('\n').filter((line) => line in files)) graph.add(url(name), url(imported));
  }
  const parts = (): JobPart[] =>
    graph
      .partsOf(join(folder, 'job.ts'), (imported) => imported.includes('/ours/'))
      .map(([path, content]) => [path.slice(folder.length + 1), content]);
  return { folder, graph, parts };
}

const FILES = {
  'job.ts': 'b.ts\nconfig.json\nnode_modules/@scope/pack/index.js\nours/index.ts',
  'b.ts': 'a.ts\njob.ts',
  'a.ts': '',
  'config.json': '{}',
  'unused.ts': '',
  'ours/index.ts': 'ours/inner.ts',
  'ours/inner.ts': '',
  'node_modules/@scope/pack/index.js': 'node_modules/@scope/pack/lib/more.js\nnode_modules/dep/index.js',
  'node_modules/@scope/pack/lib/more.js': '',
  'node_modules/@scope/pack/package.json': '{ "name": "@scope/pack", "version": "1.2.3" }',
  'node_modules/dep/index.js': '',
  'node_modules/dep/package.json': '{ "name": "dep", "version": "0.1.0" }',
};

test('the parts of a job are its file, everything that it imports, and the versions of packages; not modules of this package', () => {
  const parts = graphOf(FILES).parts();
  expect(parts.map(([path]) => path)).toEqual([
    'job.ts',
    'a.ts',
    'b.ts',
    'config.json',
    'node_modules/@scope/pack',
    'node_modules/dep',
  ]);
  expect(Object.fromEntries(parts)).toMatchObject({
    'job.ts': expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    'node_modules/@scope/pack': '@scope/pack 1.2.3',
    'node_modules/dep': 'dep 0.1.0',
  });
});

test('the imports of a data: URL are parts of the job', () => {
  const { folder, graph, parts } = graphOf({ 'job.ts': '', 'inner.ts': '' });
  const [job, inner] = ['job.ts', 'inner.ts'].map((name) => pathToFileURL(join(folder, name)).href);
  const data = `data:text/javascript,export * from ${JSON.stringify(inner)}`;
  graph.add(job!, data);
  graph.add(data, inner!);
  expect(parts().map(([path]) => path)).toEqual(['job.ts', 'inner.ts']);
});

test('the order in which modules load makes no difference; content does, and is named', () => {
  const { folder, parts } = graphOf(FILES);
  const before = parts();
  expect(digestOfParts(graphOf(Object.fromEntries(Object.entries(FILES).toReversed())).parts())).toBe(
    digestOfParts(before),
  );
  expect(changedPart(before, parts())).toBeUndefined();
  writeFileSync(join(folder, 'a.ts'), '// edited');
  expect(digestOfParts(parts())).not.toBe(digestOfParts(before));
  expect(changedPart(before, parts())).toBe(
    'a.ts: expected a file of the job as it was when the run began, found it changed',
  );
});

test('an edited file in a package is not a change, another version is', () => {
  const { folder, parts } = graphOf(FILES);
  const before = parts();
  writeFileSync(join(folder, 'node_modules/dep/index.js'), '// edited');
  expect(parts()).toEqual(before);
  writeFileSync(join(folder, 'node_modules/dep/package.json'), '{ "name": "dep", "version": "0.2.0" }');
  expect(changedPart(before, parts())).toContain(
    'node_modules/dep: expected dep 0.1.0 as it was when the run began, found dep 0.2.0',
  );
});

test('a file below node_modules that is not in a package counts by its content', () => {
  const { parts } = graphOf({ 'job.ts': 'node_modules/loose/x.js', 'node_modules/loose/x.js': '' });
  expect(parts()).toEqual([
    ['job.ts', expect.stringMatching(/^[0-9a-f]{64}$/)],
    ['node_modules/loose/x.js', expect.stringMatching(/^[0-9a-f]{64}$/)],
  ]);
});

test('a job that is named by a link is the file that the link leads to', () => {
  const { folder, graph } = graphOf(FILES);
  symlinkSync(join(folder, 'job.ts'), join(folder, 'link.ts'));
  const isOurs = (url: string): boolean => url.includes('/ours/');
  expect(graph.partsOf(join(folder, 'link.ts'), isOurs)).toEqual(graph.partsOf(join(folder, 'job.ts'), isOurs));
});

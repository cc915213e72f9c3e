import { createRequire } from 'node:module';
import { basename, dirname, sep } from 'node:path';

import type { FastifyInstance } from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { newServer } from '../../src/http-server.ts';

const { cache } = createRequire(import.meta.url);

function loadedFilesOf(name: string): string[] {
  return Object.keys(cache).filter((path) => path.includes(`node_modules${sep}${name}${sep}`));
}

/** A plugin that says for which version of Fastify it is made. */
function pluginFor(version: string): (server: FastifyInstance) => Promise<void> {
  return Object.assign(async () => {}, { [Symbol.for('plugin-meta')]: { name: 'ours', fastify: version } });
}

async function registering(version: string): Promise<void> {
  const server = newServer();
  onTestFinished(() => server.close());
  await server.register(pluginFor(version));
}

test('a server that is made loads of semver no more than its name', () => {
  newServer();
  expect(loadedFilesOf('fastify').length).toBeGreaterThan(10);
  expect(loadedFilesOf('semver').map((path) => basename(dirname(path)))).toEqual(['semver']);
});

test('a plugin for another version of Fastify is refused all the same, one for this version is taken', async () => {
  await expect(registering('4.x')).rejects.toThrow(/expected '4\.x' fastify version/);
  await expect(registering('5.x')).resolves.toBeUndefined();
});

import {
  chmodSync,
  existsSync,
  fstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';
import * as v from 'valibot';

import { SystemError } from '../../../src/errors.ts';
import { partPath, removeFile, replaceFile } from '../../../src/machine/regular-file.ts';
import {
  readIfWhole,
  readStateFile,
  type StateFileKind,
  stateText,
  writeStateFile,
} from '../../../src/workspace/state-file.ts';
import { changeCall, refused } from '../../fixtures/changed-calls.ts';
import { DAMAGES } from '../../fixtures/damages.ts';
import { temporaryFolder } from '../../fixtures/temporary.ts';

const Content = v.object({ name: v.string(), count: v.number() });
const KIND: StateFileKind<v.InferOutput<typeof Content>> = {
  kind: 'test',
  version: 3,
  mostBytes: 1000,
  content: Content,
};
const CONTENT = { name: 'ü "quoted"\n', count: 12 };

function written(): string {
  const path = join(temporaryFolder(), 'file');
  writeStateFile(KIND, path, CONTENT, { synced: true });
  return path;
}

test('a state file is read as it was written, and names its kind', () => {
  const path = written();
  expect(readStateFile(KIND, path)).toEqual({ content: CONTENT });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ kind: 'test', version: 3, ...CONTENT });
  expect(readdirSync(dirname(path))).toEqual(['file']);
});

test('a line written over a longer one is read, even if the rest of the longer one is visible', () => {
  const path = written();
  writeFileSync(path, `${stateText(KIND, { name: '', count: 1 })}${stateText(KIND, CONTENT).slice(-30)}`);
  expect(readIfWhole(KIND, path)).toEqual({ name: '', count: 1 });
});

test('a missing file is undefined', () => {
  expect(readStateFile(KIND, join(temporaryFolder(), 'none'))).toBeUndefined();
  expect(readIfWhole(KIND, join(temporaryFolder(), 'none'))).toBeUndefined();
});

test.for(DAMAGES)('a file %s is not trusted', ([how, damage]) => {
  const path = written();
  damage(path);
  expect(readIfWhole(KIND, path), how).toBeUndefined();
});

test.for([
  ['an empty file', '', 'found an empty file'],
  ['half a line', stateText(KIND, CONTENT).slice(0, -2), 'found it damaged'],
  ['another kind', stateText({ ...KIND, kind: 'other' }, CONTENT), 'found another kind of file'],
  ['another version', stateText({ ...KIND, version: 4 }, CONTENT), 'found version 4'],
  ['too much', stateText(KIND, { name: 'x'.repeat(1000), count: 1 }), 'found 1,065 bytes'],
] as const)('%s is reported as damage', ([, text, damage]) => {
  const path = written();
  writeFileSync(path, text);
  expect(readStateFile(KIND, path)).toEqual({ damage });
});

test('a content that does not fit its kind is reported as damage', () => {
  const path = written();
  writeStateFile({ ...KIND, content: v.object({}) }, path, { name: 1 });
  expect(readStateFile(KIND, path)).toEqual({
    damage: expect.stringContaining('Expected string but received 1') as string,
  });
});

test.for(['EIO', 'EMFILE', 'EACCES'])(
  'a file that the machine refuses to read with %s is an error of the machine',
  (code) => {
    const path = written();
    changeCall('readSync', () => () => {
      throw refused(code, 'read');
    });
    expect(() => readStateFile(KIND, path)).toThrow(SystemError);
    expect(() => readStateFile(KIND, path)).toThrow(`${path}: expected to read it, found`);
    expect(readIfWhole(KIND, path)).toBeUndefined();
  },
);

test('a link is followed to a file, and to nothing else', () => {
  const path = written();
  symlinkSync(path, `${path}.link`);
  expect(readIfWhole(KIND, `${path}.link`)).toEqual(CONTENT);
  symlinkSync('/dev/zero', `${path}.device`);
  expect(readStateFile(KIND, `${path}.device`)).toEqual({ damage: 'found something that is no file' });
});

test('a replaced file has its mode, and all of its content', () => {
  const path = written();
  replaceFile(path, ['ne', Buffer.from('w')], { mode: 0o600 });
  expect(readFileSync(path, 'utf8')).toBe('new');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(dirname(path))).toEqual(['file']);
});

test('a synced file is on the disk before it is renamed, and its name before the call returns', () => {
  const path = join(temporaryFolder(), 'file');
  const order: string[] = [];
  changeCall('fsyncSync', (sync) => (fd) => {
    order.push(fstatSync(fd).isDirectory() ? 'sync folder' : 'sync file');
    sync(fd);
  });
  changeCall('renameSync', (rename) => (from, to) => {
    order.push('rename');
    rename(from, to);
  });
  replaceFile(path, ['new'], { synced: true });
  expect(order).toEqual(['sync file', 'rename', 'sync folder']);
  replaceFile(path, ['newer']);
  expect(order.slice(3)).toEqual(['rename']);
});

test('a file that cannot be written stays as it was, and no part is left beside it', () => {
  const path = written();
  changeCall('fsyncSync', () => () => {
    throw refused('EIO', 'fsync');
  });
  expect(() => replaceFile(path, ['new'], { synced: true })).toThrow(SystemError);
  expect(readIfWhole(KIND, path)).toEqual(CONTENT);
  expect(readdirSync(dirname(path))).toEqual(['file']);
});

test('a file replaces an empty folder, and no other', () => {
  const path = join(temporaryFolder(), 'file');
  mkdirSync(path);
  replaceFile(path, ['ne', Buffer.from('w')]);
  expect(readFileSync(path, 'utf8')).toBe('new');
  removeFile(path);
  mkdirSync(join(path, 'theirs'), { recursive: true });
  expect(() => replaceFile(path, ['ne', Buffer.from('w')])).toThrow(SystemError);
  expect(() => replaceFile(path, ['ne', Buffer.from('w')])).toThrow(
    `${path}: expected a file or nothing, found a folder that is not empty`,
  );
  expect(() => removeFile(path)).toThrow(SystemError);
  expect(readdirSync(dirname(path))).toEqual(['file']);
  expect(readdirSync(path)).toEqual(['theirs']);
});

test('a file is not written through a link in the place of its part', () => {
  const path = written();
  const theirs = `${path}.theirs`;
  writeFileSync(theirs, 'theirs');
  symlinkSync(theirs, partPath(path));
  replaceFile(path, ['ne', Buffer.from('w')]);
  expect(readFileSync(theirs, 'utf8')).toBe('theirs');
});

test.runIf(process.getuid?.() !== 0)('a folder that cannot be written is an error of the machine', () => {
  const path = written();
  chmodSync(dirname(path), 0o500);
  expect(() => replaceFile(path, ['ne', Buffer.from('w')])).toThrow(SystemError);
  chmodSync(dirname(path), 0o700);
});

test('writing a file without its folder is an error of the machine, and removing it is not', () => {
  const path = join(temporaryFolder(), 'none', 'file');
  expect(() => replaceFile(path, ['ne', Buffer.from('w')])).toThrow(SystemError);
  removeFile(path);
  expect(existsSync(path)).toBe(false);
});

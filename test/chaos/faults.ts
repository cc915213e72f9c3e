// Lists the faults, how frequent each is, and how a driver may end because of it. Exit codes are those of the README.

import { addToInput, damageData, damageJournal, damageStateFile, editJob, fillDisk } from './file-faults.ts';
import {
  interruptDriver,
  killDriver,
  killHost,
  killWorker,
  replaceDriver,
  replaceWorker,
  stopDriver,
  stopWorker,
} from './process-faults.ts';
import type { FaultKind } from './scene.ts';

const [JOB, LOST, DAMAGED, SYSTEM, INTERRUPTED] = [3, 4, 5, 6, 130];

const STATE_FILE: FaultKind = {
  name: 'state file damaged',
  weight: 5,
  mayEndWith: [DAMAGED, SYSTEM],
  strike: damageStateFile,
};
const JOURNAL: FaultKind = {
  name: 'journal damaged',
  weight: 1,
  mayEndWith: [SYSTEM],
  mayNeedFresh: true,
  strike: damageJournal,
};
const CHUNK: FaultKind = {
  name: 'chunk damaged',
  weight: 2,
  mayEndWith: [DAMAGED, SYSTEM],
  strike: (scene) => damageData(scene, 'chunks'),
};
const MAP_OUTPUT: FaultKind = {
  name: 'map output damaged',
  weight: 3,
  mayEndWith: [DAMAGED, SYSTEM],
  strike: (scene) => damageData(scene, 'intermediate'),
};
const PENDING: FaultKind = {
  name: 'pending output damaged',
  weight: 3,
  mayEndWith: [DAMAGED, SYSTEM],
  strike: (scene) => damageData(scene, 'pending'),
};
const INPUT: FaultKind = {
  name: 'input added to',
  weight: 1,
  mayEndWith: [DAMAGED],
  mayNeedFresh: true,
  strike: addToInput,
};

/** The faults that happen while a driver lives. */
export const DURING: readonly FaultKind[] = [
  { name: 'worker killed', weight: 4, mayEndWith: [LOST], strike: killWorker },
  { name: 'worker stopped', weight: 3, mayEndWith: [LOST], strike: stopWorker },
  { name: 'stranger on the port of a worker', weight: 3, mayEndWith: [LOST], strike: replaceWorker },
  { name: 'job host killed', weight: 1, mayEndWith: [JOB, SYSTEM], strike: killHost },
  { name: 'driver killed', weight: 5, mayEndWith: [], strike: killDriver },
  { name: 'driver stopped', weight: 3, mayEndWith: [], strike: stopDriver },
  { name: 'driver asked to end', weight: 2, mayEndWith: [INTERRUPTED], strike: interruptDriver },
  {
    name: 'disk full',
    weight: 5,
    isPossible: ({ diskBytes }) => diskBytes !== undefined,
    mayEndWith: [SYSTEM],
    strike: fillDisk,
  },
  {
    name: 'job edited',
    weight: 1,
    isPossible: ({ job }) => job !== 'word-count',
    mayEndWith: [DAMAGED],
    mayNeedFresh: true,
    strike: editJob,
  },
  {
    name: 'file of an attempt damaged',
    weight: 2,
    mayEndWith: [DAMAGED, SYSTEM],
    strike: (scene) => damageData(scene, 'attempts'),
  },
  STATE_FILE,
  JOURNAL,
  CHUNK,
  MAP_OUTPUT,
  PENDING,
  INPUT,
];

/** The faults that happen while no driver lives. */
export const BETWEEN: readonly FaultKind[] = [
  { name: "stranger on the driver's port", weight: 1, mayEndWith: [], strike: replaceDriver },
  STATE_FILE,
  { ...JOURNAL, weight: 4 },
  CHUNK,
  MAP_OUTPUT,
  PENDING,
  INPUT,
];

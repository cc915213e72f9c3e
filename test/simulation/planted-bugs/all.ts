// All planted bugs, by name.

import { absenceCounted } from './absence-counted.ts';
import { answerOfAnotherAttempt } from './answer-of-another-attempt.ts';
import { cancelForgotten } from './cancel-forgotten.ts';
import { committedBeforeTheRename } from './committed-before-the-rename.ts';
import { doneBeforePublished } from './done-before-published.ts';
import { doneTooEarly } from './done-too-early.ts';
import { failedCommitStands } from './failed-commit-stands.ts';
import { failedCommitUncounted } from './failed-commit-uncounted.ts';
import { failuresForgotten } from './failures-forgotten.ts';
import { freeBeforeItStopped } from './free-before-it-stopped.ts';
import { generationStays } from './generation-stays.ts';
import { heartbeatsAreProgress } from './heartbeats-are-progress.ts';
import { impatient } from './impatient.ts';
import { lastLineIgnored } from './last-line-ignored.ts';
import { lateAnswerCommitted } from './late-answer-committed.ts';
import { lossesNotWritten } from './losses-not-written.ts';
import { lostAttemptsCounted } from './lost-attempts-counted.ts';
import { neverCareful } from './never-careful.ts';
import { nothingVerified } from './nothing-verified.ts';
import { numbersUsedAgain } from './numbers-used-again.ts';
import { openAttemptsForgotten } from './open-attempts-forgotten.ts';
import { otherOutputIgnored } from './other-output-ignored.ts';
import { outdatedCommitStands } from './outdated-commit-stands.ts';
import type { PlantedBug } from './planted-bug.ts';
import { publishedUnseen } from './published-unseen.ts';
import { respawnAfterTheEnd } from './respawn-after-the-end.ts';
import { restartsAtOnce } from './restarts-at-once.ts';
import { restartsForgotten } from './restarts-forgotten.ts';
import { suspectsSkipped } from './suspects-skipped.ts';
import { ticksLeaveATrace } from './ticks-leave-a-trace.ts';
import { timeStandsStill } from './time-stands-still.ts';
import { unreachedCounted } from './unreached-counted.ts';
import { workerGivenTwo } from './worker-given-two.ts';

export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'absence-counted': absenceCounted,
  'answer-of-another-attempt': answerOfAnotherAttempt,
  'cancel-forgotten': cancelForgotten,
  'committed-before-the-rename': committedBeforeTheRename,
  'done-before-published': doneBeforePublished,
  'done-too-early': doneTooEarly,
  'failed-commit-stands': failedCommitStands,
  'failed-commit-uncounted': failedCommitUncounted,
  'failures-forgotten': failuresForgotten,
  'free-before-it-stopped': freeBeforeItStopped,
  'generation-stays': generationStays,
  'heartbeats-are-progress': heartbeatsAreProgress,
  impatient,
  'last-line-ignored': lastLineIgnored,
  'late-answer-committed': lateAnswerCommitted,
  'losses-not-written': lossesNotWritten,
  'lost-attempts-counted': lostAttemptsCounted,
  'never-careful': neverCareful,
  'nothing-verified': nothingVerified,
  'numbers-used-again': numbersUsedAgain,
  'open-attempts-forgotten': openAttemptsForgotten,
  'other-output-ignored': otherOutputIgnored,
  'outdated-commit-stands': outdatedCommitStands,
  'published-unseen': publishedUnseen,
  'respawn-after-the-end': respawnAfterTheEnd,
  'restarts-at-once': restartsAtOnce,
  'restarts-forgotten': restartsForgotten,
  'suspects-skipped': suspectsSkipped,
  'ticks-leave-a-trace': ticksLeaveATrace,
  'time-stands-still': timeStandsStill,
  'unreached-counted': unreachedCounted,
  'worker-given-two': workerGivenTwo,
};

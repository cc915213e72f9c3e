// Responds to a task request with JSON lines: progress while the attempt runs, then its result. A closed connection cancels the
// attempt.

import type { ServerResponse } from 'node:http';

import { type AnswerLine, type AttemptFailure, HEARTBEAT_MS, MAX_RESPONSE_LINE_BYTES } from '../protocol.ts';
import { claimAttempt } from '../tasks/attempt.ts';
import { describeFailure } from '../tasks/failure.ts';
import { onHangUp } from './driver-death.ts';
import type { Executor } from './executor.ts';
import type { AttemptOrder } from './shared-progress.ts';

/** A message or a stack is cut to this many characters if the line would be too long. */
const MOST_TEXT = 100_000;

/**
 * Claims an attempt, runs it and sends its result. An attempt that must not run does not get to the thread. If it ends
 * within one heartbeat, the response is a single write. Resolves when the response has been sent, or its connection is closed.
 */
export async function answerTask(executor: Executor, order: AttemptOrder, response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'application/x-ndjson');
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  const refused = refusalOf(order);
  if (refused !== undefined) {
    response.end(textOf({ type: 'failed', failure: refused }));
    return closed;
  }
  const heartbeat = setInterval(() => response.write(textOf(executor.progressLine())), HEARTBEAT_MS);
  const stopListening = onHangUp(response, () => executor.cancel());
  const result = await executor.run(order);
  stopListening();
  clearInterval(heartbeat);
  response.end(textOf(result));
  await closed;
  if (result.type === 'failed' && result.failure.endsWorker === true) executor.abandon();
}

function refusalOf({ kind, request }: AttemptOrder): AttemptFailure | undefined {
  try {
    claimAttempt(kind, request);
    return undefined;
  } catch (error) {
    return describeFailure(error, request);
  }
}

function textOf(line: AnswerLine): string {
  const text = `${JSON.stringify(line)}\n`;
  // Reports are far shorter, since the number of counters is limited. The messages of errors can be of any length.
  if (line.type !== 'failed' || Buffer.byteLength(text) <= MAX_RESPONSE_LINE_BYTES) return text;
  const { message, stack = '', ...failure } = line.failure;
  const cut = { message: message.slice(0, MOST_TEXT), stack: stack.slice(0, MOST_TEXT) };
  return textOf({ type: 'failed', failure: { ...failure, ...cut } });
}

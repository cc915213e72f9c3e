// The answer to a task request: JSON lines, progress while the attempt runs, then its result. A closed connection cancels
// the attempt.

import type { ServerResponse } from 'node:http';

import { type AnswerLine, HEARTBEAT_MS } from '../protocol.ts';
import type { Executor } from './executor.ts';
import type { AttemptOrder } from './shared-progress.ts';

/**
 * Runs an attempt and answers with it. Where it is done within a heartbeat, that is one write. Resolves when the answer has
 * been sent, or nobody is there any more to hear it.
 */
export async function answerTask(executor: Executor, order: AttemptOrder, response: ServerResponse): Promise<void> {
  response.setHeader('content-type', 'application/x-ndjson');
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  const heartbeat = setInterval(() => response.write(textOf(executor.progressLine())), HEARTBEAT_MS);
  const cancel = (): void => executor.cancel();
  response.once('close', cancel);
  const result = await executor.run(order);
  response.off('close', cancel);
  clearInterval(heartbeat);
  response.end(textOf(result));
  await closed;
}

function textOf(line: AnswerLine): string {
  return `${JSON.stringify(line)}\n`;
}

// Looks who listens at a URL before anything is told to him: only a driver that proves to have our token gets to see it.

import { randomBytes } from 'node:crypto';

import * as v from 'valibot';

import { codeOf } from '../errors.ts';
import { CHALLENGE_HEADER, DriverGreeting, PROOF_HEADER, proofOf, PROTOCOL } from '../protocol.ts';
import { type Answer, ANSWER_MS, ask } from './ask.ts';

const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** What is there instead of a driver with our token, in words; undefined where one is. */
export async function meetDriver(url: string, token: string): Promise<string | undefined> {
  const challenge = randomBytes(16).toString('base64url');
  let answer: Answer;
  try {
    answer = await ask(`${url}/health`, { method: 'GET', headers: { [CHALLENGE_HEADER]: challenge } });
  } catch (error) {
    return describeSilence(error);
  }
  const greeting = greetingIn(answer);
  if (greeting === undefined) return 'something that is no driver';
  if (greeting.protocol !== PROTOCOL) {
    return `a driver that speaks ${JSON.stringify(greeting.protocol.slice(0, 40))}, this worker speaks "${PROTOCOL}"`;
  }
  const hasToken = token !== '' && answer.headers[PROOF_HEADER] === proofOf(token, challenge);
  return hasToken ? undefined : "a driver with another token; set MAPREDUCE_TOKEN or --dir to the driver's";
}

/** Why a request got no answer, in words. */
export function describeSilence(error: unknown): string {
  const code = codeOf(error) ?? 'no code';
  if (UNREACHED.has(code)) return `nobody who listens (${code})`;
  if (code === 'ABORT_ERR') return `something that does not answer within ${ANSWER_MS / 1000} s`;
  return `something that is no driver (${code})`;
}

function greetingIn({ status, body }: Answer): DriverGreeting | undefined {
  try {
    const greeting: unknown = JSON.parse(body);
    return status === 200 && v.is(DriverGreeting, greeting) ? greeting : undefined;
  } catch {
    return undefined;
  }
}

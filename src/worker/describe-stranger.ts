// Describes what listens where a driver is expected.

import * as v from 'valibot';

import { codeOf } from '../errors.ts';
import { type HttpAnswer, isSilence, UnprovenError } from '../wire/http-client.ts';
import { DriverGreeting, PROTOCOL } from '../protocol.ts';

const UNREACHED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT']);

/** Describes what is there instead of a driver with our token, from the error of a request that waited up to `waitedMs`. */
export function describeStranger(error: unknown, waitedMs: number): string {
  if (error instanceof UnprovenError) return describeUnproven(error.answer);
  if (isSilence(error)) return `something that does not answer within ${waitedMs / 1000} s`;
  const code = codeOf(error) ?? 'no code';
  return UNREACHED.has(code) ? `nothing that listens there (${code})` : `something that is not a driver (${code})`;
}

function describeUnproven(answer: HttpAnswer): string {
  const greeting = greetingIn(answer);
  if (greeting === undefined) return 'something that is not a driver';
  if (greeting.protocol !== PROTOCOL) {
    return `a driver that speaks ${JSON.stringify(greeting.protocol.slice(0, 40))}, this worker speaks "${PROTOCOL}"`;
  }
  return "a driver with another token; set MAPREDUCE_TOKEN or --dir to the driver's";
}

function greetingIn({ status, body }: HttpAnswer): DriverGreeting | undefined {
  try {
    const greeting: unknown = JSON.parse(body);
    return status === 200 && v.is(DriverGreeting, greeting) ? greeting : undefined;
  } catch {
    return undefined;
  }
}

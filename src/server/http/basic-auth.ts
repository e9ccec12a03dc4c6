/** HTTP basic authentication in front of everything (B-1 §1.7). */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { equalConstantTime, utf8 } from '#lib/bytes/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import type { BasicAuth } from '../settings/settings.ts';

const CHALLENGE = 'Basic realm="Peergos server access", charset="UTF-8"';

/** Whether the request shows the user and password asked for. */
export function showsBasicAuth(request: IncomingMessage, { user, password }: BasicAuth): boolean {
  const [scheme, shown = ''] = (request.headers.authorization ?? '').split(' ', 2);
  if (scheme?.toLowerCase() !== 'basic') return false;
  return isSameSecret(Buffer.from(shown, 'base64').toString('utf8'), `${user}:${password}`);
}

/** Whether the request shows this bearer token. */
export function showsToken(request: IncomingMessage, token: string): boolean {
  const [scheme, shown = ''] = (request.headers.authorization ?? '').split(' ', 2);
  return scheme?.toLowerCase() === 'bearer' && isSameSecret(shown, token);
}

export function challengeBasicAuth(response: ServerResponse): void {
  response.writeHead(401, { 'www-authenticate': CHALLENGE, 'content-length': '0' });
  response.end();
}

/** By their hashes, which have one length: neither contents nor length show in the time taken. */
function isSameSecret(shown: string, wanted: string): boolean {
  return equalConstantTime(sha256Now(utf8(shown)), sha256Now(utf8(wanted)));
}

/**
 * Ids of block transactions (A-10 §2). An id says when its transaction was opened, under a code that
 * only this node can make: so nothing is kept for a transaction until blocks come, however many are
 * opened, and every process on the same stores reads the same. An id of another form is a label and
 * nothing more, as the protocol has it.
 */
import { equalConstantTime, toHex, utf8 } from '#lib/bytes/index.ts';
import { hmacSha256 } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';
import { TRANSACTION_MS } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { keptSecret } from './kept-secret.ts';
import { readOwner } from './records.ts';

const TRANSACTION_ID = /^[A-Za-z0-9-]{1,64}$/u;
const RANDOM_BYTES = 8;
const CODE_BYTES = 10;
const RADIX = 36;
const SECRET_BYTES = 32;

/** When a transaction was opened. */
export interface Opened {
  readonly ms: number;
  /** The owner's change counter at that time, see `OwnerRecord`. */
  readonly changes: number;
}

export async function newTransactionId(deps: LocalNodeDeps, owner: KeyHash): Promise<string> {
  const changes = (await readOwner(deps.records, owner)).value?.changes ?? 0;
  const random = toHex(deps.random(RANDOM_BYTES));
  const said = `${random}-${deps.clock().toString(RADIX)}-${changes.toString(RADIX)}`;
  return `${said}-${await codeOf(deps, owner, said)}`;
}

/** What an id says; nothing for one that this node did not make for this owner, or that is old. */
export async function openedIn(
  deps: LocalNodeDeps,
  owner: KeyHash,
  tid: string,
): Promise<Opened | undefined> {
  const end = tid.lastIndexOf('-');
  const said = tid.slice(0, Math.max(0, end));
  const expected = utf8(await codeOf(deps, owner, said));
  if (!equalConstantTime(utf8(tid.slice(end + 1)), expected)) return undefined;
  const [ms, changes] = said
    .split('-')
    .slice(1)
    .map((text) => parseInt(text, RADIX));
  if (ms === undefined || changes === undefined || deps.clock() - ms > TRANSACTION_MS) {
    return undefined;
  }
  return { ms, changes };
}

export function checkTransactionId(tid: string): void {
  if (!TRANSACTION_ID.test(tid)) throw new MalformedRequest('A transaction id is malformed.');
}

async function codeOf(deps: LocalNodeDeps, owner: KeyHash, said: string): Promise<string> {
  const secret = await keptSecret(deps, 'transactions', SECRET_BYTES);
  const code = hmacSha256(secret, utf8(`${owner.toString()}/${said}`));
  return toHex(code.subarray(0, CODE_BYTES));
}

/**
 * The sign-in record, so that a person can sign in without a network. It is sealed with a key of
 * his password; this device can open it no more than the node can.
 *
 * A kept record must not be a way around a second factor: one is kept only when the node gave it
 * for the password alone, and goes as soon as the node asks for more, refuses, or the second
 * factors or the password change.
 */
import { toHex } from '#lib/bytes/index.ts';
import { asMap, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { PublicSigningKey } from '#lib/crypto/index.ts';
import type { NodeAccounts, NodeSecondFactors } from '#lib/node/index.ts';
import { SecondFactorRefused, UnknownUser, WrongPassword } from '#lib/protocol/index.ts';
import type { KeptRecords } from './record-cache.ts';
import type { Reachability } from './reachability.ts';

const TABLE = 'cache-logins';

export interface CachedAccountsDeps {
  readonly remote: NodeAccounts;
  readonly kept: KeptRecords;
  readonly reachability: Reachability;
}

export function cachedAccounts({ remote, kept, reachability }: CachedAccountsDeps): NodeAccounts {
  return {
    signUp: (request) => reachability.ask(() => remote.signUp(request)),
    getLogin: (username, author, auth, secondFactor, signal) => {
      const key = keyOf(username, author);
      return reachability.askOrRecall(
        async () => {
          const answer = await forgettingRefused(kept, username, author, () =>
            remote.getLogin(username, author, auth, secondFactor, signal),
          );
          const isKept = secondFactor === undefined && isOpen(answer);
          if (isKept) await kept.set(TABLE, key, answer);
          else await kept.remove(TABLE, prefixOf(username));
          return answer;
        },
        async () => {
          const known = await kept.get(TABLE, key, (value) => value);
          return known === undefined ? undefined : { known };
        },
      );
    },
    setLogin: async (username, ...rest) => {
      // Before the call: its answer may be lost.
      await kept.remove(TABLE, prefixOf(username));
      await reachability.ask(() => remote.setLogin(username, ...rest));
    },
  };
}

/** Every change of second factors ends what is kept, before it is made. */
export function guardedSecondFactors(
  remote: NodeSecondFactors,
  { kept, reachability }: Pick<CachedAccountsDeps, 'kept' | 'reachability'>,
): NodeSecondFactors {
  const change = async <T>(username: string, work: () => Promise<T>): Promise<T> => {
    await kept.remove(TABLE, prefixOf(username));
    return reachability.ask(work);
  };
  return {
    list: (...asked) => reachability.ask(() => remote.list(...asked)),
    addTotp: (...asked) => change(asked[0], () => remote.addTotp(...asked)),
    enableTotp: (...asked) => change(asked[0], () => remote.enableTotp(...asked)),
    addMount: (...asked) => change(asked[0], () => remote.addMount(...asked)),
    enableMount: (...asked) => change(asked[0], () => remote.enableMount(...asked)),
    generateBackupCodes: (...asked) => change(asked[0], () => remote.generateBackupCodes(...asked)),
    startSecurityKey: (...asked) => change(asked[0], () => remote.startSecurityKey(...asked)),
    completeSecurityKey: (...asked) => change(asked[0], () => remote.completeSecurityKey(...asked)),
    remove: (...asked) => change(asked[0], () => remote.remove(...asked)),
  };
}

/** What a refusal says of what is kept: its password is no longer good, or no longer enough. */
async function forgettingRefused<T>(
  kept: KeptRecords,
  username: string,
  author: PublicSigningKey,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WrongPassword) await kept.set(TABLE, keyOf(username, author), undefined);
    const isOver = error instanceof SecondFactorRefused || error instanceof UnknownUser;
    if (isOver) await kept.remove(TABLE, prefixOf(username));
    throw error;
  }
}

function isOpen(answer: CborValue): boolean {
  return answer instanceof Map && asMap(answer, 'a login response').get('a') === true;
}

/** User names have no slash. */
function prefixOf(username: string): string {
  return `${username}/`;
}

function keyOf(username: string, author: PublicSigningKey): string {
  return `${prefixOf(username)}${toHex(encodeCbor(author.toCbor()))}`;
}

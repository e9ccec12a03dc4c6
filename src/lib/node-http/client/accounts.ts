/**
 * Sign-up and login records over HTTP (B-1 §2.3, §2.5). A sign-up whose answer was lost is settled
 * by asking whose the name is now (B-7 §5.2).
 */
import { concat, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { asList, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type {
  NodeAccounts,
  NodeNames,
  SecondFactorAnswer,
  SignUpRequest,
} from '#lib/node/index.ts';
import {
  claimChainFromCbor,
  claimLinkFromCbor,
  loginDataFromCbor,
  MalformedAnswer,
  MalformedRequest,
  NameTaken,
  NodeUnreachable,
  parseRequest,
  PATHS,
  PointerConflict,
} from '#lib/protocol/index.ts';
import { framed } from '../wire/framing.ts';
import { CODE_SESSION } from '../wire/extensions.ts';
import { readBool8, readCbor } from './parse-response.ts';
import { LONG_TIMEOUT_MS } from './send-request.ts';
import { requireDone, workToBytes } from './names.ts';
import type { Offered } from './server-extensions.ts';
import type { PointerCache } from './pointer-cache.ts';
import type { Transport } from './transport.ts';
import type { UsernameCache } from './username-cache.ts';

/** The kinds of second factors this client understands (B-3 §5). */
const FACTOR_TYPES = '1,2,3,4';

export interface AccountsContext {
  readonly transport: Transport;
  readonly names: NodeNames;
  readonly usernameCache: UsernameCache;
  readonly cache: PointerCache;
  readonly offered: Offered;
}

export function createHttpAccounts({
  transport,
  names,
  usernameCache,
  cache,
  offered,
}: AccountsContext): NodeAccounts {
  return {
    signUp: async (request) => {
      const link = soleLinkOf(request);
      const { owner } = parseRequest('A claim', () => claimLinkFromCbor(link));
      try {
        await register(transport, request, link);
      } catch (error) {
        if (!isAmbiguous(error)) throw error;
        const registered = await ownerOf(names, request.username);
        if (registered === undefined) throw error;
        if (!registered.equals(owner)) throw new NameTaken('This user name is taken.');
      }
      usernameCache.note(owner, request.username);
    },
    getLogin: async (username, author, auth, secondFactor, signal) => {
      const { bytes } = await transport.call({
        path: PATHS.getLogin,
        query: [
          ['username', username],
          ['author', toHex(encodeCbor(author.toCbor()))],
          ['auth', toHex(auth)],
          ['proxy', 'false'],
          ['mfaTypes', FACTOR_TYPES],
          ...(secondFactor === undefined ? [] : answerQuery(secondFactor, offered)),
        ],
        signal,
      });
      return readCbor('The login record', bytes, (value) => value);
    },
    setLogin: async (username, loginData, auth) => {
      const { bytes } = await transport
        .call({
          path: PATHS.setLogin,
          query: [
            ['username', username],
            ['auth', toHex(auth)],
            ['local', 'false'],
          ],
          body: loginData,
          timeoutMs: LONG_TIMEOUT_MS,
        })
        .finally(() => forgetMoved(cache, loginData));
      if (readBool8('The answer to a change of login', bytes)) return;
      throw new MalformedRequest('The server refused the change of login.');
    },
  };
}

function answerQuery({ response, session }: SecondFactorAnswer, offered: Offered): Query {
  const mfa = ['mfa', toHex(encodeCbor(response))] as const;
  if (session === undefined || !offered.has('code-session')) return [mfa];
  return [mfa, [CODE_SESSION, toHex(session)]];
}

type Query = readonly (readonly [string, string])[];

/** A change of the password moves a pointer, and whether it did is not always known. */
function forgetMoved(cache: PointerCache, loginData: Uint8Array): void {
  const { change } = loginDataFromCbor(decodeCbor(loginData));
  if (change !== undefined) cache.forget(change.pointer.writer);
}

/** The answer was lost, or the node took the very same sign-up before. */
function isAmbiguous(error: unknown): boolean {
  return (
    error instanceof NodeUnreachable ||
    error instanceof MalformedAnswer ||
    error instanceof PointerConflict
  );
}

async function register(
  transport: Transport,
  { username, opLog, work, token }: SignUpRequest,
  link: CborValue,
): Promise<void> {
  const { bytes } = await transport.call({
    path: PATHS.signUp,
    body: concat(
      framed(username),
      framed(encodeCbor(link)),
      framed(opLog),
      framed(workToBytes(work)),
      framed(token),
    ),
    timeoutMs: LONG_TIMEOUT_MS,
  });
  requireDone(bytes);
}

/** A sign-up registers a chain of one link, which is sent without the list around it. */
function soleLinkOf({ chain }: SignUpRequest): CborValue {
  const [link, ...more] = asList(chain, 'A claim chain');
  if (link === undefined || more.length > 0) {
    throw new MalformedRequest('A sign-up has one claim.');
  }
  return link;
}

/** The owner of the name; undefined if it has none, or if the node cannot be asked. */
async function ownerOf(names: NodeNames, username: string) {
  try {
    const chain = claimChainFromCbor(decodeCbor(await names.chain(username)));
    return chain.at(-1)?.owner;
  } catch (error) {
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}

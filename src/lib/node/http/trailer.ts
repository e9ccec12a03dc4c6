/**
 * How refusals travel (B-1 §1.1): as text in the response header `Trailer`, form-encoded. Here the
 * node's named errors become the protocol's texts, and the texts named errors again, so that what
 * stands above cannot tell a local node from a remote one. Today's clients match some of the texts:
 * they are part of the protocol and marked so below.
 *
 * Texts that come in are hostile, and those of other servers vary: they are matched by their stable
 * part, after dropping the exception class that nested errors carry in front (B-2 §4).
 */
import { MalformedBytes } from '#lib/bytes/index.ts';
import type { PyrgosError } from '#lib/bytes/index.ts';
import { Cid, MalformedCbor, MalformedCid } from '#lib/codec/index.ts';
import {
  BadClaimChain,
  BadName,
  BlockTooBig,
  ChampRootMissing,
  LinkRefused,
  MalformedRequest,
  NameTaken,
  NotOffered,
  PointerConflict,
  PointerRefused,
  QuotaExceeded,
  RateLimited,
  SecondFactorRefused,
  SignUpClosed,
  StaleClock,
  Unauthorised,
  UnknownUser,
  UnknownWriter,
  WrongHost,
  WrongPassword,
  WrongSignature,
} from '../errors.ts';
import { PATHS } from './paths.ts';

/** What the request said that the text of its refusal repeats. Each is optional. */
export interface RefusedRequest {
  /** The endpoint as in `PATHS`. */
  readonly path?: string;
  readonly owner?: string;
  readonly writer?: string;
  readonly username?: string;
  /** The champ root or pointer target. */
  readonly cid?: Cid | undefined;
  /** What the pointer update replaces, according to it. */
  readonly claimed?: Cid | undefined;
  readonly writeBytes?: number;
  /** Hex of a second factor's credential id. */
  readonly credential?: string;
  /** The path another request was signed for. */
  readonly signedPath?: string | undefined;
  /** `user/path…` of something public. */
  readonly publicPath?: string;
}

/** The value of the header: space is `+`, everything but `A-Z a-z 0-9 . - * _` is `%XX`. */
export function encodeTrailer(text: string): string {
  return encodeURIComponent(text.toWellFormed())
    .replace(/[!'()~]/gu, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

/** The text of a header; as it stands if it is not form-encoded. */
export function decodeTrailer(header: string): string {
  const spaced = header.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The text of B-1 for a refusal; `undefined` for what is no refusal but a fault of the node. */
export function refusalText(error: unknown, request: RefusedRequest = {}): string | undefined {
  const textOf = TEXTS.get((error as Error | undefined)?.constructor);
  return textOf?.(error as never, request);
}

/**
 * The error behind a text. Definite: whatever is not recognised becomes a {@link MalformedRequest}
 * with the text in it. `path`: the endpoint as in `PATHS`.
 */
export function refusalOf(text: string, path?: string): PyrgosError {
  const plain = text.replace(/^(?:[\w$]+\.)+[\w$]+: /u, '');
  if (path === PATHS.signUp && plain.startsWith('User already exists')) {
    return new NameTaken('This user name is taken.');
  }
  for (const [pattern, make] of PATTERNS) {
    const match = pattern.exec(plain);
    if (match !== null) return make(match);
  }
  return new MalformedRequest(plain.slice(0, MAX_TEXT_UNITS));
}

const MAX_TEXT_UNITS = 500;

type Constructor = unknown;
type TextOf = (error: never, request: RefusedRequest) => string;

function entry<E extends PyrgosError>(
  type: abstract new (...parts: never[]) => E,
  textOf: (error: E, request: RefusedRequest) => string,
): [Constructor, TextOf] {
  return [type, textOf as TextOf];
}

const LINK_TEXTS: Record<LinkRefused['reason'], (request: RefusedRequest) => string> = {
  'none-published': () => 'No secret link published!',
  unknown: () => 'No secret link present!',
  expired: () => 'Secret link expired!',
  'used-up': () => 'Maximum link retrievals exceed!',
  elsewhere: () => "Please use the link owner's server",
  'nothing-public': ({ username }) => `User ${username ?? ''} has not made any files public.`,
  'not-public': ({ username, publicPath }) =>
    `User ${username ?? ''} has not published a file at ${publicPath ?? ''}`,
};

const FACTOR_TEXTS: Record<SecondFactorRefused['reason'], (request: RefusedRequest) => string> = {
  // Matched by clients.
  code: ({ credential }) => `Invalid TOTP code for credId ${credential ?? ''}`,
  'backup-code': ({ credential }) => `Invalid backup code for credId ${credential ?? ''}`,
  'security-key': () => 'Invalid webauthn response!',
  challenge: ({ username }) => `No challenge for ${username ?? ''}`,
  unknown: ({ username }) => `Unknown credential id for user ${username ?? ''}`,
  kind: ({ path }) =>
    path === PATHS.registerWebauthnComplete
      ? 'Not a webauthn credential!'
      : 'Not a code based credential!',
  'too-many': () => 'Too many multi factor auth methods. Please delete some.',
  'first-needed': () =>
    'Please set up an authenticator app or security key before generating backup codes.',
  name: () => 'Max second factor name length is 32 characters',
};

const RATE_TEXTS: Record<RateLimited['limit'], (request: RefusedRequest) => string> = {
  // Matched by clients.
  requests: () => 'Rate Limit: Too many requests, please try again later',
  uploads: () => 'Upload bandwidth exceeded please try again tomorrow',
  messages: () => 'Please wait before sending more messages!',
  'password-changes': ({ username }) =>
    `Too many incomplete password changes for ${username ?? ''}`,
};

const POINTER_TEXTS: Record<PointerRefused['reason'], (request: RefusedRequest) => string> = {
  sequence: () => 'Invalid sequence number update in mutable pointer',
  target: ({ cid }) => `Couldn't retrieve WriterData from dht! ${cid?.toString() ?? ''}`,
  controller: ({ writer }) => `WriterData controller mismatch for ${writer ?? ''}`,
};

const SIGN_UP_TEXTS: Record<SignUpClosed['reason'], string> = {
  closed: 'This server is not currently accepting new sign ups. Please try again later',
  token: 'Invalid signup token.',
};

const TEXTS: ReadonlyMap<Constructor, TextOf> = new Map([
  // Matched by clients.
  entry(PointerConflict, ({ current, sequence }, { claimed }) => {
    const name = (cid: Cid | undefined) => cid?.toString() ?? 'EMPTY';
    return `PointerCAS:${name(current)},${sequence ?? ''},${name(claimed)}`;
  }),
  // Matched by clients.
  entry(
    QuotaExceeded,
    ({ usedBytes, quotaBytes }, { writeBytes = 0 }) =>
      `Storage quota reached! \nUsed ${usedBytes} out of ${quotaBytes} bytes. ` +
      `Rejecting write of size ${writeBytes}. \nPlease delete some files or request more space.`,
  ),
  // Matched by clients.
  entry(
    ChampRootMissing,
    (_, { cid }) => `Champ root not present locally: ${cid?.toString() ?? ''}`,
  ),
  entry(PointerRefused, ({ reason }, request) => POINTER_TEXTS[reason](request)),
  entry(WrongSignature, (_, { path, signedPath }) => {
    if (signedPath !== undefined) return `Illegal path for signed request: ${signedPath}`;
    return path?.startsWith('api/v0/block/put') === true
      ? 'Invalid signature for block!'
      : 'Invalid signature!';
  }),
  entry(BlockTooBig, () => 'Block too big!'),
  entry(Unauthorised, (_, { path }) =>
    path === PATHS.approveRequest ? 'User is not an admin on this instance!' : 'Unauthorised!',
  ),
  entry(UnknownWriter, (_, { writer }) => `Writer not present on this server: ${writer ?? ''}`),
  entry(NameTaken, () => KEY_CHANGE_TEXT),
  entry(BadName, () => 'Invalid username'),
  entry(BadClaimChain, ({ message }) =>
    MERGE_TEXTS.includes(message) ? message : `Invalid key chain merge! ${message}`,
  ),
  entry(WrongHost, () => 'Trying to signup to wrong host!'),
  entry(UnknownUser, (_, { path, owner, publicPath }) => {
    if (publicPath !== undefined) return `Owner doesn't exist for path ${publicPath}`;
    if (owner !== undefined) return `Unknown identity key: ${owner}`;
    return path === undefined ? 'Unknown identity key: ' : 'No value present';
  }),
  entry(WrongPassword, () => 'Incorrect username or password'),
  entry(StaleClock, (_, { path }) => STALE_TEXTS.get(path ?? '') ?? STALE_TEXT),
  entry(SignUpClosed, ({ reason }) => SIGN_UP_TEXTS[reason]),
  entry(SecondFactorRefused, ({ reason }, request) => FACTOR_TEXTS[reason](request)),
  entry(LinkRefused, ({ reason }, request) => LINK_TEXTS[reason](request)),
  entry(RateLimited, ({ limit }, request) => RATE_TEXTS[limit](request)),
  entry(NotOffered, () => 'Not supported by this server!'),
  entry(MalformedRequest, ({ message }) => message),
  entry(MalformedBytes, ({ message }) => message),
  entry(MalformedCid, ({ message }) => message),
  entry(MalformedCbor, ({ message }) => message),
]);

const KEY_CHANGE_TEXT = 'User already exists: Invalid key change attempt!';

/** What the merge of two chains may refuse (B-2 §4). */
const MERGE_TEXTS: readonly string[] = [
  'New claim chain expiry before existing!',
  KEY_CHANGE_TEXT,
  'Different keys in merge chains intersection!',
  'You cannot reuse a previous password!',
];

const STALE_TEXT = 'Stale auth time, is your clock accurate?';
const STALE_TEXTS: ReadonlyMap<string, string> = new Map([
  [PATHS.requestSpace, 'Stale auth time in space request! Is your clock accurate?'],
  [PATHS.pendingRequests, 'Replay attack? Stale auth time for getPendingSpaceRequests'],
  [PATHS.sendMessage, 'Invalid send time on message!'],
]);

const PATTERNS: readonly (readonly [RegExp, (match: RegExpExecArray) => PyrgosError])[] = [
  [/^PointerCAS:([^,]*),(\d*),/u, (m) => new PointerConflict(cidOf(m[1]), numberOf(m[2]))],
  [
    /^(?:CAS exception|Mutable pointer update failed)/u,
    () => new PointerConflict(undefined, undefined),
  ],
  [
    /^Storage quota reached(?:! \nUsed (\d+) out of (\d+) bytes)?/u,
    (m) => new QuotaExceeded(numberOf(m[1]) ?? 0, numberOf(m[2]) ?? 0),
  ],
  [/^Upload bandwidth exceeded/u, () => new RateLimited('uploads')],
  [/^Please wait before sending more messages/u, () => new RateLimited('messages')],
  [/^Too many incomplete password changes/u, () => new RateLimited('password-changes')],
  [/^(?:Rate Limit|Too Many Requests)|Queue full/u, () => new RateLimited('requests')],
  [/Champ root not present/u, () => new ChampRootMissing('The root of a champ is not stored.')],
  [/^Unauthorised!|^User is not an admin/u, () => new Unauthorised('Access was refused.')],
  [/^Block too big!/u, () => new BlockTooBig('A block is too large.')],
  [
    /^Invalid signature|^Illegal path for signed request/u,
    () => new WrongSignature('A signature is wrong.'),
  ],
  [/^Stale auth time|Stale auth time for|^Invalid send time/u, () => new StaleClock()],
  [
    /^(?:Writer not present|Unknown writer) on this server/u,
    () => new UnknownWriter('This key may not write here.'),
  ],
  [/^Invalid sequence number update/u, () => refusedPointer('sequence')],
  [/^Pointer update too big/u, (m) => new MalformedRequest(m.input)],
  [/^Couldn't retrieve WriterData/u, () => refusedPointer('target')],
  [/^WriterData controller mismatch/u, () => refusedPointer('controller')],
  [/^Invalid username/u, () => new BadName('This user name is not possible.')],
  [
    /^Trying to signup to wrong host/u,
    () => new WrongHost('The sign-up is meant for another server.'),
  ],
  [/^Invalid signup token/u, () => new SignUpClosed('token')],
  [/not currently accepting new sign ups/u, () => new SignUpClosed('closed')],
  [/^Incorrect username or password/u, () => new WrongPassword()],
  [
    /^No value present|^Unknown identity key|^Owner doesn't exist|^Please login on your home server/u,
    () => new UnknownUser('There is no such user here.'),
  ],
  [/^Not supported by this server/u, () => new NotOffered('This server does not offer this.')],
  [/^Invalid key chain merge!/u, (m) => new BadClaimChain(m.input)],
  [/^More than 1 storage providers/u, (m) => new BadClaimChain(m.input)],
  [
    /^(?:New claim chain expiry|User already exists|Different keys in merge|You cannot reuse)/u,
    (m) => new BadClaimChain(m.input),
  ],
  [/^Invalid TOTP code/u, () => new SecondFactorRefused('code')],
  [/^Invalid backup code/u, () => new SecondFactorRefused('backup-code')],
  [/^Invalid webauthn response/u, () => new SecondFactorRefused('security-key')],
  [/^No challenge for/u, () => new SecondFactorRefused('challenge')],
  [/^Unknown credential id/u, () => new SecondFactorRefused('unknown')],
  [/^Not a (?:webauthn|code based) credential/u, () => new SecondFactorRefused('kind')],
  [/^Too many multi factor auth methods/u, () => new SecondFactorRefused('too-many')],
  [/^Please set up an authenticator/u, () => new SecondFactorRefused('first-needed')],
  [/^Max second factor name length/u, () => new SecondFactorRefused('name')],
  [/^No secret link published/u, () => new LinkRefused('none-published')],
  [/^No secret link present/u, () => new LinkRefused('unknown')],
  [/^Secret link expired/u, () => new LinkRefused('expired')],
  [/^Maximum link retrievals/u, () => new LinkRefused('used-up')],
  [/^Please use the link owner's server/u, () => new LinkRefused('elsewhere')],
  [/^User \S* has not made any files public/u, () => new LinkRefused('nothing-public')],
  [/^User \S* has not published a file/u, () => new LinkRefused('not-public')],
];

function refusedPointer(reason: PointerRefused['reason']): PointerRefused {
  return new PointerRefused(reason, 'The server refused the change of a pointer.');
}

function numberOf(digits: string | undefined): number | undefined {
  const value = digits === undefined || digits === '' ? undefined : Number(digits);
  return value === undefined || Number.isSafeInteger(value) ? value : undefined;
}

function cidOf(text: string | undefined): Cid | undefined {
  try {
    return text === undefined || text === 'EMPTY' ? undefined : Cid.parse(text);
  } catch (error) {
    if (error instanceof MalformedCid) return undefined;
    throw error;
  }
}

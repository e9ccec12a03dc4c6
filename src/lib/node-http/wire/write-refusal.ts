/**
 * The protocol's text for each of the node's refusals (B-1 §1.1, §2; B-2; B-3; B-5). Today's clients
 * match some of them: those are marked. The way back is `refusalOf` of `trailer.ts`; each text here
 * has its pattern there. Nothing secret is ever part of a text.
 */
import { MalformedBytes } from '#lib/bytes/index.ts';
import type { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { ChampTooDeep, MalformedChamp } from '#lib/champ/index.ts';
import { MalformedCbor, MalformedCid } from '#lib/codec/index.ts';
import {
  BadClaimChain,
  BadName,
  BlockTooBig,
  ChampRootMissing,
  HomeServerAway,
  LinkRefused,
  MalformedRequest,
  NameTaken,
  NotOffered,
  PATHS,
  PointerConflict,
  PointerRefused,
  QuotaExceeded,
  RateLimited,
  RequestRepeated,
  SecondFactorRefused,
  SignUpClosed,
  StaleClock,
  Unauthorised,
  UnknownUser,
  UnknownWriter,
  WrongHost,
  WrongPassword,
  WrongSignature,
} from '#lib/protocol/index.ts';
import type { RefusedUpdate } from '#lib/protocol/index.ts';

/** What the request said that the text of its refusal repeats. Each is optional. */
export interface RefusedRequest {
  /** The endpoint as in `PATHS`. */
  readonly path?: string;
  readonly owner?: string;
  readonly writer?: string;
  readonly username?: string;
  /** The champ root. */
  readonly cid?: Cid | undefined;
  readonly writeBytes?: number;
  /** Hex of a second factor's credential id. */
  readonly credential?: string;
  /** The path another request was signed for. */
  readonly signedPath?: string | undefined;
  /** `user/path…` of something public. */
  readonly publicPath?: string;
}

/** The text of B-1 for a refusal; `undefined` for what is no refusal but a fault of the node. */
export function refusalText(error: unknown, request: RefusedRequest = {}): string | undefined {
  const textOf = TEXTS.get((error as Error | undefined)?.constructor);
  return textOf?.(error as never, request);
}

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

const INVALID_CODE = 'Invalid TOTP code for credId';
type FactorText = (request: RefusedRequest, refused: SecondFactorRefused) => string;
const FACTOR_TEXTS: Record<SecondFactorRefused['reason'], FactorText> = {
  // Matched by clients.
  code: ({ credential }) => `${INVALID_CODE} ${credential ?? ''}`,
  used: ({ credential }, { waitSeconds = 0 }) =>
    `${INVALID_CODE} ${credential ?? ''}: this code was used, the next one comes in ${waitSeconds} s`,
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

/** Clients match the beginning. */
function uploadsText({ untilMs }: RateLimited): string {
  const when = untilMs === undefined ? 'tomorrow' : `after ${new Date(untilMs).toISOString()}`;
  return `Upload bandwidth exceeded please try again ${when}`;
}

const RATE_TEXTS: Record<
  RateLimited['limit'],
  (request: RefusedRequest, error: RateLimited) => string
> = {
  // Matched by clients.
  requests: () => 'Rate Limit: Too many requests, please try again later',
  uploads: (_request, error) => uploadsText(error),
  messages: () => 'Please wait before sending more messages!',
  'password-changes': ({ username }) =>
    `Too many incomplete password changes for ${username ?? ''}`,
};

type PointerText = (update: RefusedUpdate | undefined) => string;
const POINTER_TEXTS: Record<PointerRefused['reason'], PointerText> = {
  sequence: (update) => {
    const sequences = update?.sequences ?? [undefined, undefined];
    const [current, updated] = sequences.map((n) => (n === undefined ? '.empty' : `[${n}]`));
    return (
      'Invalid sequence number update in mutable pointer: ' +
      `Optional${current ?? ''} => Optional${updated ?? ''}`
    );
  },
  target: (update) => `Couldn't retrieve WriterData from dht! ${update?.updated?.toString() ?? ''}`,
  controller: (update) => `WriterData controller mismatch for ${update?.writer.toString() ?? ''}`,
};

const SIGN_UP_TEXTS: Record<SignUpClosed['reason'], string> = {
  closed: 'This server is not currently accepting new sign ups. Please try again later',
  token: 'Invalid signup token.',
  invitation: "This server needs a signup token. Please ask the server's operator for one.",
  operator: "This name needs an operator's signup token.",
};

/** An account that has moved away (B-1 §3.2, B-3 §3). */
const WRITE_ELSEWHERE = "Write blocks to user's server";
const WRONG_HOST_TEXTS: ReadonlyMap<string | undefined, string> = new Map([
  [PATHS.getLogin, 'Please login on your home server'],
  [PATHS.setLogin, 'Please login on your home server'],
  [PATHS.blockPutBulk, WRITE_ELSEWHERE],
  [PATHS.blockPut, WRITE_ELSEWHERE],
  [PATHS.setPointer, WRITE_ELSEWHERE],
  [PATHS.setPointers, WRITE_ELSEWHERE],
]);

const TEXTS: ReadonlyMap<Constructor, TextOf> = new Map([
  // Matched by clients.
  entry(PointerConflict, ({ current, sequence, update }) => {
    const name = (cid: Cid | undefined) => cid?.toString() ?? 'EMPTY';
    return `PointerCAS:${name(current)},${sequence ?? ''},${name(update?.original)}`;
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
  entry(PointerRefused, ({ reason, update }) => POINTER_TEXTS[reason](update)),
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
  entry(
    WrongHost,
    (_, { path }) => WRONG_HOST_TEXTS.get(path) ?? 'Trying to signup to wrong host!',
  ),
  entry(UnknownUser, (_, { path, owner, publicPath }) => {
    if (publicPath !== undefined) return `Owner doesn't exist for path ${publicPath}`;
    if (owner !== undefined) return `Unknown identity key: ${owner}`;
    return path === undefined ? 'Unknown identity key: ' : 'No value present';
  }),
  entry(WrongPassword, () => 'Incorrect username or password'),
  entry(RequestRepeated, ({ newestMs }, { path }) =>
    path === PATHS.pendingRequests
      ? `${REPEATED_TEXT} for getPendingSpaceRequests`
      : `${REPEATED_TEXT}: ${newestMs ?? ''}`,
  ),
  entry(StaleClock, (_, { path }) => STALE_TEXTS.get(path ?? '') ?? STALE_TEXT),
  entry(SignUpClosed, ({ reason }) => SIGN_UP_TEXTS[reason]),
  entry(SecondFactorRefused, (error, request) => FACTOR_TEXTS[error.reason](request, error)),
  entry(LinkRefused, ({ reason }, request) => LINK_TEXTS[reason](request)),
  entry(RateLimited, (error, request) => RATE_TEXTS[error.limit](request, error)),
  entry(HomeServerAway, () => "The owner's server cannot be reached"),
  entry(NotOffered, () => 'Not supported by this server!'),
  entry(MalformedRequest, ({ message }) => message),
  entry(MalformedBytes, ({ message }) => message),
  entry(MalformedCid, ({ message }) => message),
  entry(MalformedCbor, ({ message }) => message),
  entry(MalformedChamp, ({ message }) => message),
  entry(ChampTooDeep, ({ message }) => message),
]);

const KEY_CHANGE_TEXT = 'User already exists: Invalid key change attempt!';

/** What the merge of two chains may refuse (B-2 §4). */
const MERGE_TEXTS: readonly string[] = [
  'New claim chain expiry before existing!',
  KEY_CHANGE_TEXT,
  'Different keys in merge chains intersection!',
  'You cannot reuse a previous password!',
];

const REPEATED_TEXT = 'Replay attack? Stale auth time';
const STALE_TEXT = 'Stale auth time, is your clock accurate?';
const STALE_TEXTS: ReadonlyMap<string, string> = new Map([
  [PATHS.requestSpace, 'Stale auth time in space request! Is your clock accurate?'],
  [PATHS.sendMessage, 'Invalid send time on message!'],
]);

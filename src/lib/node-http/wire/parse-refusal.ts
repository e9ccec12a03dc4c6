/**
 * How refusals travel (B-1 §1.1): as text in the response header `Trailer`, form-encoded. This reads
 * them: texts become the node's named errors again, so that what stands above cannot tell a local
 * node from a remote one. `refusal-texts.ts` writes them.
 *
 * The texts that come in are hostile, and those of other servers vary: they are matched by their
 * stable part, after dropping the exception class that nested errors carry in front (B-2 §4).
 */
import type { PyrgosError } from '#lib/bytes/index.ts';
import { Cid, MalformedCid } from '#lib/codec/index.ts';
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

/**
 * The same text once more, in a header of our own: proxies written in Go take `Trailer` for what
 * HTTP means by it and change its capital letters, which ruins the CIDs in it.
 */
export const REFUSAL_HEADER = 'Node-Refusal';

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
  [
    /^Upload bandwidth exceeded(?:.* after (\d{4}-\d\d-\d\dT[\d:.]+Z))?/u,
    (m) => new RateLimited('uploads', timeOf(m[1])),
  ],
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
  [/^Replay attack\?(?:.*: (\d+)$)?/u, (m) => new RequestRepeated(numberOf(m[1]))],
  [/^Stale auth time|^Invalid send time/u, () => new StaleClock()],
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
  [
    /^Write blocks to user's server/u,
    () => new WrongHost('This account has its home on another server.'),
  ],
  [/^Invalid signup token/u, () => new SignUpClosed('token')],
  [/^This server needs a signup token/u, () => new SignUpClosed('invitation')],
  [/^This name needs an operator's signup token/u, () => new SignUpClosed('operator')],
  [/not currently accepting new sign ups/u, () => new SignUpClosed('closed')],
  [/^Incorrect username or password/u, () => new WrongPassword()],
  [
    /^No value present|^Unknown identity key|^Owner doesn't exist|^Please login on your home server/u,
    () => new UnknownUser('There is no such user here.'),
  ],
  [/^The owner's server cannot be reached/u, () => new HomeServerAway()],
  [/^Not supported by this server/u, () => new NotOffered('This server does not offer this.')],
  [/^Invalid key chain merge!/u, (m) => new BadClaimChain(m.input)],
  [/^More than 1 storage providers/u, (m) => new BadClaimChain(m.input)],
  [
    /^(?:New claim chain expiry|User already exists|Different keys in merge|You cannot reuse)/u,
    (m) => new BadClaimChain(m.input),
  ],
  [
    /^Invalid TOTP code for credId [^:]*: this code was used, the next one comes in (\d{1,3}) s$/u,
    (m) => new SecondFactorRefused('used', { waitSeconds: numberOf(m[1]) ?? 0 }),
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

function timeOf(text: string | undefined): { untilMs?: number } {
  const untilMs = Date.parse(text ?? '');
  return Number.isNaN(untilMs) ? {} : { untilMs };
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

import { describe, expect, test } from 'vitest';
import { CODEC, Cid } from '#lib/codec/index.ts';
import { toKeyHash } from '#lib/crypto/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import * as errors from '#lib/protocol/index.ts';
import { refusalText } from './write-refusal.ts';
import { decodeTrailer, encodeTrailer, refusalOf } from './parse-refusal.ts';

const CID = Cid.sha256(CODEC.dagCbor, new Uint8Array(32).fill(7));
const OTHER = Cid.sha256(CODEC.dagCbor, new Uint8Array(32).fill(8));
const WRITER = toKeyHash(Cid.sha256(CODEC.dagCbor, new Uint8Array(32).fill(9)), 'a writer');
const UPDATE: errors.RefusedUpdate = {
  writer: WRITER,
  original: OTHER,
  updated: CID,
  sequences: [32, undefined],
};

describe('the header', () => {
  // Right-hand sides: java.net.URLEncoder.
  test.each([
    ['Storage quota reached! \nUsed', 'Storage+quota+reached%21+%0AUsed'],
    ["Couldn't (a~b) 'c' *-._", 'Couldn%27t+%28a%7Eb%29+%27c%27+*-._'],
    ['50%+ ä', '50%25%2B+%C3%A4'],
  ])('writes %j', (text, header) => {
    expect(encodeTrailer(text)).toBe(header);
    expect(decodeTrailer(header)).toBe(text);
  });

  test('half a character and a wrong percent sign are no fault', () => {
    expect(encodeTrailer('a\ud800')).toBe('a%EF%BF%BD');
    expect(decodeTrailer('100%+of')).toBe('100% of');
  });
});

// Texts of B-1 §1.1, §2 and of the captured exchanges.
const PROTOCOL: [string, Error, Parameters<typeof refusalText>[1]?][] = [
  [
    `PointerCAS:${CID.toString()},32,${OTHER.toString()}`,
    new errors.PointerConflict(CID, 32, UPDATE),
  ],
  [`PointerCAS:${CID.toString()},,EMPTY`, new errors.PointerConflict(CID, undefined)],
  [
    'Storage quota reached! \nUsed 125795 out of 10000000 bytes. Rejecting write of size 10485760. \nPlease delete some files or request more space.',
    new errors.QuotaExceeded(125795, 10000000),
    { writeBytes: 10485760 },
  ],
  [
    `Champ root not present locally: ${CID.toString()}`,
    new errors.ChampRootMissing('x'),
    { cid: CID },
  ],
  ['Unauthorised!', new errors.Unauthorised('x')],
  [
    'User is not an admin on this instance!',
    new errors.Unauthorised('x'),
    { path: PATHS.approveRequest },
  ],
  ['Block too big!', new errors.BlockTooBig('x')],
  ['Invalid signature for block!', new errors.WrongSignature('x'), { path: PATHS.blockPutBulk }],
  [
    'Illegal path for signed request: peergos/v0/bats/addBat',
    new errors.WrongSignature('x'),
    { path: PATHS.getUserBats, signedPath: PATHS.addBat },
  ],
  ['Stale auth time, is your clock accurate?', new errors.StaleClock()],
  [
    'Replay attack? Stale auth time for getPendingSpaceRequests',
    new errors.RequestRepeated(),
    { path: PATHS.pendingRequests },
  ],
  ['Replay attack? Stale auth time: 1800000000000', new errors.RequestRepeated(1_800_000_000_000)],
  [
    'Stale auth time, is your clock accurate?',
    new errors.StaleClock(),
    { path: PATHS.pendingRequests },
  ],
  ['Invalid send time on message!', new errors.StaleClock(), { path: PATHS.sendMessage }],
  ['Writer not present on this server: z59v', new errors.UnknownWriter('x'), { writer: 'z59v' }],
  [
    `Couldn't retrieve WriterData from dht! ${CID.toString()}`,
    new errors.PointerRefused('target', 'x', { update: UPDATE }),
  ],
  [
    'Invalid sequence number update in mutable pointer: Optional[32] => Optional.empty',
    new errors.PointerRefused('sequence', 'x', { update: UPDATE }),
  ],
  [
    `WriterData controller mismatch for ${WRITER.toString()}`,
    new errors.PointerRefused('controller', 'x', { update: UPDATE }),
  ],
  ['Incorrect username or password', new errors.WrongPassword()],
  ['Unknown identity key: z59v', new errors.UnknownUser('x'), { owner: 'z59v' }],
  ['No value present', new errors.UnknownUser('x'), { path: PATHS.getLogin }],
  [
    "Owner doesn't exist for path nobody/x",
    new errors.UnknownUser('x'),
    { publicPath: 'nobody/x' },
  ],
  ['Invalid username', new errors.BadName('x')],
  ['Invalid signup token.', new errors.SignUpClosed('token')],
  [
    'This server is not currently accepting new sign ups. Please try again later',
    new errors.SignUpClosed('closed'),
  ],
  [
    "This server needs a signup token. Please ask the server's operator for one.",
    new errors.SignUpClosed('invitation'),
  ],
  ["This name needs an operator's signup token.", new errors.SignUpClosed('operator')],
  [
    'Upload bandwidth exceeded please try again after 2027-01-15T08:00:00.123Z',
    new errors.RateLimited('uploads', { untilMs: 1_800_000_000_123 }),
  ],
  ['No secret link published!', new errors.LinkRefused('none-published')],
  ['No secret link present!', new errors.LinkRefused('unknown')],
  ['Secret link expired!', new errors.LinkRefused('expired')],
  ['Maximum link retrievals exceed!', new errors.LinkRefused('used-up')],
  [
    'User bob has not made any files public.',
    new errors.LinkRefused('nothing-public'),
    { username: 'bob' },
  ],
  [
    'User alice has not published a file at alice/docs',
    new errors.LinkRefused('not-public'),
    { username: 'alice', publicPath: 'alice/docs' },
  ],
  ['Upload bandwidth exceeded please try again tomorrow', new errors.RateLimited('uploads')],
  ['Please wait before sending more messages!', new errors.RateLimited('messages')],
  [
    'Invalid TOTP code for credId 0aff',
    new errors.SecondFactorRefused('code'),
    { credential: '0aff' },
  ],
  [
    'Invalid TOTP code for credId 0aff: this code was used, the next one comes in 12 s',
    new errors.SecondFactorRefused('used', { waitSeconds: 12 }),
    { credential: '0aff' },
  ],
  ['No challenge for alice', new errors.SecondFactorRefused('challenge'), { username: 'alice' }],
  ['Max second factor name length is 32 characters', new errors.SecondFactorRefused('name')],
  [
    'New claim chain expiry before existing!',
    new errors.BadClaimChain('New claim chain expiry before existing!'),
  ],
];

describe('the protocol texts', () => {
  test.each(PROTOCOL)('%j', (text, error, request) => {
    expect(refusalText(error, request)).toBe(text);
    const back = refusalOf(text, request?.path);
    expect(back.name).toBe(error.name);
    for (const key of [
      'current',
      'sequence',
      'usedBytes',
      'quotaBytes',
      'reason',
      'limit',
      'untilMs',
      'waitSeconds',
      'newestMs',
    ]) {
      expect(back[key as never]).toEqual(error[key as never]);
    }
  });

  test('a name that is taken is told apart from a chain that does not continue', () => {
    const text =
      'java.lang.IllegalStateException: User already exists: Invalid key change attempt!';
    expect(refusalOf(text, PATHS.signUp)).toBeInstanceOf(errors.NameTaken);
    expect(refusalOf(text, PATHS.updateChain)).toBeInstanceOf(errors.BadClaimChain);
  });

  test.each([
    ['CAS exception updating cryptree node', errors.PointerConflict],
    ['Mutable pointer update failed: Race', errors.PointerConflict],
    ['PointerCAS:nonsense,x,', errors.MalformedRequest],
    ['PointerCAS:nonsense,7,EMPTY', errors.PointerConflict],
    ['Rate Limit exceeded', errors.RateLimited],
    ['Too Many Requests', errors.RateLimited],
    ['Task: Queue full', errors.RateLimited],
    ['Storage quota reached', errors.QuotaExceeded],
    ['Please login on your home server', errors.UnknownUser],
    ['something new', errors.MalformedRequest],
  ])('%j of other servers is understood', (text, type) => {
    expect(refusalOf(text)).toBeInstanceOf(type);
  });

  test('an answer that is no refusal has no text', () => {
    expect(refusalText(new TypeError('secret'))).toBeUndefined();
    expect(refusalText(undefined)).toBeUndefined();
    expect(refusalText(new errors.CollectionStopped('x'))).toBeUndefined();
  });
});

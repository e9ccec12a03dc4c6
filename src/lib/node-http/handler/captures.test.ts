/**
 * The recorded exchanges of the reference client with the reference server, sent to our node in
 * their order: status, error text, headers and body have to be the recorded ones. Where they are not,
 * `DEVIATIONS` says why; what cannot be sent again is in `NOT_RECORDED`.
 */
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { captures } from '../../../../tests/vectors/captures.ts';
import type { Capture } from '../../../../tests/vectors/captures.ts';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { asList, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import { blocksIn, gapFiller } from './testing/gaps.ts';
import { rebuilt } from './testing/rebuilt.ts';
import { RecordedNode, signedMs } from './testing/recorded-node.ts';
import type { Answer } from './testing/asking.ts';

const all = captures();

interface Deviation {
  readonly because: string;
  /** What our node answers instead; what is absent here is as recorded. */
  readonly status?: number;
  readonly error?: string;
  readonly body?: string;
  /** Whether the recorded headers are not to be there. */
  readonly lacksHeaders?: boolean;
}

const hexText = (text: string) => toHex(new TextEncoder().encode(text));

/** The connection is dropped by the reference; a text takes its place (B-1 §1.1, B-7 §6). */
const dropped = (error: string): Deviation => ({
  because: 'the reference drops the connection',
  status: 400,
  error,
  body: '',
});
/** The reference shows a text of its runtime where something cannot be parsed. */
const inOwnWords = (error: string): Deviation => ({ because: 'a text of the runtime', error });
/** The reference stores a first claim unchecked, which leads to all of these (errata 1). */
const checkedFirst = { because: 'a claim is checked before anything else is done (errata 1)' };

const NO_MULTIBASE = 'The text does not begin with a known multibase prefix.';

/** By number or label of the capture. */
const DEVIATIONS: ReadonlyMap<number | string, Deviation> = new Map<number | string, Deviation>([
  [
    'secret-link-host',
    {
      because: 'the reference ignores its public domain here (errata 10)',
      body: hexText('peergos.example'),
    },
  ],
  [
    'block-get-other-owner',
    {
      because: "the reference's cache answers for the wrong owner (B-6 §1)",
      body: '',
      lacksHeaders: true,
    },
  ],
  [
    'error-login-unknown-user',
    { because: 'an unknown user has no other home either (B-3 §3)', error: 'No value present' },
  ],
  [
    'follow-list-after-duplicates',
    { because: 'duplicates are listed once (errata 8)', body: withoutDuplicates() },
  ],
  ['error-pointers-wrong-signature', dropped('Invalid signature!')],
  ['error-block-wrong-signature', dropped('Invalid signature for block!')],
  ['error-auth-wrong-key', dropped('Invalid signature!')],
  ['error-auth-missing', dropped('The parameter "auth" is missing.')],
  ['error-quota-auth-wrong-key', dropped('Invalid signature!')],
  ['follow-list-auth-wrong-key', dropped('Invalid signature!')],
  [706, dropped('Unknown method in mutable pointers!')],
  [707, dropped('Unknown method nope')],
  [708, dropped('Unknown method in AccountHandler!')],
  [710, dropped('Unknown method in StorageHandler!')],
  [714, dropped('The parameter "owner" is missing.')],
  ['error-block-stat-without-owner', inOwnWords('The parameter "owner" is missing.')],
  [
    'error-block-not-cbor',
    inOwnWords(
      'A block cannot be read: CBOR has a float, an undefined or an unknown simple value.',
    ),
  ],
  [713, inOwnWords('The parameter "owner" is missing.')],
  ['error-bad-cid', inOwnWords(`The parameter "arg" cannot be read: ${NO_MULTIBASE}`)],
  ['error-bad-owner', inOwnWords(`The parameter "owner" cannot be read: ${NO_MULTIBASE}`)],
  ['error-query-part-without-equals', inOwnWords('A part of the query has no "=".')],
  [
    'error-signup-repeated',
    { ...checkedFirst, error: 'User already exists: Invalid key change attempt!' },
  ],
  [
    'error-signup-name-taken',
    { ...checkedFirst, error: 'Invalid key chain merge! A claim is to another name.' },
  ],
  [
    'error-signup-claim-for-other-name',
    { ...checkedFirst, error: 'Invalid key chain merge! A claim is to another name.' },
  ],
  [768, { ...checkedFirst, body: `00000003${hexText('bob')}` }],
  [769, { ...checkedFirst, body: '80' }],
]);

/** Why a capture cannot be compared, by number. */
const NOT_RECORDED: ReadonlyMap<number, string> = new Map([
  [434, 'the block this pointer names is not recorded'],
  [537, 'the space used includes the blocks that are not recorded'],
  [538, 'the space used includes the blocks that are not recorded'],
]);

function notRecorded({ n, requestBody }: Capture): string | undefined {
  const isKnown = typeof requestBody === 'string' || rebuilt(requestBody) !== undefined;
  return isKnown ? NOT_RECORDED.get(n) : 'its body is not recorded';
}

interface Outcome {
  readonly capture: Capture;
  readonly differences: string[];
  readonly isDeviation: boolean;
}

/** Sends everything that was recorded, in order. */
async function replay(): Promise<Outcome[]> {
  const recorded = new RecordedNode();
  recorded.nowMs = all.map(signedMs).find((time) => time !== undefined) ?? 0;
  const fillGaps = gapFiller(recorded, all);
  const outcomes: Outcome[] = [];
  for (const capture of all.filter((candidate) => notRecorded(candidate) === undefined)) {
    await fillGaps(capture);
    // A stale time is one the server's clock has left behind.
    if (!capture.label.includes('stale')) recorded.nowMs = signedMs(capture) ?? recorded.nowMs;
    const answer = await recorded.answer(capture);
    const deviation = DEVIATIONS.get(capture.n) ?? DEVIATIONS.get(capture.label);
    outcomes.push({
      capture,
      differences: differences(capture, answer, deviation),
      isDeviation: deviation !== undefined && differences(capture, answer, undefined).length > 0,
    });
  }
  expect(recorded.faults).toEqual([]);
  return outcomes;
}

test('every recorded exchange is answered as it was, or as the table of deviations says', async () => {
  const outcomes = await replay();
  const different = outcomes.filter((outcome) => outcome.differences.length > 0);
  expect(
    different.map(({ capture, differences }) => [capture.n, capture.label, differences]),
  ).toEqual([]);
  const deviating = outcomes.filter(({ isDeviation }) => isDeviation);
  expect({
    asRecorded: outcomes.length - deviating.length,
    deviating: deviating.length,
    notRecorded: all.length - outcomes.length,
  }).toEqual({ asRecorded: 729, deviating: 26, notRecorded: 17 });
  const used = deviating.map(({ capture: { n, label } }) => (DEVIATIONS.has(n) ? n : label));
  expect(new Set(used)).toEqual(new Set(DEVIATIONS.keys()));
}, 60_000);

function differences(capture: Capture, answer: Answer, deviation: Deviation | undefined): string[] {
  const found: string[] = [];
  const compare = (what: string, ours: unknown, recorded: unknown) => {
    if (ours === recorded) return;
    found.push(`${what} ${String(ours).slice(0, 200)} FOR ${String(recorded).slice(0, 200)}`);
  };
  compare('status', answer.status, deviation?.status ?? capture.status);
  compare('error', answer.error, deviation?.error ?? capture.error);
  for (const name of ['ETag', 'Cache-Control', 'Location', 'Content-Encoding']) {
    const recorded = headerOf(capture, name);
    if (recorded === undefined || deviation?.lacksHeaders === true) continue;
    compare(name, answer.headers.get(name), recorded);
  }
  if (deviation?.body !== undefined) compare('body', answer.body, deviation.body);
  else if (typeof capture.responseBody === 'object') {
    const { sha256 } = capture.responseBody;
    compare('hash of the body', toHex(sha256Now(fromHex(answer.body))), sha256);
  } else if (capture.responseBody !== undefined) {
    compare('body', comparable(capture, answer.body), comparable(capture, capture.responseBody));
  }
  return found;
}

function headerOf(capture: Capture, name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.entries(capture.responseHeaders).find(([key]) => key.toLowerCase() === lower)?.[1];
}

/** What of a body is the same in every run, in a fixed order. */
function comparable({ path, status }: Capture, body: string): string {
  if (status !== 200 || body === '') return body;
  if (path.startsWith('/api/v0/champ/')) return blocksIn(body).map(toHex).sort().join();
  if (path.startsWith('/peergos/v0/core/getUsernamesGzip')) {
    return (JSON.parse(gunzipSync(fromHex(body)).toString()) as string[]).sort().join();
  }
  if (path === '/api/v0/transaction/start') {
    return /^[\w-]{1,64}$/u.test(new TextDecoder().decode(fromHex(body))) ? 'an id' : body;
  }
  return body;
}

/** The recorded list of follow requests with its first element alone. */
function withoutDuplicates(): string {
  const listed = all.find(({ label }) => label === 'follow-list-after-duplicates')?.responseBody;
  const requests = asList(decodeCbor(fromHex(listed as string).subarray(4)), 'the requests');
  const list = encodeCbor(requests.slice(0, 1));
  return list.length.toString(16).padStart(8, '0') + toHex(list);
}

import 'fake-indexeddb/auto';
import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto, SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import { DRAFT_LIMIT_BYTES } from '#lib/frames/index.ts';
import { createMemoryDraftRecords, openDraftRecords, type DraftRecords } from './draft-records.ts';
import { Drafts, DraftTooLarge } from './drafts.ts';

beforeAll(() => startCrypto());

const KEY = SymmetricKey.random(systemRandom);
const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

let now = 1_795_423_041_900;
let databases = 0;
const newName = () => `drafts-${++databases}`;

function draftsIn(records: DraftRecords, { account = 'alice', key = KEY } = {}): Drafts {
  return new Drafts({ records, account, key: () => key, random: systemRandom, clock: () => ++now });
}

describe.each([
  ['in the browser', () => openDraftRecords(newName())],
  ['in memory', () => createMemoryDraftRecords()],
])('drafts %s', (_where, create) => {
  it('come back by their file, the last one of each, until they are dropped', async () => {
    const drafts = draftsIn(create());
    await drafts.keep('one', bytesOf('first try'));
    await drafts.keep('two', bytesOf('another'));
    await drafts.keep('one', bytesOf('second try'));
    expect(textOf(await drafts.read('one'))).toBe('second try');
    await drafts.drop('one');
    expect(await drafts.read('one')).toBeUndefined();
    expect(textOf(await drafts.read('two'))).toBe('another');
  });

  it('are of one account, and go with it', async () => {
    const records = create();
    const [alice, bob] = [draftsIn(records), draftsIn(records, { account: 'bob' })];
    await alice.keep('one', bytesOf('of alice'));
    expect(await bob.read('one')).toBeUndefined();
    await bob.keep('one', bytesOf('of bob'));
    await records.forget('alice');
    expect(await alice.read('one')).toBeUndefined();
    expect(textOf(await bob.read('one'))).toBe('of bob');
  });

  it('open with the key of the account only, and for their own file only', async () => {
    const records = create();
    const drafts = draftsIn(records);
    await drafts.keep('one', bytesOf('the words'));
    const kept = (await records.get('alice', 'one'))!;
    expect(Buffer.from(kept.sealed).includes('the words')).toBe(false);
    await records.put('alice', 'other', kept);
    expect(await drafts.read('other')).toBeUndefined();
    const other = draftsIn(records, { key: SymmetricKey.random(systemRandom) });
    expect(await other.read('one')).toBeUndefined();
    expect(await records.get('alice', 'one'), 'what opens no more is gone').toBeUndefined();
  });

  it('that are damaged are none', async () => {
    const records = create();
    const drafts = draftsIn(records);
    for (const length of [0, 1, 24, 40]) {
      await records.put('alice', 'one', { sealed: new Uint8Array(length), savedMs: 1 });
      expect(await drafts.read('one')).toBeUndefined();
    }
  });

  it('are at most fifty: the oldest give way', async () => {
    const drafts = draftsIn(create());
    for (let at = 0; at < 53; at++) await drafts.keep(`file ${at}`, bytesOf(String(at)));
    const left = await Promise.all(
      Array.from({ length: 53 }, async (_, at) => textOf(await drafts.read(`file ${at}`))),
    );
    expect(left.findIndex((text) => text !== undefined)).toBe(3);
    expect(left.filter((text) => text !== undefined)).toHaveLength(50);
  });

  it('are bounded in size, each and together', async () => {
    const drafts = draftsIn(create());
    await expect(drafts.keep('one', new Uint8Array(DRAFT_LIMIT_BYTES + 1))).rejects.toThrow(
      DraftTooLarge,
    );
    const large = new Uint8Array(DRAFT_LIMIT_BYTES);
    for (const file of ['one', 'two', 'three']) await drafts.keep(file, large);
    expect(await drafts.read('one')).toBeUndefined();
    expect((await drafts.read('three'))?.length).toBe(DRAFT_LIMIT_BYTES);
  });
});

describe('a draft', () => {
  it('outlives an engine that ended without a word', async () => {
    const name = newName();
    await draftsIn(openDraftRecords(name)).keep('one', bytesOf('unsaved'));
    // Nothing was closed: the next engine opens the same database beside it.
    expect(textOf(await draftsIn(openDraftRecords(name)).read('one'))).toBe('unsaved');
  });

  it('is as it was before, when the engine ends while another one is written', async () => {
    const records = createMemoryDraftRecords();
    const drafts = draftsIn(records);
    await drafts.keep('one', bytesOf('before'));
    const dying: DraftRecords = { ...records, put: () => new Promise(() => undefined) };
    void draftsIn(dying).keep('one', bytesOf('after'));
    expect(textOf(await draftsIn(records).read('one'))).toBe('before');
  });
});

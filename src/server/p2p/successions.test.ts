/** What is believed of nodes that gave up their id, whatever the sources say. */
import { beforeAll, describe, expect, test } from 'vitest';
import type { Cid } from '#lib/codec/index.ts';
import { peerIdOf, SigningKeyPair, startCrypto } from '#lib/crypto/index.ts';
import { signNodeRecord } from '#lib/protocol/index.ts';
import type { SignedIpnsRecord } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createLog } from '../observe/log.ts';
import { Successions } from './successions.ts';

const NOW_MS = Date.UTC(2026, 5, 1);
const YEAR_MS = 365 * 86_400_000;

beforeAll(() => startCrypto());

const keyOf = (n: number): SigningKeyPair => SigningKeyPair.fromSeed(new Uint8Array(32).fill(n));
const idOf = (n: number): Cid => peerIdOf(keyOf(n).publicKey);

interface Said {
  readonly sequence?: bigint;
  readonly successor?: Cid | undefined;
  readonly hasMoved?: boolean;
  readonly atMs?: number;
}

/** Signed by the key `n`; by default it names the next one. */
function record(n: number, said: Said = {}): Promise<SignedIpnsRecord> {
  const { sequence = 1n, successor = idOf(n + 1), hasMoved = true, atMs = NOW_MS } = said;
  return signNodeRecord(keyOf(n), { sequence, successor, hasMoved }, atMs);
}

/** Sources that say, of each node, what they are told to. */
function createSuccessions(records = createMemoryStores().records) {
  const said = new Map<string, (SignedIpnsRecord | undefined | Error)[]>();
  const logged: string[] = [];
  let asked = 0;
  const say = (n: number, ...answers: (SignedIpnsRecord | undefined | Error)[]) =>
    void said.set(idOf(n).toPeerId(), answers);
  const successions = new Successions({
    records,
    clock: () => NOW_MS,
    log: createLog('info', (line) => logged.push(line)),
    sourcesOf: async (line) =>
      (said.get(line.at(-1)!.toPeerId()) ?? []).map((answer) => async () => {
        asked++;
        if (answer instanceof Error) throw answer;
        return answer;
      }),
  });
  return { successions, records, say, logged, asked: () => asked };
}

test('the last of a line is in charge, and what was once seen is not asked for again', async () => {
  const { successions, records, say, asked } = createSuccessions();
  say(1, new Error('away'), undefined, await record(1));
  say(2, await record(2));
  say(3, await record(3, { successor: undefined, hasMoved: false }));
  expect(await successions.successorOf(idOf(1))).toEqual(idOf(3));
  const before = asked();
  for (const n of [1, 2]) say(n);
  expect(await successions.successorOf(idOf(1))).toEqual(idOf(3));
  expect(await successions.knownSuccessorOf(idOf(2))).toEqual(idOf(3));
  // Only whether the line goes on.
  expect(asked()).toBe(before + 1);
  // So it is by another process.
  const another = createSuccessions(records);
  expect(await another.successions.successorOf(idOf(1))).toEqual(idOf(3));
  expect(another.asked()).toBe(0);
});

test('nobody took over while a successor is only named, or nothing is said', async () => {
  const { successions, say } = createSuccessions();
  say(1, await record(1, { hasMoved: false }));
  say(2, undefined, new Error('away'));
  for (const n of [1, 2, 3]) expect(await successions.successorOf(idOf(n))).toBeUndefined();
});

describe('a record is refused by name', () => {
  test.each([
    ['WrongSignature', 'of another key', () => record(9)],
    ['IpnsRecordExpired', 'after its time', () => record(1, { atMs: NOW_MS - YEAR_MS })],
    [
      'WrongSignature',
      'with a changed byte',
      async () => {
        const { data, signature } = await record(1);
        return { data: data.with(40, data[40]! ^ 1), signature };
      },
    ],
  ])('%s: %s', async (name, _, make) => {
    const { successions, say, logged } = createSuccessions();
    say(1, await make());
    expect(await successions.successorOf(idOf(1))).toBeUndefined();
    expect(logged.join()).toContain(name);
    // A good one beside it counts.
    say(1, await make(), await record(1));
    expect(await successions.successorOf(idOf(1))).toEqual(idOf(2));
  });

  test('NodeRecordOutdated: an older one, and one that names another successor', async () => {
    const { successions, say, logged } = createSuccessions();
    say(1, await record(1, { sequence: 5n, hasMoved: false }));
    expect(await successions.successorOf(idOf(1))).toBeUndefined();
    for (const said of [{ sequence: 4n }, { sequence: 6n, successor: idOf(7) }]) {
      say(1, await record(1, said));
      expect(await successions.successorOf(idOf(1))).toBeUndefined();
      expect(logged.splice(0).join()).toContain('NodeRecordOutdated');
    }
    say(1, await record(1, { sequence: 6n }));
    expect(await successions.successorOf(idOf(1))).toEqual(idOf(2));
  });

  test('EndlessSuccession: lines that lead back, to themselves, or too far', async () => {
    const { successions, say, logged } = createSuccessions();
    say(1, await record(1, { successor: idOf(1) }));
    say(2, await record(2));
    say(3, await record(3, { successor: idOf(2) }));
    for (let n = 10; n < 40; n++) say(n, await record(n));
    for (const n of [1, 2, 10]) {
      expect(await successions.successorOf(idOf(n))).toBeUndefined();
      expect(logged.splice(0).join()).toContain('EndlessSuccession');
    }
  });
});

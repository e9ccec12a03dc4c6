import { afterEach, describe, expect, it, vi } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import { bytes, byKind, count, flag, listOf, MalformedMessage, object, text } from './parsers.ts';
import { connect, RemoteError, serve, shape, type Handlers } from './rpc.ts';

const protocol = {
  add: shape([count, count] as const, count),
  shout: shape([text] as const, text),
  countTo: shape([count] as const, count, count),
  read: shape([count] as const, bytes),
  wait: shape([] as const, flag),
  lie: shape([] as const, count),
};

class NotToday extends PyrgosError {
  override readonly name = 'NotToday';
}

const stopped = vi.fn();
const handlers: Handlers<typeof protocol> = {
  add: async (_context, a, b) => a + b,
  shout: async (_context, word) => {
    throw new NotToday(`No ${word} today.`);
  },
  countTo: async ({ progress }, end) => {
    for (let i = 1; i <= end; i++) progress(i);
    return end;
  },
  read: async (_context, length) => new Uint8Array(length).fill(7),
  wait: ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        stopped();
        reject(signal.reason as Error);
      });
    }),
  lie: async () => 'many' as unknown as number,
};

const channels: MessageChannel[] = [];
function conversation() {
  const channel = new MessageChannel();
  channels.push(channel);
  channel.port1.start();
  channel.port2.start();
  const stop = serve(channel.port2, protocol, handlers);
  return { caller: connect(channel.port1, protocol), stop, channel };
}
afterEach(() => {
  for (const channel of channels.splice(0)) channel.port1.close();
});

describe('calls between page and engine', () => {
  it('carry arguments and results', async () => {
    const { caller } = conversation();
    expect(await caller.call('add', [2, 3])).toBe(5);
    expect(await Promise.all([caller.call('add', [1, 1]), caller.call('add', [4, 4])])).toEqual([
      2, 8,
    ]);
    expect(await caller.call('read', [3])).toEqual(Uint8Array.of(7, 7, 7));
  });

  it('carry errors by name and sentence', async () => {
    const { caller } = conversation();
    const error = await caller.call('shout', ['noise']).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(RemoteError);
    expect(error).toMatchObject({ name: 'NotToday', message: 'No noise today.' });
  });

  it('report progress in order, before the result', async () => {
    const { caller } = conversation();
    const seen: number[] = [];
    await caller.call('countTo', [4], { onProgress: (n) => seen.push(n) });
    expect(seen).toEqual([1, 2, 3, 4]);
  });

  it('are aborted on both sides', async () => {
    const { caller } = conversation();
    const controller = new AbortController();
    const call = caller.call('wait', [], { signal: controller.signal });
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await vi.waitFor(() => expect(stopped).toHaveBeenCalledOnce());
  });

  it('refuse what is malformed, on the way there and on the way back', async () => {
    const { caller, channel } = conversation();
    await expect(caller.call('add', [1, -1])).rejects.toMatchObject({ name: 'MalformedMessage' });
    await expect(caller.call('add', [1, '2' as unknown as number])).rejects.toMatchObject({
      name: 'MalformedMessage',
    });
    await expect(caller.call('lie', [])).rejects.toThrow(MalformedMessage);
    const answers: unknown[] = [];
    channel.port1.addEventListener('message', (event) => answers.push(event.data));
    channel.port1.postMessage({ type: 'call', id: 900, method: 'constructor', args: [] });
    await vi.waitFor(() => expect(answers).toHaveLength(1));
    expect(answers[0]).toMatchObject({ type: 'error', id: 900 });
  });

  it('fail when the conversation is closed', async () => {
    const { caller } = conversation();
    const call = caller.call('wait', []);
    caller.close(new NotToday('Signed out.'));
    await expect(call).rejects.toThrow(NotToday);
    await expect(caller.call('add', [1, 2])).rejects.toThrow(NotToday);
  });
});

describe('parsers', () => {
  const entry = object({ name: text, sizes: listOf(count) }, { note: text });

  it('keep what is described and drop the rest', () => {
    const parsed = entry({ name: 'a', sizes: [1], extra: 1, note: undefined }, 'entry');
    expect(parsed).toEqual({ name: 'a', sizes: [1] });
    expect('note' in parsed).toBe(false);
  });

  it.each([null, 1, 'x', {}, { name: 1, sizes: [] }, { name: 'a', sizes: [1.5] }])(
    '%j is refused',
    (value) => {
      expect(() => entry(value, 'entry')).toThrow(MalformedMessage);
    },
  );

  it('tell objects apart by their kind, and never by a prototype name', () => {
    const animal = byKind({ cat: object({ lives: count }), dog: object({ good: flag }) });
    expect(animal({ kind: 'cat', lives: 9 }, 'animal')).toEqual({ kind: 'cat', lives: 9 });
    expect(() => animal({ kind: 'constructor' }, 'animal')).toThrow(MalformedMessage);
  });
});

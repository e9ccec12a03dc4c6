import { describe, expect, it, vi } from 'vitest';
import { LastActs } from './last-acts.ts';
import { Toasts } from './toasts.svelte.ts';

// Here nothing is compiled by Svelte: the list of notes is an ordinary field.
vi.hoisted(() => Object.assign(globalThis, { $state: { raw: <T>(value: T): T => value } }));

const moved = (count: number) => `${String(count)} moved`;
const copied = (count: number) => `${String(count)} copied`;

function screen(undo: (id: string) => Promise<void> = () => Promise.resolve()) {
  const toasts = new Toasts();
  const client = { undo: vi.fn(undo) };
  const attempt = async (act: () => Promise<void>): Promise<boolean> => {
    try {
      await act();
      return true;
    } catch (error) {
      toasts.failed(String(error));
      return false;
    }
  };
  const acts = new LastActs({ client, toasts, attempt });
  const messages = () => toasts.list.map(({ message }) => message);
  const undone = () => client.undo.mock.calls.map(([id]) => id);
  return { acts, toasts, messages, undone };
}

describe('acts on files', () => {
  it('of one kind are told together, and undone together, the last first', async () => {
    const { acts, toasts, messages, undone } = screen();
    acts.did({ undo: 'a' }, 1, moved);
    acts.did({ undo: 'b' }, 2, moved);
    expect(messages()).toEqual(['3 moved']);
    acts.did({ undo: 'c' }, 1, copied);
    expect(messages()).toEqual(['3 moved', '1 copied']);
    toasts.list[0]?.action?.run();
    await vi.waitFor(() => expect(undone()).toEqual(['b', 'a']));
  });

  it('are taken back one by one by the key, the last first', async () => {
    const { acts, messages, undone } = screen();
    acts.did({ undo: 'a' }, 1, moved);
    acts.did({ undo: 'b' }, 2, moved);
    acts.remember({ undo: 'c' });
    await acts.undoLast();
    await acts.undoLast();
    expect(undone()).toEqual(['c', 'b']);
    expect(messages()[0]).toBe('1 moved');
    await acts.undoLast();
    expect(undone()).toEqual(['c', 'b', 'a']);
    await acts.undoLast();
    expect(undone()).toHaveLength(3);
    expect(messages()).toHaveLength(1);
  });

  it('that cannot be undone say so, and those before them still can', async () => {
    const refuse = (id: string) =>
      id === 'b' ? Promise.reject(new Error('moved since')) : Promise.resolve();
    const { acts, messages, undone } = screen(refuse);
    acts.did({ undo: 'a' }, 1, moved);
    acts.did({ undo: 'b' }, 1, copied);
    await acts.undoLast();
    expect(messages().at(-1)).toContain('moved since');
    await acts.undoLast();
    expect(undone()).toEqual(['b', 'a']);
  });

  it('that are under way are ended before the last is taken back', async () => {
    const { acts, undone } = screen();
    acts.did({ undo: 'before' }, 1, moved);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    void acts.during(promise.then(() => acts.did({ undo: 'slow' }, 1, copied)));
    const undoing = acts.undoLast();
    expect(undone()).toEqual([]);
    resolve(undefined);
    await undoing;
    expect(undone()).toEqual(['slow']);
  });

  it('without a way back offer none', () => {
    const { acts, toasts } = screen();
    acts.did({}, 2, moved);
    expect(toasts.list[0]).toMatchObject({ message: '2 moved' });
    expect(toasts.list[0]?.action).toBeUndefined();
  });
});

it('a failure that is met again is said once', () => {
  const { toasts, messages } = screen();
  toasts.failed('no room');
  toasts.failed('no room');
  expect(messages()).toEqual(['no room']);
});

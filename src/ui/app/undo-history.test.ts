import { describe, expect, it, vi } from 'vitest';
import { UndoHistory } from './undo-history.ts';
import { Toasts } from './toasts.svelte.ts';

// Here nothing is compiled by Svelte: the list of notes is an ordinary field.
vi.hoisted(() => Object.assign(globalThis, { $state: { raw: <T>(value: T): T => value } }));

const moved = (count: number) => `${String(count)} moved`;
const copied = (count: number) => `${String(count)} copied`;

function screen(undo: (id: string) => Promise<void> = () => Promise.resolve()) {
  const toasts = new Toasts();
  const client = { undo: vi.fn(undo) };
  const attempt = async (action: () => Promise<void>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      toasts.failed(String(error));
      return false;
    }
  };
  const history = new UndoHistory({ client, toasts, attempt });
  const messages = () => toasts.list.map(({ message }) => message);
  const undone = () => client.undo.mock.calls.map(([id]) => id);
  return { history, toasts, messages, undone };
}

describe('history on files', () => {
  it('of one kind are reported together, and undone together, the last first', async () => {
    const { history, toasts, messages, undone } = screen();
    history.did({ undo: 'a' }, 1, moved);
    history.did({ undo: 'b' }, 2, moved);
    expect(messages()).toEqual(['3 moved']);
    history.did({ undo: 'c' }, 1, copied);
    expect(messages()).toEqual(['3 moved', '1 copied']);
    toasts.list[0]?.action?.run();
    await vi.waitFor(() => expect(undone()).toEqual(['b', 'a']));
  });

  it('are taken back one by one by the key, the last first', async () => {
    const { history, messages, undone } = screen();
    history.did({ undo: 'a' }, 1, moved);
    history.did({ undo: 'b' }, 2, moved);
    history.remember({ undo: 'c' });
    await history.undoLast();
    await history.undoLast();
    expect(undone()).toEqual(['c', 'b']);
    expect(messages()[0]).toBe('1 moved');
    await history.undoLast();
    expect(undone()).toEqual(['c', 'b', 'a']);
    await history.undoLast();
    expect(undone()).toHaveLength(3);
    expect(messages()).toHaveLength(1);
  });

  it('that cannot be undone say so, and those before them still can', async () => {
    const refuse = (id: string) =>
      id === 'b' ? Promise.reject(new Error('moved since')) : Promise.resolve();
    const { history, messages, undone } = screen(refuse);
    history.did({ undo: 'a' }, 1, moved);
    history.did({ undo: 'b' }, 1, copied);
    await history.undoLast();
    expect(messages().at(-1)).toContain('moved since');
    await history.undoLast();
    expect(undone()).toEqual(['b', 'a']);
  });

  it('that are under way are ended before the last is taken back', async () => {
    const { history, undone } = screen();
    history.did({ undo: 'before' }, 1, moved);
    const { promise, resolve } = Promise.withResolvers<undefined>();
    void history.during(promise.then(() => history.did({ undo: 'slow' }, 1, copied)));
    const undoing = history.undoLast();
    expect(undone()).toEqual([]);
    resolve(undefined);
    await undoing;
    expect(undone()).toEqual(['slow']);
  });

  it('without a way back offer none', () => {
    const { history, toasts } = screen();
    history.did({}, 2, moved);
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

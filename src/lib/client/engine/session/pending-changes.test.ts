/** What the engine tells of changes that wait, and what keeps trying. */
import { expect, test, vi } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { bytesSource, ChangesRefused, Drive } from '#lib/drive/index.ts';
import { createTestDrive, driveDeps, namesOf } from '#lib/drive/testing.ts';
import { type StorageNode } from '#lib/node/index.ts';
import { createCachingNode, createOfflineNode } from '#lib/offline/index.ts';
import { NodeUnreachable, QuotaExceeded } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createPointerMemory, rememberBesidePending } from '#lib/writers/index.ts';
import { depsOn } from '#lib/writers/testing.ts';
import type { ClientEvent } from '../../types.ts';
import { createEvents } from '../events.ts';
import type { AccountNode } from './node-directory.ts';
import { discardPending, pendingAt } from './pending-on-sign-out.ts';
import { ChangesPending, PendingSync } from './pending-changes.ts';

/** A node that is there or not. */
function switched(node: StorageNode) {
  const line = { isUp: true };
  const part = (target: object): unknown =>
    new Proxy(target, {
      get: (inner, name) => {
        const member = Reflect.get(inner, name) as unknown;
        if (typeof member !== 'function') return member;
        return async (...asked: unknown[]) => {
          if (!line.isUp) throw new NodeUnreachable('away');
          return Reflect.apply(member, inner, asked) as unknown;
        };
      },
    });
  const parts = Object.entries(node).filter(([, one]) => typeof one === 'object');
  const remote = Object.fromEntries(parts.map(([name, one]) => [name, part(one as object)]));
  return { line, remote: remote as unknown as StorageNode };
}

async function device() {
  const it = await createTestDrive({ seed: 42 });
  const { line, remote } = switched(it.account.node);
  const stores = createMemoryStores();
  const { random, clock } = depsOn(it.account.node);
  const listeners = new Set<() => void>();
  const node = createOfflineNode(createCachingNode(remote, { ...stores, clock }), {
    ...stores,
    direct: remote,
    random,
    onChange: () => listeners.forEach((listener) => listener()),
  });
  const pointerMemory = rememberBesidePending(createPointerMemory(), (...state) =>
    node.isOwn(...state),
  );
  const deps = driveDeps(node, random, it.account, { pointerMemory });
  const drive = new Drive(deps, it.home);
  const told: ClientEvent[] = [];
  const events = createEvents();
  events.listen((event) => told.push(event));
  const listen = (listener: () => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const changed = vi.fn();
  const sync = new PendingSync({
    queue: { node, listen },
    drive: deps,
    home: it.home,
    events,
    changed,
    tellTabs: () => undefined,
  });
  const accountNode = { node, queue: { node, listen } } as unknown as AccountNode;
  const write = async (name: string) => {
    const items = [{ path: [name], source: bytesSource(utf8(name)) }];
    await drive.upload(await drive.home(), items);
  };
  return { it, line, drive, sync, told, changed, write, accountNode, stores };
}

test('reports the number of pending changes, and that they were sent', async () => {
  const { it, line, sync, told, changed, write } = await device();
  await write('before');
  await sync.start();
  expect(told).toEqual([]);
  line.isUp = false;
  await write('away');
  await vi.waitFor(() => expect(told.at(-1)).toMatchObject({ kind: 'pending' }));
  await expect(sync.flush()).rejects.toBeInstanceOf(ChangesPending);
  expect(changed).not.toHaveBeenCalled();
  line.isUp = true;
  await sync.flush();
  const fresh = it.another();
  expect(await namesOf(fresh, await fresh.home())).toEqual(['away', 'before']);
  expect(told.slice(-2)).toEqual([
    { kind: 'pending', changes: 0, isSending: false },
    { kind: 'sent', keptBoth: [], notDeleted: [], lost: [] },
  ]);
  expect(changed).toHaveBeenCalledOnce();
  sync.close();
});

test('tries again by itself', async () => {
  const { line, sync, told, write } = await device();
  await write('before');
  line.isUp = false;
  await write('later');
  line.isUp = true;
  await vi.waitFor(() => expect(told.at(-1)?.kind).toBe('sent'), { timeout: 10_000 });
  sync.close();
});

test('the whole map is kept, so that a first change without a network finds its accountNode', async () => {
  const { it, line, drive, sync, write } = await device();
  const other = it.another();
  const items = Array.from({ length: 60 }, (_, i) => ({
    path: [`file ${i}`],
    source: bytesSource(utf8(`${i}`)),
  }));
  await other.upload(await other.home(), items);
  await sync.start();
  await namesOf(drive, await drive.home());
  line.isUp = false;
  for (let i = 0; i < 10; i++) await write(`new ${i}`);
  expect(await namesOf(drive, await drive.home())).toHaveLength(70);
  sync.close();
});

test('says that it sends, and no more when the server is gone again', async () => {
  const { line, sync, told, write } = await device();
  await write('before');
  line.isUp = false;
  await write('away');
  line.isUp = true;
  await sync.send();
  const sendings = told.map((event) => event.kind === 'pending' && event.isSending);
  expect(sendings).toContain(true);
  expect(told.findLast(({ kind }) => kind === 'pending')).toMatchObject({ isSending: false });
  sync.close();
});

test('pending changes are deleted only after the user was told that they are lost', async () => {
  const { it, line, sync, write, accountNode, stores } = await device();
  const { username } = it.home;
  await write('before');
  expect(await pendingAt(accountNode, username)).toBe(0);
  line.isUp = false;
  await write('one');
  await write('two');
  expect(await pendingAt(accountNode, username)).toBeGreaterThanOrEqual(2);
  await expect(discardPending(accountNode, username, false)).rejects.toBeInstanceOf(ChangesPending);
  expect(await stores.blocks.list('pending/')).not.toEqual([]);
  await discardPending(accountNode, username, true);
  expect(await stores.blocks.list('pending/')).toEqual([]);
  for (const table of ['pending-entries', 'pending-pointers', 'pending-bases']) {
    expect(await stores.records.list(table, '')).toEqual([]);
  }
  sync.close();
});

test('signing out sends what can be sent, without a key', async () => {
  const { it, line, sync, write, accountNode } = await device();
  await write('before');
  line.isUp = false;
  await write('away');
  line.isUp = true;
  await discardPending(accountNode, it.home.username, false);
  const fresh = it.another();
  expect(await namesOf(fresh, await fresh.home())).toEqual(['away', 'before']);
  sync.close();
});

test('discarding gives the tree of the server, and is told', async () => {
  const { line, drive, sync, told, changed, write } = await device();
  await write('before');
  line.isUp = false;
  await write('away');
  await sync.discard();
  expect(await namesOf(drive, await drive.home())).toEqual(['before']);
  expect(told.at(-1)).toMatchObject({ kind: 'pending', changes: 0 });
  expect(changed).toHaveBeenCalledOnce();
  sync.close();
});

test('refused changes are sent again when something changed, but not at every change', async () => {
  const { line, sync, told, write, it, drive } = await device();
  await write('before');
  line.isUp = false;
  await write('large');
  line.isUp = true;
  const refused = vi
    .spyOn(it.account.node.blocks, 'put')
    .mockRejectedValue(new QuotaExceeded(1, 1));
  // From before the first try: what it notes is in the time that is turned forward.
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance'],
    shouldAdvanceTime: true,
  });
  try {
    await expect(sync.send()).rejects.toBeInstanceOf(ChangesRefused);
    expect(told.findLast(({ kind }) => kind === 'pending')).toMatchObject({ changes: 1 });
    const asked = refused.mock.calls.length;
    for (let i = 0; i < 5; i++) sync.retry();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(refused.mock.calls.length).toBe(asked);
    refused.mockRestore();
    await vi.advanceTimersByTimeAsync(20_000);
  } finally {
    vi.useRealTimers();
  }
  await vi.waitFor(() => expect(told.at(-1)?.kind).toBe('sent'), { timeout: 10_000 });
  expect(await namesOf(drive, await drive.home())).toEqual(['before', 'large']);
  sync.close();
});

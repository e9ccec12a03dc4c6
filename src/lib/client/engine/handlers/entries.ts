import type { Accounts } from '../session/accounts.ts';
import type { OpenFiles } from './open-files.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** Folders and entries. */
export function entryHandlers(files: OpenFiles) {
  return {
    openFolder: ({ signal }, path) => files().folders.openFolder(path, signal),
    list: ({ signal, progress }, id) => files().folders.list(id, progress, signal),
    details: ({ signal }, ids) => files().folders.details(ids, signal),
    find: ({ signal }, path) => files().folders.find(path, signal),
    measure: ({ signal, progress }, ids) => files().measure(ids, progress, signal),
    pictureSize: ({ signal }, id) => files().downloads.pictureSize(id, signal),
    makeFolder: (_context, id, name) => files().makeFolder(id, name),
    makeFile: (_context, id, name) => files().makeFile(id, name),
    rename: (_context, id, name) => files().folders.rename(id, name),
    move: (_context, ids, target, onConflict) => files().folders.move(ids, target, onConflict),
    copy: ({ signal }, ids, target) => files().copy(ids, target, signal),
    undo: (_context, undo) => files().undo.undo(undo),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

/** The trash. */
export function trashHandlers(accounts: Accounts) {
  return {
    trash: (_context, ids) => accounts.current.trash.add(ids),
    listTrash: ({ signal, progress }) => accounts.current.trash.list(progress, signal),
    restore: (_context, ids) => accounts.current.trash.restore(ids),
    async removeForever(_context, ids) {
      const { current } = accounts;
      await current.trash.removeForever(ids);
      current.collectWhenIdle();
    },
    async emptyTrash() {
      const { current } = accounts;
      await current.trash.empty();
      current.collectWhenIdle();
    },
  } satisfies Partial<Handlers<EngineProtocol>>;
}

import type { EngineCaller } from './engine-caller.ts';
import type { Client } from '../types.ts';

/** Folders, files and the trash. */
export function entryCalls(engine: EngineCaller) {
  return {
    openFolder: (path, signal) => engine().call('openFolder', [path], { signal }),
    list: (folder, onBatch, signal) =>
      engine().call('list', [folder], {
        signal,
        onProgress: ({ entries, done }) => onBatch(entries, done),
      }),
    details: (ids, signal) => engine().call('details', [ids], { signal }),
    find: (path, signal) => engine().call('find', [path], { signal }),
    measure: (ids, onSum, signal) => engine().call('measure', [ids], { signal, onProgress: onSum }),
    pictureSize: (id, signal) => engine().call('pictureSize', [id], { signal }),
    makeFolder: (folder, name) => engine().call('makeFolder', [folder, name]),
    makeFile: (folder, name) => engine().call('makeFile', [folder, name]),
    rename: (id, name) => engine().call('rename', [id, name]),
    move: (ids, target, onConflict) => engine().call('move', [ids, target, onConflict]),
    copy: (ids, target, signal) => engine().call('copy', [ids, target], { signal }),
    trash: (ids) => engine().call('trash', [ids]),
    undo: (undo) => engine().call('undo', [undo]),
    listTrash: (onBatch, signal) =>
      engine().call('listTrash', [], {
        signal,
        onProgress: ({ entries, done }) => onBatch(entries, done),
      }),
    restore: (ids) => engine().call('restore', [ids]),
    removeForever: (ids) => engine().call('removeForever', [ids]),
    emptyTrash: () => engine().call('emptyTrash', []),
    inspect: (id, signal) => engine().call('inspect', [id], { signal }),
    readText: (id, limitBytes, encoding) => engine().call('readText', [id, limitBytes, encoding]),
    readBytes: (id, start, end, signal) => engine().call('readBytes', [id, start, end], { signal }),
  } satisfies Partial<Client>;
}

/** Frames of viewers that are open, each with the one file it was opened with. */
import type { Drive, ReaderDeps } from '#lib/drive/index.ts';
import { fileCalls } from '#lib/frames/index.ts';
import { serve } from '#lib/rpc/index.ts';
import type { TellChange } from '../events.ts';
import type { Entries } from '../files/entries.ts';
import type { Folders } from '../files/folders.ts';
import type { Drafts } from './drafts.ts';
import { OpenedFile } from './opened-file.ts';

export interface ViewersDeps {
  readonly drive: Drive;
  readonly reader: ReaderDeps;
  readonly entries: Entries;
  readonly folders: Folders;
  readonly drafts: Drafts;
  readonly changed: TellChange;
}

export class Viewers {
  readonly #deps: ViewersDeps;

  constructor(deps: ViewersDeps) {
    this.#deps = deps;
  }

  /** Answers the frame at the other end of the port until the signal ends it. */
  async serve(id: string, port: MessagePort, signal: AbortSignal): Promise<void> {
    const { drive, reader, entries, folders, drafts, changed } = this.#deps;
    const path = () => entries.path(entries.item(id));
    const file = new OpenedFile({
      drive,
      reader,
      drafts,
      open: (stop) => entries.open(entries.item(id), stop),
      folderPath: () => path().slice(0, -1),
      openPath: async (names, stop) => (await folders.walk(names, stop)).handle,
      changed: () => changed(path().slice(0, -1), 'unknown', path().slice(-1)),
      added: (name) => changed(path().slice(0, -1), 'added', [name]),
    });
    const stop = serve(port, fileCalls, file.handlers());
    port.start();
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      else signal.addEventListener('abort', () => resolve());
    });
    stop();
    port.close();
  }
}

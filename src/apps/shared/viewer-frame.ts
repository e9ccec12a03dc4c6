/** What the module of a viewer gets when it starts: its document is empty, and these are its doors. */
import type { fileCalls, pageCalls, ThemeName, viewerCalls } from '#lib/frames/index.ts';
import type { Caller, Handlers } from '#lib/rpc/index.ts';

export interface ViewerFrame {
  /** The opened file. */
  readonly file: Caller<typeof fileCalls>;
  /** The screen around the viewer, and the files of its program. */
  readonly page: Caller<typeof pageCalls>;
  readonly theme: ThemeName;
  /** The page's calls are answered by these from now on. */
  serve(handlers: Handlers<typeof viewerCalls>): void;
}

/** What the entry module of a viewer exports. */
export interface ViewerModule {
  start(frame: ViewerFrame): Promise<void> | void;
}

declare global {
  /** Loads a module of the same program; the build puts it in place of `import()`. */
  var loadModule: (name: string) => Promise<unknown>;
}

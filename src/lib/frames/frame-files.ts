/** The programs of viewers, which the page hands to frames file by file. */
import type { ViewerKind } from './frame-start.ts';

/** What the build says of them. */
export interface FrameFiles {
  /** Where they lie, below the site. */
  readonly folder: string;
  /** The module that each viewer begins with. */
  readonly entries: Readonly<Record<ViewerKind, string>>;
  readonly modules: Readonly<Record<string, FrameModule>>;
}

export interface FrameModule {
  /** Modules that must be there before it, by name. */
  readonly imports: readonly string[];
  /** Its style sheets, by name. */
  readonly css: readonly string[];
}

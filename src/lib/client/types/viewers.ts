/** Frames of our own viewers. */
import type {
  PageKey,
  ThemeName,
  ViewerChoice,
  ViewerFailure,
  ViewerKind,
} from '#lib/frames/index.ts';
import type { EntryId } from './entries.ts';

/** What the screen around a viewer hears of it. */
export interface ViewerListener {
  onDirty(dirty: boolean): void;
  onKey(key: PageKey): void;
  onFollow(address: string): void;
  /** Choices for all viewers, as they are kept. */
  choices?(): Readonly<Record<string, string>>;
  onChoice?(choice: ViewerChoice, value: string): void;
  /** The file cannot be shown. */
  onFail?(why: ViewerFailure): void;
  /** Where the file was left: how many parts of it (pages) come before. */
  place?(): Promise<number>;
  onPlace?(at: number, of: number): void;
}

export interface ViewerSession {
  /** For the `src` of an iframe without attributes that allow anything. */
  readonly url: string;
  /** Takes a message that came to the window; answers the frame's first one with its ports. */
  receive(event: MessageEvent, frame: Window | null): void;
  setTheme(theme: ThemeName): void;
  /** Fails where the viewer cannot do it. */
  command(name: ViewerCommand): Promise<void>;
  focus(): void;
  close(): void;
}

export type ViewerCommand = 'save' | 'discard' | 'keep' | 'find' | 'print';

/** Frames with our own viewers. */
export interface ViewerCalls {
  /** A frame with one of our own viewers; undefined where none can be shown: see canStream. */
  openViewer(
    viewer: ViewerKind,
    id: EntryId,
    theme: ThemeName,
    listener: ViewerListener,
  ): Promise<ViewerSession | undefined>;
}

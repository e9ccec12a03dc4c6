/** The question on screen, if any: one at a time, each answered by its dialog. */
import type { Look } from '../viewers/looks.ts';
import type { ConflictChoice, Entry, EntryId } from '#lib/client/index.ts';

export type Question =
  | { readonly kind: 'new-folder' }
  | { readonly kind: 'new-app' }
  | {
      readonly kind: 'new-file';
      readonly name: string;
      /** The app that begins it, and opens it then; absent: an empty file. */
      readonly app?: { readonly name: string; readonly extension: string };
    }
  | {
      readonly kind: 'install-app' | 'install-public-app' | 'publish-app';
      readonly path: readonly string[];
    }
  | { readonly kind: 'rename'; readonly entry: Entry }
  | { readonly kind: 'move' | 'copy'; readonly ids: readonly EntryId[] }
  | { readonly kind: 'share'; readonly ids: readonly EntryId[]; readonly name: string }
  | {
      readonly kind: 'trash';
      readonly ids: readonly EntryId[];
      /** Those of them that are shared themselves. */
      readonly shared: readonly Entry[];
    }
  | { readonly kind: 'leave'; readonly entries: readonly Entry[]; readonly owner: string }
  | {
      readonly kind: 'conflict';
      readonly names: readonly string[];
      readonly answer: (choice: ConflictChoice | undefined) => void;
    }
  | {
      readonly kind: 'help';
      /** What the viewer shows, where one is open. */
      readonly look?: Look | undefined;
    };

export class Dialogs {
  open = $state.raw<Question | undefined>(undefined);

  ask(question: Question): void {
    this.close();
    this.open = question;
  }

  /** Closing without an answer is "no". */
  close(): void {
    const { open } = this;
    this.open = undefined;
    if (open?.kind === 'conflict') open.answer(undefined);
  }

  /** What to do with names that are taken; undefined cancels the operation. */
  conflict(names: readonly string[]): Promise<ConflictChoice | undefined> {
    return new Promise((resolve) => {
      this.ask({
        kind: 'conflict',
        names,
        answer: (choice) => {
          this.open = undefined;
          resolve(choice);
        },
      });
    });
  }
}

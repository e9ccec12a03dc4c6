/**
 * The folder of somebody else that is on screen, read again now and then: what its owner changes is
 * no event here. What is shown stays where it is; if access was taken back, the screen is told.
 */
import type { Folder } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { isAbort, kindOf } from '../app/describe-error.ts';
import type { Listing } from './listing.svelte.ts';
import type { Selection } from './selection.svelte.ts';

/** The part of the drive screen that this needs. */
interface DriveScreen {
  readonly app: AppState;
  readonly isOwn: boolean;
  readonly path: readonly string[];
  folder: Folder | undefined;
  isTakenBack: boolean;
  readonly listing: Listing;
  readonly selection: Selection;
  /** Reads the folder again behind what is shown; what is selected stays so by its name. */
  readAgain(options: { readonly byName: true }): Promise<void>;
}

export class FolderRefresh {
  readonly #drive: DriveScreen;
  #isRunning = false;

  constructor(drive: DriveScreen) {
    this.#drive = drive;
  }

  /** One at a time; in the own tree, and before the folder is there, there is nothing to do. */
  async run(): Promise<void> {
    const { app, folder, isOwn, listing } = this.#drive;
    const isOpen = folder !== undefined && !listing.loading;
    if (this.#isRunning || !isOpen || isOwn || app.isGuest) return;
    this.#isRunning = true;
    try {
      await this.#read(folder);
    } catch (error) {
      // Whatever else is wrong is told when something is done here.
      const isGone = !isAbort(error) && kindOf(error) === 'not-found';
      if (isGone && this.#drive.folder === folder) this.#takenBack();
    } finally {
      this.#isRunning = false;
    }
  }

  async #read(before: Folder): Promise<void> {
    const drive = this.#drive;
    const now = await drive.app.client.openFolder(drive.path);
    if (drive.folder !== before) return;
    const isSame = now.entry.id === before.entry.id && now.writable === before.writable;
    if (!isSame) drive.folder = now;
    drive.isTakenBack = false;
    await drive.readAgain({ byName: true });
  }

  #takenBack(): void {
    this.#drive.isTakenBack = true;
    this.#drive.selection.clear();
  }
}

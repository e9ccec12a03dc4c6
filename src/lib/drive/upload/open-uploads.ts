/**
 * Large uploads that were interrupted (A-9 §3): which there are, and clearing them. To resume one,
 * upload the same file to the same place again.
 */
import type { ChildToWrite } from '#lib/cryptree/index.ts';
import type { Change } from '../change.ts';
import { AlreadyUploading } from '../errors.ts';
import { identityOf } from '../folder-edit.ts';
import { openHome } from '../paths.ts';
import { transact, type DriveContext } from '../transact.ts';
import { allRecords, clearRecord, editTransactions } from './transactions.ts';

export interface OpenUpload {
  /** Names from the user name down; empty when the record cannot be read. It can still be cleared. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  readonly startedMs: number | undefined;
  /** False for records of other clients or of replaced content: they can only be cleared. */
  readonly isResumable: boolean;
  /** True while this instance is at it. */
  readonly isRunning: boolean;
  readonly entry: ChildToWrite;
}

/** The records of large uploads that have not ended (A-9 §3). */
export class OpenUploads {
  readonly #context: DriveContext;

  constructor(context: DriveContext) {
    this.#context = context;
  }

  async list(signal?: AbortSignal): Promise<OpenUpload[]> {
    const found = await this.#edit(
      async (change, home) => allRecords(change, await editTransactions(change, home)),
      signal,
    );
    return found.map(({ entry, record }) => ({
      path: record?.path.split('/') ?? [],
      sizeBytes: record?.sizeBytes ?? 0,
      startedMs: record?.startedMs,
      isResumable: record?.properties !== undefined,
      isRunning: record !== undefined && this.#context.runningUploads.has(record.path),
      entry,
    }));
  }

  /** Removes what the upload left, and its record. @throws AlreadyUploading while it runs here */
  async clear(upload: OpenUpload, signal?: AbortSignal): Promise<void> {
    if (this.#context.runningUploads.has(upload.path.join('/'))) {
      throw new AlreadyUploading(upload.path.at(-1) ?? '');
    }
    const wanted = identityOf(upload.entry);
    await this.#edit(async (change, home) => {
      const edit = await editTransactions(change, home);
      for (const { entry, record } of await allRecords(change, edit)) {
        if (identityOf(entry) === wanted) await clearRecord(change, edit, entry, record);
      }
      await edit.save();
    }, signal);
  }

  async #edit<T>(
    work: (change: Change, home: Awaited<ReturnType<typeof openHome>>) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const home = await openHome(this.#context, signal);
    return transact(this.#context, home, (change) => work(change, home), signal);
  }
}

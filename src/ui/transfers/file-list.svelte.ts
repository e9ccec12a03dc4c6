/**
 * The files of the transfer that was opened. The engine tells all of them once and then what
 * changed, a few times a second; what needs a look comes first.
 */
import type { Client, NumberedFile, TransferFileState } from '#lib/client/index.ts';

const ORDER: readonly TransferFileState[] = [
  'failed',
  'running',
  'waiting',
  'skipped',
  'cancelled',
  'done',
];

export class FileList {
  rows = $state.raw<readonly NumberedFile[]>([]);
  readonly #client: Client;
  #files: NumberedFile[] = [];
  #abort = new AbortController();

  constructor(client: Client) {
    this.#client = client;
  }

  open(id: string): void {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    this.#files = [];
    this.rows = [];
    const take = (files: readonly NumberedFile[]): void => {
      if (signal.aborted) return;
      for (const file of files) this.#files[file.at] = file;
      this.rows = inOrder(this.#files);
    };
    // It ends by our own hand, or with the transfer, which leaves the list then.
    this.#client.watchFiles(id, take, signal).catch(() => undefined);
  }

  stop(): void {
    this.#abort.abort();
  }
}

/** Without sorting: ten thousand rows are put in order several times a second. */
function inOrder(files: readonly NumberedFile[]): NumberedFile[] {
  const byState = new Map(ORDER.map((state) => [state, [] as NumberedFile[]]));
  for (const file of files) byState.get(file.state)?.push(file);
  return [...byState.values()].flat();
}

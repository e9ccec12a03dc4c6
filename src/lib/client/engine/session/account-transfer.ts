/**
 * Taking an account along: out into files, in from files, and over to another node. What carries it
 * away is asked with the password, and each leaves what was there before as it is.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { blobPieces, importAccount, type AccountExport } from '#lib/archive/index.ts';
import {
  asInSession,
  exportOwnAccount,
  moveAccount,
  type MoveProgress,
} from '#lib/account/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import type { ByteProgress, SecondFactorQuestion } from '../../types.ts';
import type { Accounts } from './accounts.ts';
import { Mirrors } from './mirrors.ts';
import { serverOrigin } from './node-directory.ts';
import type { SecondFactorQuestions } from './second-factor-questions.ts';

/** Pieces are handed to the browser, which may keep them on disk, in parts of this size. */
const PART_BYTES = 16 * 1024 * 1024;
/** Far beyond any account's: a thousand writing spaces are less than one MiB. */
const DESCRIPTION_MAX_BYTES = 64 * 1024 * 1024;

/** This browser keeps no accounts itself, or the files are of another kind. */
export class ImportRefused extends PyrgosError {
  override readonly name = 'ImportRefused';
  override readonly kind = 'refused';
}

export interface ExportedAccount {
  /** `blocks.car` */
  readonly blocks: Blob;
  /** `node.json` */
  readonly description: string;
}

/** How an operation is watched and cancelled. */
export interface Watched<Progress> {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** An operation that may ask for a second factor. */
export interface Asking<Progress> extends Watched<Progress> {
  readonly onQuestion: (question: SecondFactorQuestion) => void;
}

export class AccountTransfer {
  readonly #accounts: Accounts;
  readonly #questions: SecondFactorQuestions;

  readonly mirrors: Mirrors;

  constructor(accounts: Accounts, questions: SecondFactorQuestions) {
    this.mirrors = new Mirrors(accounts, questions);
    this.#accounts = accounts;
    this.#questions = questions;
  }

  /** Reads the whole account, verified, into a blob that the browser keeps on disk. */
  async exportAccount(
    { password }: { readonly password: string },
    { signal, onProgress, onQuestion }: Asking<ByteProgress>,
  ): Promise<ExportedAccount> {
    const { username, accountNode, pendingSync, session } = this.#accounts.current;
    await pendingSync?.flush();
    const secondFactor = this.#questions.asking(onQuestion, signal);
    const exported = await exportOwnAccount(
      this.#accounts.depsAt(accountNode),
      { username, password, secondFactor, ...asInSession(session) },
      { signal, onProgress },
    );
    const blocks = await toBlob(exported.blocks);
    signal.throwIfAborted();
    return { blocks, description: exported.description() };
  }

  /** Puts an account that was exported into this browser; it is signed in to as usual. */
  async importAccount(
    files: { readonly blocks: Blob; readonly description: Blob },
    { signal, onProgress }: Watched<ByteProgress>,
  ): Promise<{ username: string; isNew: boolean }> {
    const { embedded } = await this.#accounts.openNode(undefined);
    if (embedded === undefined) {
      throw new ImportRefused('Accounts cannot be put into a server here.');
    }
    if (files.description.size > DESCRIPTION_MAX_BYTES) {
      throw new ImportRefused('The description of an account is never as large as this file.');
    }
    const description = await files.description.text();
    const totalBytes = files.blocks.size;
    const { username, isNew } = await importAccount(
      embedded,
      { description, blocks: blobPieces(files.blocks) },
      { signal, onProgress: (doneBytes) => onProgress({ doneBytes, totalBytes }) },
    );
    await this.#accounts.note({ username });
    return { username, isNew };
  }

  /** Moves the account that is open to a server and goes on there. What was here stays. */
  async moveAccount(
    options: { readonly password: string; readonly server: string; readonly token?: string },
    { signal, onProgress, onQuestion }: Asking<MoveProgress>,
  ): Promise<void> {
    const { current } = this.#accounts;
    await current.pendingSync?.flush();
    const { username } = current;
    const { password, token } = options;
    const secondFactor = this.#questions.asking(onQuestion, signal);
    const accountNode = await this.#accounts.openNode(serverOrigin(options.server));
    const session = await moveAccount(
      { ...current.driveDeps, node: current.accountNode.direct ?? current.accountNode.node },
      // With an empty pointer memory: the two nodes number their states differently.
      {
        ...this.#accounts.depsAt(accountNode),
        node: accountNode.direct ?? accountNode.node,
        pointerMemory: createPointerMemory(),
      },
      { username, password, secondFactor, ...asInSession(current.session) },
      { signal, onProgress, ...(token === undefined ? {} : { token }) },
    );
    await this.#accounts.goOn(session, accountNode);
  }
}

async function toBlob(pieces: AccountExport['blocks']): Promise<Blob> {
  const parts: Blob[] = [];
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  const put = (): void => {
    parts.push(new Blob(held as BlobPart[]));
    held = [];
    heldBytes = 0;
  };
  for await (const piece of pieces) {
    held.push(piece.slice());
    heldBytes += piece.length;
    if (heldBytes >= PART_BYTES) put();
  }
  put();
  return new Blob(parts);
}

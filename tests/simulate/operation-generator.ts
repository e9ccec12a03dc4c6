/**
 * What an operation of the simulation works on, at random: a folder, a file or a child, in the model
 * and as the drive opens it.
 */
import type { Drive, Handle, ListedEntry } from '#lib/drive/index.ts';
import type { SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { filesOf, foldersOf, type ModelFile, type ModelFolder, type ModelNode } from './model.ts';

export class OperationGenerator {
  readonly #root: ModelFolder;
  readonly #random: SeededRandom;
  /** Handles opened earlier: operations must cope with their age. */
  readonly #handles = new WeakMap<ModelNode, Handle>();

  constructor(root: ModelFolder, random: SeededRandom) {
    this.#root = root;
    this.#random = random;
  }

  async folder(drive: Drive): Promise<{ folder: ModelFolder; handle: Handle }> {
    const { path, folder } = this.#random.pick(foldersOf(this.#root));
    return { folder, handle: await this.#handleAt(drive, path, folder) };
  }

  async file(drive: Drive): Promise<{ file: ModelFile; handle: Handle } | undefined> {
    const files = filesOf(this.#root);
    if (files.length === 0) return undefined;
    const { path, file } = this.#random.pick(files);
    return { file, handle: await this.#handleAt(drive, path, file) };
  }

  async child(
    drive: Drive,
  ): Promise<{ folder: ModelFolder; handle: Handle; name: string; row: ListedEntry } | undefined> {
    const folders = foldersOf(this.#root).filter(({ folder }) => folder.children.size > 0);
    if (folders.length === 0) return undefined;
    const { path, folder } = this.#random.pick(folders);
    const handle = await this.#handleAt(drive, path, folder);
    const name = this.#random.pick([...folder.children.keys()]);
    const row = await drive.find(handle, name);
    if (!row) throw new Error(`${name} is not listed`);
    return { folder, handle, name, row };
  }

  async #handleAt(drive: Drive, path: readonly string[], node: ModelNode): Promise<Handle> {
    const known = this.#handles.get(node);
    if (known && this.#random.chance(0.3)) return known;
    const handle = await drive.resolve(path);
    this.#handles.set(node, handle);
    return handle;
  }
}

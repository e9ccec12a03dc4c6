/** Names of objects: a folder, and the key; the last part of the key may be spelled otherwise. */

export interface ObjectNameOptions {
  /** What all names begin with, with a slash at its end. Empty when absent. */
  readonly folder?: string;
  /** Another spelling of what follows the last slash of a key. The keys themselves when absent. */
  readonly spelling?: ObjectSpelling;
}

export interface ObjectSpelling {
  toObject(lastPart: string): string;
  /** `undefined`: nothing is spelled so. */
  toKey(lastPart: string): string | undefined;
}

const NAME = /^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/;
const NAME_MAX_CHARS = 1024;

export class ObjectNames {
  readonly folder: string;
  readonly #spelling: ObjectSpelling | undefined;

  /** Throws a `RangeError` for a folder that cannot be one. */
  constructor({ folder = '', spelling }: ObjectNameOptions) {
    if (folder !== '' && !(folder.endsWith('/') && NAME.test(folder.slice(0, -1)))) {
      throw new RangeError('A folder of objects is letters, digits, "-" and "_", and ends in "/".');
    }
    this.folder = folder;
    this.#spelling = spelling;
  }

  /** Objects sort as their keys do. */
  get keepOrder(): boolean {
    return this.#spelling === undefined;
  }

  /** Throws a `RangeError` for a key that cannot be an object's name. */
  objectOf(key: string): string {
    const start = key.lastIndexOf('/') + 1;
    const last = key.slice(start);
    const object = this.folder + key.slice(0, start) + (this.#spelling?.toObject(last) ?? last);
    if (!NAME.test(key) || !NAME.test(object) || object.length > NAME_MAX_CHARS) {
      throw new RangeError('The key of a block cannot name an object.');
    }
    return object;
  }

  /** `undefined`: an object of someone else. */
  keyOf(object: string): string | undefined {
    if (!object.startsWith(this.folder)) return undefined;
    const name = object.slice(this.folder.length);
    if (!NAME.test(name)) return undefined;
    if (this.#spelling === undefined) return name;
    const start = name.lastIndexOf('/') + 1;
    const last = this.#spelling.toKey(name.slice(start));
    return last === undefined ? undefined : name.slice(0, start) + last;
  }
}

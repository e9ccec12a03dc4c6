/**
 * Names of a node, searched on this device: what is typed leaves it for nobody to see. Names that
 * begin with the text come first, then those that have it after a hyphen.
 */
export class NameIndex {
  readonly #names: readonly string[];

  constructor(names: readonly string[]) {
    this.#names = names.toSorted(byUnits);
  }

  get size(): number {
    return this.#names.length;
  }

  /** Up to `limit` names for a text, in order. */
  find(text: string, limit: number): string[] {
    const wanted = text.trim().toLowerCase();
    if (wanted === '') return [];
    const found: string[] = [];
    for (let at = this.#firstFrom(wanted); at < this.#names.length; at++) {
      const name = this.#names[at]!;
      if (!name.startsWith(wanted) || found.length === limit) break;
      found.push(name);
    }
    const inside = `-${wanted}`;
    for (let at = 0; at < this.#names.length && found.length < limit; at++) {
      const name = this.#names[at]!;
      if (name.includes(inside) && !name.startsWith(wanted)) found.push(name);
    }
    return found;
  }

  /** Index of the first name that does not come before `text`. */
  #firstFrom(text: string): number {
    let [low, high] = [0, this.#names.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#names[middle]! < text) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function byUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

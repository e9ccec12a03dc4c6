/**
 * Loads the modules of a viewer, which come over the page's port and become `blob:` modules. What a
 * module imports is loaded before it, and its address is written in the place of the name.
 */
import type { pageCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';

export class ModuleLoader {
  readonly #page: Caller<typeof pageCalls>;
  readonly #addresses = new Map<string, Promise<string>>();
  readonly #sheets = new Set<string>();

  constructor(page: Caller<typeof pageCalls>) {
    this.#page = page;
  }

  /** Loads a module with all it needs, and evaluates it. */
  readonly load = async (name: string): Promise<unknown> => {
    const address = await this.#address(name);
    return import(/* @vite-ignore */ address);
  };

  #address(name: string): Promise<string> {
    const known = this.#addresses.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    this.#addresses.set(name, made);
    made.catch(() => this.#addresses.delete(name));
    return made;
  }

  async #make(name: string): Promise<string> {
    const { bytes, imports, css } = await this.#page.call('module', [name]);
    let text = new TextDecoder().decode(bytes);
    const [addresses] = await Promise.all([
      Promise.all(imports.map((each) => this.#address(each))),
      ...css.map((each) => this.#addSheet(each)),
    ]);
    for (const [at, each] of imports.entries()) {
      text = text.replaceAll(`./${each}`, () => addresses[at] ?? '');
    }
    return URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  }

  async #addSheet(name: string): Promise<void> {
    if (this.#sheets.has(name)) return;
    this.#sheets.add(name);
    const bytes = await this.#page.call('asset', [name]);
    const style = document.createElement('style');
    style.textContent = new TextDecoder().decode(bytes);
    document.head.append(style);
  }
}

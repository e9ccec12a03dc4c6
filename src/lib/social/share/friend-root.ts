/**
 * A friend's tree (C-2 §2.6): from its top one sees the folders that lead to what was shared, and
 * in a shared folder what is in it. What was shared to write stands before what may only be read.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { EntryPoint } from '#lib/cryptree/index.ts';
import { Ancestors, handleOf, openAll, type Handle, type Root } from '#lib/drive/index.ts';
import { readConsistently } from '#lib/writers/index.ts';
import { FriendGone } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import type { Incoming } from './incoming.ts';
import { MirroredFolder } from './mirrored-folder.ts';

export class FriendRoot implements Root {
  readonly name: string;
  readonly #deps: SocialDeps;
  readonly #entry: EntryPoint;
  readonly #incoming: Incoming;

  constructor(deps: SocialDeps, entry: EntryPoint, incoming: Incoming) {
    this.name = entry.username;
    this.#deps = deps;
    this.#entry = entry;
    this.#incoming = incoming;
  }

  /** The friend's home: its name, and what of it was shared. @throws FriendGone */
  async open(signal?: AbortSignal): Promise<Handle> {
    await this.#incoming.poll(this.#entry, signal);
    const { owner } = this.#entry.capability;
    return readConsistently(this.#deps.driveDeps, owner, async (view) => {
      const [node] = await openAll(view, [this.#entry.capability], signal);
      if (node === undefined) throw new FriendGone(this.name);
      if (node instanceof PyrgosError) throw node;
      const [top] = await new Ancestors(view).of(node, signal);
      const partial = new MirroredFolder(this.#deps, [this.name]);
      return { ...handleOf({ node: top!, name: this.name }, undefined), partial };
    });
  }
}

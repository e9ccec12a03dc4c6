/**
 * The tree of somebody we do not follow, of which somebody we follow handed something on to us
 * (C-2 §2.6): from its top one sees the folders that lead there, as in a friend's tree.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { OpenNode } from '#lib/cryptree/index.ts';
import { Ancestors, handleOf, openAll, type Handle, type Root } from '#lib/drive/index.ts';
import { readConsistently } from '#lib/writers/index.ts';
import { NothingHandedOn } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { passedOver } from './log-reader.ts';
import { itemsBelow } from './mirror-reading.ts';
import { MirroredFolder } from './mirrored-folder.ts';

/** Items that do not open any more are passed over, this many at most. */
const LOOKED_AT_MAX = 200;

export class AcquaintanceRoot implements Root {
  readonly name: string;
  readonly #deps: SocialDeps;
  readonly #receive: (signal?: AbortSignal) => Promise<void>;

  /** `receive` takes in what those we follow gave since. */
  constructor(deps: SocialDeps, name: string, receive: (signal?: AbortSignal) => Promise<void>) {
    this.#deps = deps;
    this.name = name;
    this.#receive = receive;
  }

  /** The owner's home: its name, and what of it was handed on. @throws NothingHandedOn */
  async open(signal?: AbortSignal): Promise<Handle> {
    await this.#receive(signal);
    const top = await topOf(this.#deps, this.name, signal);
    if (top === undefined) throw new NothingHandedOn(this.name);
    const partial = new MirroredFolder(this.#deps, [this.name]);
    return { ...handleOf({ node: top, name: this.name }, undefined), partial };
  }
}

/** The home of an owner, found by the first item of the mirror that opens; undefined if none does. */
export async function topOf(
  { drive, driveDeps }: SocialDeps,
  owner: string,
  signal?: AbortSignal,
): Promise<OpenNode | undefined> {
  let looked = 0;
  for await (const { item } of itemsBelow(drive, [owner], signal)) {
    if ((looked += 1) > LOOKED_AT_MAX) return undefined;
    const top = await readConsistently(driveDeps, item.capability.owner, async (view) => {
      const [node] = await openAll(view, [item.capability], signal);
      if (node === undefined || node instanceof PyrgosError) return undefined;
      const path = await new Ancestors(view).of(node, signal).catch(passedOver);
      return path?.[0]?.properties.name === owner ? path[0] : undefined;
    });
    if (top !== undefined) return top;
  }
  return undefined;
}

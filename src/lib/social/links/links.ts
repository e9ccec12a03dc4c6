/**
 * Secret links of the own items (C-4 §4.3): made, changed, taken back and listed by their owner, each
 * in one commit. Both passwords are kept in the record of shared items, readable by him alone, so
 * that he can show and copy an address again.
 */
import { ChampConflict } from '#lib/champ/index.ts';
import { rotateEntry, type Change, type Handle } from '#lib/drive/index.ts';
import { WriteConflict } from '#lib/writers/index.ts';
import { ShareRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { itemAt, placeOf, resend, sharedBelow } from '../share/noted-shares.ts';
import { noteShares, sharesOf } from '../share/outgoing.ts';
import type { LinkProperties } from '../share/shared-with.ts';
import { checkOwn } from '../share/sharing.ts';
import { NO_WISHES, secretLinkAddress, type LinkWishes } from './link-address.ts';
import { LinkTree } from './link-tree.ts';
import { drawLabel, drawLinkPassword } from './secrets.ts';
import { storeLink, withdrawLinks } from './stored-link.ts';

/** What the owner of a link may choose, and choose again. */
export interface LinkTerms {
  /** Empty: none is asked for. */
  readonly userPassword: string;
  /** Show the file at once. */
  readonly autoOpen: boolean;
  /** Nobody is answered after this second (UTC). */
  readonly expirySeconds: number | undefined;
  /** How many visitors are answered. */
  readonly maxRetrievals: number | undefined;
}

/** A link, and where what it leads to lies. */
export interface LinkedItem {
  readonly path: readonly string[];
  readonly link: LinkProperties;
}

const NO_TERMS: LinkTerms = {
  userPassword: '',
  autoOpen: false,
  expirySeconds: undefined,
  maxRetrievals: undefined,
};

export class Links {
  readonly #deps: SocialDeps;

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  /**
   * Makes a link to an item. What visitors may change gets a writing space of its own first.
   * @throws ShareRefused, PathNotFound
   */
  create(
    path: readonly string[],
    isWritable: boolean,
    terms: Partial<LinkTerms> = {},
    signal?: AbortSignal,
  ): Promise<LinkProperties> {
    checkTerms(terms);
    return this.#change(async (change, home) => {
      checkOwn(home, path);
      const item = isWritable
        ? await this.#withOwnSpace(change, home, path)
        : await itemAt(change, home, path);
      const tree = await LinkTree.open(change, this.#deps);
      const draft = {
        ...NO_TERMS,
        ...terms,
        label: await freeLabel(change, tree),
        linkPassword: drawLinkPassword(change.random),
        isWritable,
        target: undefined,
      };
      const link = await storeLink(change, tree, item, draft, undefined);
      await tree.save();
      await noteShares(change, home, path, (shares) => ({
        ...shares,
        links: [...shares.links, link],
      }));
      return link;
    }, signal);
  }

  async #withOwnSpace(change: Change, home: Handle, path: readonly string[]): Promise<Handle> {
    const { folder, name } = await placeOf(change, home, path);
    const before = await itemAt(change, home, path);
    const { entry } = await rotateEntry(change, folder, name, 'own-space');
    const isMoved = !entry.capability.writer.equals(before.capability.writer);
    if (isMoved) await resend(change, this.#deps, home, path);
    return itemAt(change, home, path);
  }

  /**
   * Changes what was chosen; the address stays, and so does what visitors may do. Who opened the
   * link already keeps what it gave. @throws ShareRefused if there is no such link, PathNotFound
   */
  update(
    path: readonly string[],
    label: bigint,
    terms: Partial<LinkTerms>,
    signal?: AbortSignal,
  ): Promise<LinkProperties> {
    checkTerms(terms);
    return this.#change(async (change, home) => {
      const known = linkOf(await sharesOf(change, home, path), label);
      const item = await itemAt(change, home, path);
      const tree = await LinkTree.open(change, this.#deps);
      const link = await storeLink(change, tree, item, { ...known, ...terms }, known.target);
      await tree.save();
      await noteShares(change, home, path, (shares) => ({
        ...shares,
        links: shares.links.map((one) => (one.label === label ? link : one)),
      }));
      return link;
    }, signal);
  }

  /** Takes links of an item back, by label; those that are gone already are no error. */
  remove(path: readonly string[], labels: readonly bigint[], signal?: AbortSignal): Promise<void> {
    return this.#change(async (change, home) => {
      const shares = await sharesOf(change, home, path);
      const links = shares.links.filter(({ label }) => labels.includes(label));
      if (links.length === 0) return;
      await withdrawLinks(change, this.#deps, [{ ...shares, links }]);
      await noteShares(change, home, path, (now) => ({
        ...now,
        links: now.links.filter(({ label }) => !labels.includes(label)),
      }));
    }, signal);
  }

  /** All links to an item. */
  async of(path: readonly string[], signal?: AbortSignal): Promise<readonly LinkProperties[]> {
    const { drive } = this.#deps;
    return (await drive.look((change, home) => sharesOf(change, home, path), signal)).links;
  }

  /** All links there are. */
  all(signal?: AbortSignal): Promise<readonly LinkedItem[]> {
    return this.#deps.drive.look(async (change, home) => {
      const shared = await sharedBelow(change, home, []);
      return shared.flatMap(({ path, shares }) => shares.links.map((link) => ({ path, link })));
    }, signal);
  }

  /** The host that addresses of the own links name. */
  host(): Promise<string> {
    const { node, person } = this.#deps;
    return node.links.host(person.identity.hash);
  }

  /** The address to give away; without a host it begins with `secret/`. Wishes are kept nowhere else. */
  addressOf(
    { label, linkPassword, autoOpen }: LinkProperties,
    host?: string,
    wished: Partial<LinkWishes> = {},
  ): string {
    const owner = this.#deps.person.identity.hash;
    const wishes = { ...NO_WISHES, open: autoOpen, ...wished };
    return secretLinkAddress({ host, owner, label, linkPassword, wishes });
  }

  #change<T>(work: (change: Change, home: Handle) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const compared = async (change: Change, home: Handle): Promise<T> => {
      try {
        return await work(change, home);
      } catch (error) {
        // What was noted and what the tree holds were read at two moments.
        if (error instanceof ChampConflict) throw new WriteConflict({ cause: error });
        throw error;
      }
    };
    return this.#deps.drive.change(compared, signal);
  }
}

async function freeLabel(change: Change, tree: LinkTree): Promise<bigint> {
  for (;;) {
    const label = BigInt(drawLabel(change.random));
    if ((await tree.get(label)) === undefined) return label;
  }
}

function linkOf(
  { links }: { readonly links: readonly LinkProperties[] },
  label: bigint,
): LinkProperties {
  const known = links.find((link) => link.label === label);
  if (known === undefined) throw new ShareRefused('This link does not exist any more.');
  return known;
}

function checkTerms({ expirySeconds, maxRetrievals }: Partial<LinkTerms>): void {
  const isSound = (value: number | undefined, least: number): boolean =>
    value === undefined || (Number.isSafeInteger(value) && value >= least);
  if (!isSound(expirySeconds, 0)) throw new ShareRefused('A link ends at a whole second.');
  if (!isSound(maxRetrievals, 1)) throw new ShareRefused('A link is to be opened at least once.');
}

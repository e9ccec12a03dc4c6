/**
 * Links that are opened without an account: the node of an address is asked once, a password may be
 * tried again, and what the link leads to is a drive of its own. The page gives the address and gets
 * names; what opens the link stays here.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  fetchLink,
  parseLinkAddress,
  shownIdentity,
  type ClosedLink,
  type LinkAddress,
} from '#lib/social/index.ts';
import { looksLikeMultiaddr } from '#lib/webrtc/index.ts';
import { createBlockCache } from '#lib/writers/index.ts';
import { describeError } from '#lib/rpc/index.ts';
import type { OpenedLink, SavedLink } from '../../types.ts';
import { NotSignedIn, type Accounts } from '../session/accounts.ts';
import { originOfHost, type AccountNode } from '../session/node-directory.ts';
import type { OpenSessionDeps } from '../session/open-session.ts';
import { OpenGuest, type OpenGuestDeps } from './open-guest.ts';

const BLOCK_CACHE_BYTES = 24 * 1024 * 1024;

/** The call is about a link, and none is open. */
export class NoLinkOpen extends PyrgosError {
  override readonly name = 'NoLinkOpen';
  override readonly kind = 'refused';
  constructor() {
    super('Please open the link again.');
  }
}

export interface GuestLinksDeps extends Pick<
  OpenSessionDeps,
  'random' | 'clock' | 'drive' | 'events' | 'tickets'
> {
  readonly accounts: Accounts;
}

interface Asked {
  readonly address: LinkAddress;
  readonly closed: ClosedLink;
  readonly guest: OpenGuestDeps;
}

export class GuestLinks {
  readonly #deps: GuestLinksDeps;
  #asked: Asked | undefined;
  #open: OpenGuest | undefined;

  constructor(deps: GuestLinksDeps) {
    this.#deps = deps;
  }

  /** The drive of the link that is open. */
  get open(): OpenGuest | undefined {
    return this.#open;
  }

  /**
   * Asks for a link, and opens it unless it wants a password. `ownServer` is the origin the page came
   * from, if it is a node.
   */
  async openLink(
    text: string,
    ownServer: string | undefined,
    signal?: AbortSignal,
  ): Promise<OpenedLink> {
    this.close();
    const address = parseLinkAddress(text);
    const accountNode = await this.#deps.accounts.openNode(serverOf(address, ownServer));
    // Connecting takes longer than a request may take, and says what is wrong.
    await accountNode.reach?.();
    const guest = this.#guestDeps(accountNode);
    const { node } = guest.driveDeps;
    const identityOf = (username: string) => shownIdentity(node, username);
    const closed = await fetchLink({ driveDeps: guest.driveDeps, identityOf }, address, signal);
    this.#asked = { address, closed, guest };
    return closed.asksPassword ? { kind: 'asks-password' } : this.#enter('', signal);
  }

  /** Tries a password. @throws WrongLinkPassword, after which another one may be tried */
  async unlock(password: string, signal?: AbortSignal): Promise<OpenedLink> {
    return this.#enter(password, signal);
  }

  /** Who owns what is shown; undefined where that cannot be known, or is not what the item says. */
  async owner(signal?: AbortSignal): Promise<string | undefined> {
    if (this.#open === undefined) throw new NoLinkOpen();
    const place = await this.#open.link.locate(signal).catch(() => undefined);
    signal?.throwIfAborted();
    return place?.path[0];
  }

  /** Copies all of it into the home of who is signed in, or stays signed in here. @throws NotSignedIn */
  async save(signal?: AbortSignal): Promise<SavedLink> {
    const { accounts } = this.#deps;
    const guest = this.#open;
    if (guest === undefined) throw new NoLinkOpen();
    if (accounts.open === undefined && !(await accounts.resume())) throw new NotSignedIn();
    const session = accounts.current;
    const { username } = session;
    const about = { kind: 'copy', name: guest.link.item.name, folderPath: [username] } as const;
    const leftOut = await guest.operations.run(
      about,
      async (run) => {
        const { around, rows } = await guest.whole(run.signal);
        const found = await session.takeIn(guest.driveDeps, around, rows, run);
        const failures = found.map(({ path, error }) => ({ path, error: describeError(error) }));
        run.onLeftOut(failures);
        return failures;
      },
      signal,
    );
    return { username, leftOut };
  }

  close(): void {
    this.#open?.close();
    this.#open = undefined;
    this.#asked = undefined;
  }

  async #enter(password: string, signal: AbortSignal | undefined): Promise<OpenedLink> {
    const asked = this.#asked;
    if (asked === undefined) throw new NoLinkOpen();
    const link = await asked.closed.open(password, signal);
    const guest = new OpenGuest(asked.guest, link);
    const item = await guest.describe(asked.address.wishes, signal);
    this.#open?.close();
    this.#open = guest;
    return { kind: 'open', item };
  }

  /** Changes of a guest are never pending: nobody would send them once the page is closed. */
  #guestDeps(accountNode: AccountNode): OpenGuestDeps {
    const { drive, random, clock, events, tickets } = this.#deps;
    const { queue, pointerMemory } = accountNode;
    const node = queue?.node.through ?? accountNode.node;
    const blockCache = createBlockCache(BLOCK_CACHE_BYTES);
    const driveDeps = { ...drive, node, random, clock, blockCache, pointerMemory };
    return { accountNode, driveDeps, random, clock, events, tickets };
  }
}

/**
 * The server or node that an address names, else that of the page; undefined for the node of this
 * browser.
 */
function serverOf({ host }: LinkAddress, ownServer: string | undefined): string | undefined {
  if (host === undefined) return ownServer;
  if (looksLikeMultiaddr(host)) return host;
  if (ownServer !== undefined && new URL(ownServer).host === host.toLowerCase()) return ownServer;
  return originOfHost(host);
}

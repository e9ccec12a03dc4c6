/**
 * Opening a link (C-4 §4.4), with or without an account. The node counts each time it hands a sealed
 * capability out, so it is asked once, however often a password is tried, and its refusals are final.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import { DanglingEntry, Drive, type DriveDeps, type Handle, type Root } from '#lib/drive/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { openClaimChain } from '#lib/protocol/index.ts';
import { NotOwned, readConsistently, verifyOwned } from '#lib/writers/index.ts';
import {
  decryptCapability,
  encryptedCapabilityFromCbor,
  type EncryptedCapability,
} from './encrypted-capability.ts';
import { linkErrorOf, LinkTargetGone } from './errors.ts';
import type { LinkAddress, SecretLinkAddress } from './link-address.ts';
import { LinkRoot, wayTo } from './link-root.ts';

export interface VisitDeps {
  readonly driveDeps: DriveDeps;
  /** The identity a name stands for: by the trust store of the account, else {@link shownIdentity}. */
  readonly identityOf: (username: string, signal?: AbortSignal) => Promise<KeyHash>;
}

/** A link as the node answered it, still closed. */
export interface ClosedLink {
  readonly asksPassword: boolean;
  /**
   * Opens it; a wrong password may be tried again, and nothing is counted for it.
   * @throws WrongLinkPassword, BadLinkAddress, LinkTargetGone, MalformedSocialRecord
   */
  open(userPassword?: string, signal?: AbortSignal): Promise<OpenLink>;
}

/** What a link leads to. */
export interface OpenLink {
  readonly capability: Capability;
  /** The file or folder, apart from any tree: enough to show, stream and change it at once. */
  readonly item: Handle;
  readonly isWritable: boolean;
  /**
   * Finds out where it lies, and that whose name stands there owns it.
   * @throws what keeps that from being known, `NotOwned` if it is somebody else's
   */
  locate(signal?: AbortSignal): Promise<LinkPlace>;
}

export interface LinkPlace {
  /** To be added to the roots of a drive: a guest's, or one's own. */
  readonly root: Root;
  /** Names from the root down to the item, the root's own first. */
  readonly path: readonly string[];
  /** The folder a visitor is shown: the item if it is one, else the folder it lies in. */
  readonly entryPath: readonly string[];
}

/**
 * Asks the node for a link, once.
 * @throws LinkExpired, LinkUsedUp, LinkRemoved, LinkElsewhere, LinkServerAway, NewerLink
 */
export async function fetchLink(
  deps: VisitDeps,
  address: LinkAddress,
  signal?: AbortSignal,
): Promise<ClosedLink> {
  if (address.kind === 'capability') {
    const { capability } = address;
    const open = (_password?: string, stop = signal) => openLinked(deps, capability, stop);
    return { asksPassword: false, open };
  }
  const sealed = encryptedCapabilityFromCbor(await ask(deps.driveDeps.node, address, signal));
  return new SealedLink(deps, address, sealed);
}

/** Asks for a link and opens it. @throws as {@link fetchLink} and {@link ClosedLink.open} */
export async function openLink(
  deps: VisitDeps,
  address: LinkAddress,
  userPassword = '',
  signal?: AbortSignal,
): Promise<OpenLink> {
  return (await fetchLink(deps, address, signal)).open(userPassword, signal);
}

/** A drive for a guest, with nothing in it but what links lead to. */
export function guestDrive(deps: DriveDeps, places: readonly LinkPlace[]): Drive {
  const drive = new Drive(deps);
  for (const { root } of places) drive.roots.add(root);
  return drive;
}

/**
 * The identity that a node shows for a name, by a chain that is valid: all that somebody can know who
 * has met nobody yet. @throws UnknownUser, BadClaimChain
 */
export async function shownIdentity(node: StorageNode, username: string): Promise<KeyHash> {
  const chain = await openClaimChain(await node.names.chain(username), username);
  return chain.at(-1)!.owner;
}

class SealedLink implements ClosedLink {
  readonly asksPassword: boolean;
  readonly #deps: VisitDeps;
  readonly #address: SecretLinkAddress;
  readonly #sealed: EncryptedCapability;

  constructor(deps: VisitDeps, address: SecretLinkAddress, sealed: EncryptedCapability) {
    this.asksPassword = sealed.asksPassword;
    this.#deps = deps;
    this.#address = address;
    this.#sealed = sealed;
  }

  async open(userPassword = '', signal?: AbortSignal): Promise<OpenLink> {
    const { label, linkPassword } = this.#address;
    const secrets = { label, linkPassword, userPassword };
    const capability = await decryptCapability(this.#sealed, secrets, signal);
    return openLinked(this.#deps, capability, signal);
  }
}

async function ask(
  node: StorageNode,
  { owner, label }: SecretLinkAddress,
  signal?: AbortSignal,
): Promise<CborValue> {
  signal?.throwIfAborted();
  try {
    return await node.links.get(owner, label);
  } catch (error) {
    throw linkErrorOf(error);
  }
}

async function openLinked(
  { driveDeps, identityOf }: VisitDeps,
  capability: Capability,
  signal?: AbortSignal,
): Promise<OpenLink> {
  const drive = new Drive(driveDeps);
  const item = await drive.openCapability(capability, signal).catch(gone);
  const locate = async (stop = signal): Promise<LinkPlace> => {
    const { owner, writer } = item.capability;
    const path = await readConsistently(driveDeps, owner, async (view) => {
      const way = await wayTo(view, capability, stop);
      await verifyOwned(view, writer);
      return way.map(({ properties }) => properties.name);
    });
    const [username = ''] = path;
    const identity = await identityOf(username, stop);
    if (!identity.equals(owner)) {
      throw new NotOwned('What this leads to does not belong to the person it names.');
    }
    const root = new LinkRoot(driveDeps, username, capability);
    return { root, path, entryPath: item.isDirectory ? path : path.slice(0, -1) };
  };
  return { capability, item, isWritable: item.signer !== undefined, locate };
}

function gone(error: unknown): never {
  if (error instanceof DanglingEntry) throw new LinkTargetGone({ cause: error });
  throw error instanceof PyrgosError ? linkErrorOf(error) : error;
}

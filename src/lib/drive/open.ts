/**
 * Opening what an entry points to, through link nodes (A-8 §9), with the signer of its writing
 * space where there is one (A-8 §4.6).
 */
import {
  DamagedNode,
  LINK_CHAIN_MAX,
  linkTarget,
  ReadOnlyCapability,
  resolveRelative,
  signerOf,
  WrongSigner,
  type Capability,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { DanglingEntry } from './errors.ts';
import { fragmentsOf, openAt, type View } from './nodes.ts';
import type { Handle } from './types.ts';

/** What a capability leads to. */
export interface Target {
  /** The link's name, if a link stands before the node. */
  readonly name: string;
  readonly node: OpenNode;
  readonly link?: { readonly capability: Capability; readonly node: OpenNode };
}

/**
 * Opens a capability; undefined when nothing lies there (dangling).
 * @throws DamagedNode and its kin when what lies there breaks the rules
 */
export async function openTarget(
  view: View,
  capability: Capability,
  signal?: AbortSignal,
): Promise<Target | undefined> {
  const first = await openAt(view, capability, signal);
  return first && followLinks(view, first, signal);
}

/** The same from a node that is open already. */
export async function followLinks(
  view: View,
  first: OpenNode,
  signal?: AbortSignal,
): Promise<Target | undefined> {
  const { name } = first.properties;
  if (first.kind !== 'link') return { name, node: first };
  let node = first;
  for (let links = 0; node.kind === 'link'; links++) {
    if (links === LINK_CHAIN_MAX) throw new DamagedNode('A shared item leads round in a circle.');
    const relative = await linkTarget(node, fragmentsOf(view), signal);
    const next = await openAt(view, resolveRelative(node.capability, relative), signal);
    if (!next) return undefined;
    node = next;
  }
  return { name, node, link: { capability: first.capability, node: first } };
}

/** The handle of a target, seen from the directory it was found in. */
export function handleOf(target: Target, parent: Handle | undefined, inherited?: Signer): Handle {
  const { node, name, link } = target;
  return {
    name,
    isDirectory: node.kind === 'directory',
    capability: node.capability,
    properties: node.properties,
    node,
    ...(link ? { link } : {}),
    signer: signerIfWritable(node, inherited ?? parent?.signer),
    parent,
  };
}

/** The handle as `view` has it. @throws DanglingEntry when it is gone */
export async function reopened(view: View, handle: Handle, signal?: AbortSignal): Promise<Handle> {
  const target = await openTarget(view, handle.link?.capability ?? handle.capability, signal);
  if (!target) throw new DanglingEntry(handle.name);
  const fresh = handleOf(target, handle.parent, handle.signer);
  return handle.partial ? { ...fresh, partial: handle.partial } : fresh;
}

/** A missing or foreign signing key is no error: the entry can still be read. */
function signerIfWritable(node: OpenNode, inherited: Signer | undefined): Signer | undefined {
  try {
    return signerOf(node, inherited);
  } catch (error) {
    if (error instanceof ReadOnlyCapability || error instanceof WrongSigner) return undefined;
    throw error;
  }
}

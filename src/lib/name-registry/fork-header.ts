/**
 * What two nodes tell each other of the registry beside any call between them, so that a registry
 * that shows different states to different nodes is found out (the `Registry-State` header). The
 * value is `<identity sequence>.<sequence> <root CID>`. It proves nothing by itself: a node that
 * sees another root for a sequence asks for the signed pointers, which do.
 */
import { Cid, MalformedCid } from '#lib/codec/index.ts';
import type { RootRecord } from './records.ts';

export const REGISTRY_STATE_HEADER = 'Registry-State';

/** A place in the history of the registry: which state somebody has there. */
export interface ToldState {
  readonly identitySequence: number;
  readonly pkiSequence: number;
  /** Root of the tree of names. */
  readonly root: Cid;
}

const HEADER_MAX_UNITS = 200;
const FORM = /^(\d{1,15})\.(\d{1,15}) (\S+)$/u;

/** The value of the header for a state. */
export function registryStateToHeader(state: ToldState | RootRecord): string {
  const { identitySequence, pkiSequence, root } = state;
  return `${identitySequence}.${pkiSequence} ${root.toString()}`;
}

/** Reads what another node sent; undefined for what is none: a header never makes a call fail. */
export function registryStateFromHeader(header: string | null | undefined): ToldState | undefined {
  if (header === null || header === undefined || header.length > HEADER_MAX_UNITS) return undefined;
  const [, identity, pki, root] = FORM.exec(header) ?? [];
  if (root === undefined) return undefined;
  try {
    return {
      identitySequence: Number(identity),
      pkiSequence: Number(pki),
      root: Cid.parse(root),
    };
  } catch (error) {
    if (error instanceof MalformedCid) return undefined;
    throw error;
  }
}

/**
 * How another's state stands to one of ours. `forked`: two roots at the same place, so the registry
 * signed both or one of us lies. `ahead`: the other may have more than we.
 */
export function compareStates(
  ours: ToldState | RootRecord,
  theirs: ToldState,
): 'same' | 'behind' | 'ahead' | 'forked' {
  const order =
    theirs.identitySequence - ours.identitySequence || theirs.pkiSequence - ours.pkiSequence;
  if (order === 0) return theirs.root.equals(ours.root) ? 'same' : 'forked';
  return order < 0 ? 'behind' : 'ahead';
}

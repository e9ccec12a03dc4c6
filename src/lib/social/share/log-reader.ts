/**
 * Reading the logs that a friend keeps for us (C-2 §2.3). Logs, names and capabilities are hostile:
 * what does not open, or lies in a tree its sharer has no right to name, is passed over.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { decodeCborPrefix } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { capabilityFromCbor, type Capability } from '#lib/cryptree/index.ts';
import { Ancestors, openAll, type Handle } from '#lib/drive/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { Snapshot, verifyOwned } from '#lib/writers/index.ts';
import type { SocialDeps } from '../person.ts';
import { underPresentOwner } from '../present-owner.ts';
import { RECORD_MAX_BYTES } from '../records.ts';
import type { ProcessedCaps } from './incoming-records.ts';
import type { Given } from './mirror.ts';
import { LOGS } from './outgoing.ts';
import type { Right } from './shared-with.ts';

/** What one log had for us. */
interface LogPart {
  readonly capabilities: readonly Capability[];
  /** Where the log was read to. */
  readonly endBytes: number;
}

/** What a folder of logs had for us, and how far it was read. */
export interface Taken {
  readonly given: readonly Given[];
  readonly processed: ProcessedCaps;
}

/** Reads logs of one friend and finds out what their capabilities lead to. */
export class LogReader {
  readonly #deps: SocialDeps;
  readonly #sharer: string;
  readonly #signal: AbortSignal | undefined;
  readonly #views = new Map<string, { view: Snapshot; ancestors: Ancestors }>();
  /** Who owns a writing space now, if it is who a path names: by name, owner and writer. */
  readonly #owners = new Map<string, Promise<KeyHash | undefined>>();

  constructor(deps: SocialDeps, sharer: string, signal?: AbortSignal) {
    this.#deps = deps;
    this.#sharer = sharer;
    this.#signal = signal;
  }

  /** What came into the two logs of a folder since `known`; only what `isWanted` is opened. */
  async read(
    folder: Capability,
    known: ProcessedCaps,
    isWanted: (capability: Capability) => boolean = () => true,
  ): Promise<Taken> {
    const { drive } = this.#deps;
    const handle = await drive.openCapability(folder, this.#signal);
    const rows: { name: string; open: () => Promise<Handle> }[] = [];
    const options = this.#signal ? { signal: this.#signal } : {};
    for await (const batch of drive.list(handle, options)) {
      for (const row of batch) {
        rows.push({ name: row.name, open: () => drive.open(handle, row, this.#signal) });
      }
    }
    const part = async (right: Right, start: number): Promise<LogPart> => {
      const row = rows.find(({ name }) => name === LOGS[right]);
      if (row === undefined) return { capabilities: [], endBytes: start };
      return this.#log(await row.open(), start);
    };
    const [read, write] = await Promise.all([
      part('read', known.readBytes),
      part('write', known.writeBytes),
    ]);
    const [readable, writable] = [
      await this.#given(read.capabilities.filter(isWanted)),
      await this.#given(write.capabilities.filter(isWanted)),
    ];
    return {
      given: [...readable, ...writable],
      processed: {
        readCount: known.readCount + readable.length,
        writeCount: known.writeCount + writable.length,
        readBytes: read.endBytes,
        writeBytes: write.endBytes,
        groups: known.groups,
      },
    };
  }

  /** Capabilities from `start` on, up to the first that cannot be read. */
  async #log(file: Handle, start: number): Promise<LogPart> {
    const { drive } = this.#deps;
    const pieces: Uint8Array[] = [];
    const end = Math.min(file.properties.sizeBytes, start + RECORD_MAX_BYTES);
    for await (const piece of drive.read(file, start, end, this.#signal)) pieces.push(piece);
    const bytes = concat(...pieces);
    const capabilities: Capability[] = [];
    let at = 0;
    while (at < bytes.length) {
      try {
        const { value, next } = decodeCborPrefix(bytes, at);
        capabilities.push(capabilityFromCbor(value));
        at = next;
      } catch (error) {
        passedOver(error);
        break; // what follows begins nowhere we could know of
      }
    }
    return { capabilities, endBytes: start + at };
  }

  /** Those that open something at a path that its owner's name may stand before. */
  async #given(capabilities: readonly Capability[]): Promise<Given[]> {
    const byOwner = new Map<string, Capability[]>();
    for (const capability of capabilities) {
      const key = capability.owner.toString();
      byOwner.set(key, [...(byOwner.get(key) ?? []), capability]);
    }
    const given: Given[] = [];
    for (const group of byOwner.values()) {
      const { view, ancestors } = this.#viewOf(group[0]!.owner);
      const nodes = await openAll(view, group, this.#signal);
      for (const [i, node] of nodes.entries()) {
        if (node === undefined || node instanceof PyrgosError) continue;
        const path = await ancestors.of(node, this.#signal).catch(passedOver);
        if (path === undefined) continue;
        const names = path.map(({ properties }) => properties.name);
        if (names.length < 2) continue;
        const capability = await this.#verified(names[0]!, group[i]!);
        if (capability === undefined) continue;
        given.push({ path: names, capability, sharer: this.#sharer });
      }
    }
    return given;
  }

  #viewOf(owner: KeyHash) {
    const key = owner.toString();
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = new Snapshot(this.#deps.driveDeps, owner);
    const made = { view, ancestors: new Ancestors(view) };
    this.#views.set(key, made);
    return made;
  }

  /** The capability, if the name a path begins with stands for who owns its writing space. */
  async #verified(username: string, capability: Capability): Promise<Capability | undefined> {
    const { owner, writer } = capability;
    const key = `${username}/${owner.toString()}/${writer.toString()}`;
    const known = this.#owners.get(key);
    const checked = known ?? this.#ownerNow(username, capability).catch(passedOver);
    this.#owners.set(key, checked);
    const present = await checked;
    return present && { ...capability, owner: present };
  }

  async #ownerNow(username: string, capability: Capability): Promise<KeyHash | undefined> {
    const present = await underPresentOwner(this.#deps, username, capability, this.#signal);
    if (present === undefined) return undefined;
    await verifyOwned(this.#viewOf(present.owner).view, present.writer);
    return present.owner;
  }
}

/** A fault of what was looked at; that a node is away is none, and goes on. */
export function passedOver(error: unknown): undefined {
  if (!(error instanceof PyrgosError) || error instanceof NodeUnreachable) throw error;
  return undefined;
}

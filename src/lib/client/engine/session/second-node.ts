/**
 * The second node of an account: what the account's own node says of people's keys is compared with
 * what this one says, before it is believed. Which node that is is remembered on this device.
 */
import { compareNames, type NameWitness } from '#lib/account/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { WitnessReport } from '../../types.ts';
import type { Accounts } from './accounts.ts';
import { serverOrigin } from './node-directory.ts';
import type { OpenSession } from './open-session.ts';
import { witnessAt, type SecondNodeDeps } from './witness.ts';

/** A node that is the account's own tells nothing new. */
export class SameNode extends PyrgosError {
  override readonly name = 'SameNode';
  override readonly kind = 'refused';
  constructor() {
    super('This is the server of your account itself. Name another one.');
  }
}

/** There is no second node to be asked. */
export class NoSecondNode extends PyrgosError {
  override readonly name = 'NoSecondNode';
  override readonly kind = 'not-found';
  constructor() {
    super('No second server is named.');
  }
}

/** Names that are compared when a person asks for it. */
const COMPARED_MAX = 200;

export class SecondNode {
  readonly #deps: SecondNodeDeps;
  readonly #accounts: Pick<Accounts, 'current'>;

  constructor(deps: SecondNodeDeps, accounts: Pick<Accounts, 'current'>) {
    this.#deps = deps;
    this.#accounts = accounts;
  }

  /** Its address; undefined: there is none. */
  async server(): Promise<string | undefined> {
    return this.#accounts.current.witness?.label;
  }

  /**
   * Names it, as typed, and asks it. Throws `BadServerAddress`, `BadMultiaddr`, {@link SameNode}, and
   * what keeps its answers away; then the one before stays.
   */
  async name(typed: string, signal?: AbortSignal): Promise<WitnessReport> {
    const { current } = this.#accounts;
    const server = serverOrigin(typed);
    const { node, reach } = this.#deps.nodes.ask(server);
    await reach?.();
    const [theirs, ours] = [await node.blocks.nodeIds(), await current.node.blocks.nodeIds()];
    if (theirs.some((id) => ours.some((own) => own.equals(id)))) throw new SameNode();
    const witness = witnessAt(this.#deps.nodes, server);
    const report = await compared(current, witness, server, signal);
    await this.#deps.savedLogins.setWitness(current.account, server);
    current.witness = witness;
    return report;
  }

  /** Compares all names that the account remembers. Throws {@link NoSecondNode}. */
  async check(signal?: AbortSignal): Promise<WitnessReport> {
    const { current } = this.#accounts;
    const { witness } = current;
    const server = witness?.label;
    if (witness === undefined || server === undefined) throw new NoSecondNode();
    const { node, reach } = this.#deps.nodes.ask(server);
    await reach?.();
    await node.blocks.nodeIds();
    return compared(current, witness, server, signal);
  }

  async remove(): Promise<void> {
    const { current } = this.#accounts;
    await this.#deps.savedLogins.setWitness(current.account, undefined);
    current.witness = undefined;
  }
}

async function compared(
  { node, trust, username }: OpenSession,
  witness: NameWitness,
  server: string,
  signal: AbortSignal | undefined,
): Promise<WitnessReport> {
  const names = [...new Set([username, ...(await trust.names(signal))])].slice(0, COMPARED_MAX);
  const { agreed, unknown, disputed } = await compareNames(node.names, witness, names, signal);
  const disputes = disputed.map((it) => ({
    username: it.username,
    own: it.shown,
    other: it.said,
  }));
  return { server, agreed, unknown, disputes };
}

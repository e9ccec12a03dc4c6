/** The second node of an account as a witness of names; it is asked when a name is. */
import type { AccountName, NameWitness, SavedLogins } from '#lib/account/index.ts';
import type { AskedNode, NodeDirectory } from './node-directory.ts';

export interface SecondNodeDeps {
  readonly nodes: Pick<NodeDirectory, 'ask'>;
  readonly savedLogins: SavedLogins;
}

/** A witness by the address of its node. */
export function witnessAt(nodes: Pick<NodeDirectory, 'ask'>, server: string): NameWitness {
  let asked: AskedNode | undefined;
  return {
    label: server,
    chain: (...args) => (asked ??= nodes.ask(server)).node.names.chain(...args),
  };
}

/** The second node that this device remembers for an account; a browser without storage has none. */
export async function rememberedWitness(
  { nodes, savedLogins }: SecondNodeDeps,
  account: AccountName,
): Promise<NameWitness | undefined> {
  const server = await savedLogins.witness(account).catch(() => undefined);
  return server === undefined ? undefined : witnessAt(nodes, server);
}

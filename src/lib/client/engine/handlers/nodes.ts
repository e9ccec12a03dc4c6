import type { Accounts } from '../session/accounts.ts';
import type { SecondNode } from '../session/second-node.ts';
import type { EngineProtocol } from '../../engine-protocol.ts';
import type { Handlers } from '#lib/rpc/index.ts';

/** The node of the account, and the second one that is asked about names. */
export function nodeHandlers(accounts: Accounts, secondNode: SecondNode) {
  return {
    nodeFacts: ({ signal }) => accounts.current.facts(signal),
    witness: () => secondNode.server(),
    setWitness: ({ signal }, typed) => secondNode.name(typed, signal),
    checkWitness: ({ signal }) => secondNode.check(signal),
    removeWitness: () => secondNode.remove(),
  } satisfies Partial<Handlers<EngineProtocol>>;
}

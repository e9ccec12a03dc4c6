/** Whether the registry of names can be had from where the settings say, and is the one that is meant. */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  nodeSource,
  ownIdentity,
  RegistryIncomplete,
  shownState,
} from '#lib/name-registry/index.ts';
import { openBesideNode } from '../data/open-stores.ts';
import { createPeerTransport } from '../p2p/index.ts';
import { registryIdentity, registryNode } from '../registry/registry.ts';
import type { NodeSettings } from '../settings/settings.ts';

type Say = (verdict: 'ok' | 'note' | 'wrong', text: string) => void;

const ANSWERS_WITHIN_MS = 10_000;

export async function checkRegistry(settings: NodeSettings, say: Say): Promise<void> {
  if (settings.registry === undefined) return;
  try {
    await (settings.registry.at === 'self' ? checkOwn(settings, say) : checkRemote(settings, say));
  } catch (error) {
    if (error instanceof RegistryIncomplete) {
      say(
        'wrong',
        'The node that --registry names has no registry with the key of --registry-key.',
      );
      return;
    }
    const isAway = error instanceof PyrgosError ? error.kind === 'offline' : isTimeout(error);
    if (!isAway && !(error instanceof PyrgosError)) throw error;
    // A node that is away now may be there later; one that signs otherwise never is.
    const why = error instanceof PyrgosError ? error.message : 'It does not answer in time.';
    say(isAway ? 'note' : 'wrong', `The registry of names cannot be used. ${why}`);
  }
}

async function checkOwn(settings: NodeSettings, say: Say): Promise<void> {
  const stores = await openBesideNode(settings);
  try {
    const identity = await ownIdentity(stores.records);
    say(
      'ok',
      identity === undefined
        ? 'This node will be the registry of names; once it has run, this says the key of it.'
        : 'This node is the registry of names. Other nodes mirror it with --registry and its URL, ' +
            `and --registry-key ${identity.toString()}`,
    );
  } finally {
    await stores.close();
  }
}

async function checkRemote(settings: NodeSettings, say: Say): Promise<void> {
  const identity = registryIdentity(settings);
  // What is reached by libp2p alone is not asked here: that needs the node to run.
  const transport = createPeerTransport({ peers: settings.peers, ask: undefined, clock: Date.now });
  const source = nodeSource(await registryNode(settings, Date.now, transport.namedNodeOf));
  const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
  const { pkiSequence } = await shownState({ source, identity, known: undefined, signal });
  say('ok', `The registry of names answers, with state ${String(pkiSequence)}.`);
}

function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError';
}

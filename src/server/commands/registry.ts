/** `registry`: what this node knows of the registry of names, and how that was caught lying. */
import { toHex } from '#lib/bytes/index.ts';
import { NameRegistry, ownIdentity } from '#lib/name-registry/index.ts';
import { isForkProved, pointerStateOf } from '#lib/protocol/index.ts';
import type { RegistryFork } from '#lib/protocol/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import { openBesideNode } from '../data/open-stores.ts';
import { registryIdentity } from '../registry/registry.ts';
import { BadSetting } from '../settings/settings.ts';
import type { Command, CommandContext } from './command.ts';

export const registry: Command = {
  name: 'registry',
  words: 'status | forks [json]',
  what: 'the registry of names: what is served, what was refused, proofs that it lied',
  run: async (context) => {
    const act = context.words[0] ?? 'status';
    const form = context.words[1];
    if (form !== undefined && form !== 'json') {
      throw new BadSetting(`"registry ${act} ${form}" is not known: json, or nothing.`);
    }
    if (act === 'status') return withRegistry(context, status);
    if (act === 'forks') return withRegistry(context, forks);
    throw new BadSetting(`"registry ${act}" is not known: status or forks.`);
  },
};

type Tell = (names: NameRegistry, context: CommandContext, asJson: boolean) => Promise<boolean>;

async function withRegistry(context: CommandContext, tell: Tell): Promise<boolean> {
  const { settings } = context;
  if (settings.registry === undefined) {
    throw new BadSetting('This node keeps no registry of names. See --registry.');
  }
  await startCrypto();
  const { records, close } = await openBesideNode(settings);
  try {
    const isOwn = settings.registry.at === 'self';
    const identity = isOwn ? await ownIdentity(records) : registryIdentity(settings);
    if (identity === undefined) {
      throw new BadSetting('This node has not run as the registry of names yet.');
    }
    const names = new NameRegistry({ records, clock: Date.now, identity });
    return await tell(names, context, context.words[1] === 'json');
  } finally {
    await close();
  }
}

/** All is well unless something is refused. */
const status: Tell = async (names, { say }, asJson) => {
  const [state, refusal, proofs] = await Promise.all([
    names.state(),
    names.refusal(),
    names.forks(),
  ]);
  if (asJson) {
    say(
      JSON.stringify({
        identity: names.identity.toString(),
        sequence: state?.pkiSequence ?? 0,
        takenMs: state?.takenMs ?? null,
        refused: refusal ?? null,
        forks: proofs.length,
      }),
    );
    return refusal === undefined;
  }
  say(`Key of the registry: ${names.identity.toString()}`);
  say(
    state === undefined
      ? 'No state of it was taken yet.'
      : `State ${String(state.pkiSequence)} is served; it was taken ${timeOf(state.takenMs)}.`,
  );
  if (refusal !== undefined) {
    say(`Since ${timeOf(refusal.sinceMs)} its newest state is refused. ${refusal.reason}`);
  }
  say(
    proofs.length === 0
      ? 'It was never seen to sign two states of one number.'
      : `It signed two states of one number, ${String(proofs.length)} times: see "registry forks".`,
  );
  return refusal === undefined;
};

const forks: Tell = async (names, { say }, asJson) => {
  const proofs = await Promise.all((await names.forks()).map(told));
  if (asJson) {
    say(JSON.stringify(proofs));
    return true;
  }
  for (const { sequence, writer, states, isProved } of proofs) {
    say(`State ${String(sequence)} was signed twice by ${writer}:`);
    for (const state of states) say(`  ${state}`);
    if (!isProved) say('  This proof does not hold: the records may be damaged.');
  }
  if (proofs.length === 0) say('There are no proofs of forks.');
  return true;
};

async function told(fork: RegistryFork) {
  const pointers = [fork.kept, fork.shown];
  return {
    writer: fork.writer.toString(),
    sequence: fork.sequence,
    isProved: await isForkProved(fork),
    states: pointers.map((it) => pointerStateOf(it).target?.toString() ?? 'nothing'),
    pointers: pointers.map(toHex),
  };
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

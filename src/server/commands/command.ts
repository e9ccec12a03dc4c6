/** What the operator's commands are made of. */
import { systemRandom } from '#lib/crypto/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNode } from '#lib/node-local/index.ts';
import { openBesideNode } from '../data/open-stores.ts';
import type { OpenStores } from '../data/stores.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';

export interface CommandContext {
  readonly settings: NodeSettings;
  /** What was said after the command's name. */
  readonly words: readonly string[];
  /** A line for the person who gave the command. */
  readonly say: (line: string) => void;
}

export interface Command {
  readonly name: string;
  /** Its words, for the help. */
  readonly words: string;
  readonly what: string;
  /** Throws `PyrgosError` with a sentence for the operator. Answers whether all is well. */
  readonly run: (context: CommandContext) => Promise<boolean>;
}

/** Works on the records of a node, running or not. */
export async function withNode<T>(
  settings: NodeSettings,
  work: (node: LocalNode, stores: OpenStores) => Promise<T>,
): Promise<T> {
  const stores = await openBesideNode(settings);
  try {
    const node = createLocalNode({
      blocks: stores.blocks,
      records: stores.records,
      clock: Date.now,
      random: systemRandom,
      signUps: { admits: 'anyone', quotaBytes: settings.quotaBytes },
      operators: settings.operators,
    });
    return await work(node, stores);
  } finally {
    await stores.close();
  }
}

/** The word at this place. Throws {@link BadSetting} where it is missing. */
export function wordAt({ words }: CommandContext, at: number, what: string): string {
  const word = words[at];
  if (word === undefined || word === '') throw new BadSetting(`Say ${what}.`);
  return word;
}

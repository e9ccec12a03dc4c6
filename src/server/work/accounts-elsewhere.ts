/**
 * Work on accounts of other nodes, now and every minute: moves to this node that were broken off when
 * a process died are brought to an end (B-2 §12).
 */
import type { LocalNode } from '#lib/node-local/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';

const EVERY_MS = 60_000;

export interface AccountsElsewhereDeps {
  readonly node: LocalNode;
  readonly log: Log;
}

/** Answers how to end it, which waits for what is under way. */
export function workOnAccounts({ node, log }: AccountsElsewhereDeps): () => Promise<void> {
  let underWay: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    try {
      for (const failure of await node.finishMigrations()) {
        log.warn('a move cannot be finished yet', failureFields(failure));
      }
    } catch (error) {
      log.error('moves could not be finished', failureFields(error));
    }
  };
  const begin = (): void => {
    underWay ??= run().finally(() => (underWay = undefined));
  };
  begin();
  const timer = setInterval(begin, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}

/**
 * Work on accounts of other nodes, now and every minute: moves to this node that were broken off when
 * a process died are brought to an end (B-2 §12), and copies of mirrored accounts brought up to date
 * (B-6 §8).
 */
import type { LocalNode } from '#lib/node-local/index.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import { regularly } from './regularly.ts';

const EVERY_MS = 60_000;

export interface AccountsElsewhereDeps {
  readonly node: LocalNode;
  readonly log: Log;
}

/** Answers how to end it, which waits for what is under way. */
export function workOnAccounts({ node, log }: AccountsElsewhereDeps): () => Promise<void> {
  return regularly(EVERY_MS, async (signal) => {
    try {
      for (const failure of await node.finishMigrations()) {
        log.warn('a move cannot be finished yet', failureFields(failure));
      }
      for (const failure of await node.mirrorAccounts(signal)) {
        log.warn('an account could not be mirrored', failureFields(failure));
      }
    } catch (error) {
      log.error('accounts of other nodes could not be looked after', failureFields(error));
    }
  });
}

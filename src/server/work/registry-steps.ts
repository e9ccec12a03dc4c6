/** Brings this node's copy of all names up to date, now and every minute (B-2 §9). */
import type { ServerRegistry } from '../registry/registry.ts';
import { regularly } from './regularly.ts';

const EVERY_MS = 60_000;

/** Answers how to end it, which waits for a step under way. */
export function mirrorRegularly({ step }: Pick<ServerRegistry, 'step'>): () => Promise<void> {
  return regularly(EVERY_MS, (signal) => step(signal));
}

/** A node that counts its calls and fails on demand, for tests. */
import type { StorageNode } from '#lib/node/index.ts';

/** `'blocks.put'` and so on. */
export type CallName = string;

/** What happens at one call: an error instead of it, or after it took effect. */
export type Fault = 'lost request' | 'lost reply' | undefined;

export interface ObservedNode {
  readonly node: StorageNode;
  /** Names of the calls so far. */
  readonly calls: CallName[];
}

/** Answers with a fault for the call with this number (from 0), or with undefined. */
export type FaultPlan = (index: number, name: CallName) => Fault;

export class Lost extends Error {}

export function observed(node: StorageNode, plan: FaultPlan = () => undefined): ObservedNode {
  const calls: CallName[] = [];
  const wrap = <T extends object>(part: string, target: T): T =>
    new Proxy(target, {
      get(inner, property) {
        const member = Reflect.get(inner, property) as unknown;
        if (typeof member !== 'function') return member;
        return async (...parameters: unknown[]): Promise<unknown> => {
          const name = `${part}.${String(property)}`;
          const fault = plan(calls.length, name);
          calls.push(name);
          if (fault === 'lost request') throw new Lost(name);
          const answer = await (Reflect.apply(member, inner, parameters) as Promise<unknown>);
          if (fault === 'lost reply') throw new Lost(name);
          return answer;
        };
      },
    });
  const parts = Object.entries(node).map(([name, part]: [string, unknown]) => [
    name,
    typeof part === 'object' && part !== null ? wrap(name, part) : part,
  ]);
  return { calls, node: Object.fromEntries(parts) as StorageNode };
}

/** How often each call was made. */
export function tally(calls: readonly CallName[]): Record<CallName, number> {
  const counts: Record<CallName, number> = {};
  for (const name of calls) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

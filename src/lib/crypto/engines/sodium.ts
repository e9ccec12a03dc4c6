import type { Engine } from '../engine.ts';
export function sodiumEngine(): Promise<Engine> {
  return Promise.reject(new Error('later'));
}

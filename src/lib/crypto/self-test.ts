/** PLACE */
import type { OperationName, Operations } from './engine.ts';
export function testOperation(_name: OperationName, _ops: Partial<Operations>): Promise<boolean> {
  return Promise.resolve(false);
}

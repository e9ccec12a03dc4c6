/** How the steps of a path are called: the own home is “Home”, all else goes by its name. */
import { m } from './messages.ts';

export function pathWords(path: readonly string[], username: string): string[] {
  return path.map((name, at) => (at === 0 && name === username ? m.home() : name));
}

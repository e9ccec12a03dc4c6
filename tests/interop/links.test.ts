/** What an anonymous visitor gets of the secret links that other clients made. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { visitLinks } from '../../scripts/interop-links.ts';
import { setFolders } from './sets.ts';

interface Expected {
  readonly secretLinks?: readonly unknown[];
}

describe.each(setFolders)('the secret links of %s', (folder) => {
  it(
    'open what the reference client saw behind them, or say why not',
    { timeout: 120_000 },
    async () => {
      const text = readFileSync(join(folder, 'expected.json'), 'utf8');
      const { secretLinks = [] } = JSON.parse(text) as Expected;
      const damage: string[] = [];
      const visited = await visitLinks(folder, (sentence) => damage.push(sentence));
      expect(damage).toEqual([]);
      expect(visited).toEqual(secretLinks);
    },
  );
});

import { fileURLToPath } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { SUPPORTED_BROWSERS } from '../../src/supported-browsers.ts';
import { buildScript } from './frame-files.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const target = Object.entries(SUPPORTED_BROWSERS).map(([name, version]) => name + version);
const LIMIT_BYTES = 30_000;

describe('the script that runs an app', () => {
  const script = buildScript({ root: ROOT, target }, 'src/apps/loader/main.ts');

  it('is at most 30 KB compressed, since every frame of an app begins with it', async () => {
    expect(brotliCompressSync(await script).length).toBeLessThanOrEqual(LIMIT_BYTES);
  });

  it('does not end the element it stands in', async () => {
    expect(await script).not.toMatch(/<(?:\/script|!--)/i);
  });
});

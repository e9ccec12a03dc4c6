/** `put --wait`: a server that is killed in mid-upload comes back, and the upload goes on by itself. */
import { expect, onTestFinished, test } from 'vitest';
import { systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type ByteSource } from '#lib/drive/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { uploadPersistently } from '../../src/cli/persistent-upload.ts';
import { read, signInAt, signUpAt } from './client.ts';
import { temporaryFolder } from './temp-nodes.ts';
import { endProcess, startNodeProcess } from './processes.ts';

const CHUNK_BYTES = 5 * 1024 * 1024;

test('an upload goes on with what is missing when its server is back', async () => {
  const folder = temporaryFolder();
  const options = ['--data', folder];
  let server = await startNodeProcess(options);
  onTestFinished(() => endProcess(server, 'SIGKILL'));
  const { url } = server;
  const { session, deps } = await signUpAt(url, 'alice');
  const end = new AbortController();
  const node = createHttpNode(url, { deadlineMs: 500, signal: end.signal });
  const cipher = createLocalChunkCipher(deps.random);
  const drive = new Drive({ ...deps, node, cipher }, session.home);

  const large = systemRandom(7 * CHUNK_BYTES + 5);
  const reads: number[] = [];
  const source: ByteSource = {
    sizeBytes: large.length,
    modifiedMs: 1_700_000_000_000,
    read: async (start, stop) => {
      reads.push(start);
      // Beyond what the first commit of a large file takes.
      if (start >= 5 * CHUNK_BYTES && waits.length === 0) await endProcess(server, 'SIGKILL');
      return large.slice(start, stop);
    },
  };
  const small = ['one', 'two', 'three'].map((name) => ({
    path: ['folder', name],
    source: bytesSource(new TextEncoder().encode(name)),
  }));
  const waits: boolean[] = [];
  await uploadPersistently(
    drive,
    await drive.home(),
    [...small, { path: ['large'], source }],
    { signal: end.signal },
    {
      ask: () => node.blocks.properties(),
      pauseMs: 100,
      onWaiting: (isWaiting) => {
        waits.push(isWaiting);
        if (!isWaiting) return;
        void startNodeProcess([...options, '--port', new URL(url).port]).then(
          (started) => (server = started),
        );
      },
    },
  );
  expect(waits).toEqual([true, false]);
  const again = await signInAt(url, 'alice');
  expect(Buffer.compare(await read(again, 'large'), large)).toBe(0);
  const inFolder = await again.drive.resolve(['folder']);
  const names: string[] = [];
  for await (const batch of again.drive.list(inFolder)) names.push(...batch.map((one) => one.name));
  expect(names.sort()).toEqual(['one', 'three', 'two']);
  expect(await again.drive.uploads().list()).toEqual([]);
  end.abort();
  again.leave();
}, 120_000);

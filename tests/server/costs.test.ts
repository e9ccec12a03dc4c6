/**
 * What one request costs at most (B-1 §2): every endpoint of a real node is sent its worst, one
 * after the other, and the system says what the process used for it.
 */
import { request as ask } from 'node:http';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { ENDPOINTS, PUBLIC_PAGE } from '#lib/node-http/index.ts';
import { signUpAt } from './client.ts';
import { temporaryFolder } from './temp-nodes.ts';
import { costsOf } from './process-costs.ts';
import { endProcess, startNodeProcess } from './processes.ts';
import { WORST } from './worst-requests.ts';
import type { WorstRequest } from './worst-requests.ts';

const CPU_MAX_SECONDS = 0.5;
/** How much more a slow disk may cost the system for each file that is made, put to disk and renamed. */
const STORING_SECONDS = 0.0005;
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;

beforeAll(async () => void (await startCrypto()));

test('the worst of every endpoint is known', () => {
  expect([...WORST.keys()].sort()).toEqual([...ENDPOINTS.keys(), PUBLIC_PAGE].sort());
});

describe.runIf(process.platform === 'linux')('no request costs more than it may', () => {
  test('of any endpoint', async () => {
    const node = await startNodeProcess(['--data', temporaryFolder()]);
    onTestFinished(() => endProcess(node, 'SIGTERM'));
    const pid = node.child.pid ?? 0;
    const alice = await signUpAt(node.url, 'alice');
    const tooCostly: string[] = [];
    for (const [path, makers] of WORST) {
      for (const make of makers) {
        for (const request of await make(alice, path)) {
          let status = 0;
          const costs = await costsOf(pid, async () => (status = await sent(node.url, request)));
          expect(status, `${path}: ${request.what}`).toBeGreaterThanOrEqual(200);
          expect(status, `${path}: ${request.what}`).toBeLessThan(500);
          const maxSeconds = CPU_MAX_SECONDS + (request.storedBlocks ?? 0) * STORING_SECONDS;
          if (costs.cpuSeconds > maxSeconds || costs.memoryBytes > MEMORY_MAX_BYTES) {
            const mebibytes = Math.round(costs.memoryBytes / 2 ** 20);
            const spent = `${costs.cpuSeconds.toFixed(2)} s, ${String(mebibytes)} MiB`;
            tooCostly.push(`${path}: ${request.what}: ${spent}, status ${String(status)}`);
          }
        }
      }
    }
    expect(tooCostly).toEqual([]);
  }, 600_000);
});

/** The status of the answer; 400 where the node hung up on what was too much. */
function sent(origin: string, { target, headers = {}, body }: WorstRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(origin);
    const length = String(body?.length ?? 0);
    const path = `/${target}`;
    const method = target.startsWith('public/') ? 'GET' : 'POST';
    const options = {
      hostname,
      port,
      path,
      method,
      headers: { ...headers, 'content-length': length },
    };
    const call = ask(options, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.on('error', () => resolve(response.statusCode ?? 0));
    });
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || error.code === 'ECONNRESET') resolve(400);
      else reject(error);
    });
    call.end(body);
  });
}

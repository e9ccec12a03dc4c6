/** Folders and nodes that end with the test that made them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createLog } from '../../src/server/observe/log.ts';
import { startServer, type RunningNode, type StartOptions } from '../../src/server/index.ts';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-node-'));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

export interface TestNode extends RunningNode {
  readonly dataFolder: string;
  /** Lines of the log so far. */
  readonly logged: string[];
}

/** A node at a free port of this machine; everybody may sign up. */
export async function startNode(options: Partial<StartOptions> = {}): Promise<TestNode> {
  const logged: string[] = [];
  const dataFolder = options.dataFolder ?? temporaryFolder();
  const node = await startServer({
    dataFolder,
    port: 0,
    signUps: 'open',
    collectEveryMs: 0,
    stopWithinMs: 500,
    log: createLog('debug', (line) => logged.push(line)),
    ...options,
  });
  onTestFinished(() => node.close());
  return { ...node, dataFolder, logged };
}

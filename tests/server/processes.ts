/** A node as a process of its own, that can be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../scripts/node.ts', import.meta.url));

/** As variables, so that options win over them. */
const DEFAULTS = {
  PYRGOS_PORT: '0',
  PYRGOS_SIGN_UPS: 'open',
  PYRGOS_SITE: 'none',
  PYRGOS_LOG: 'error',
};

export interface NodeProcess {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Starts a node with these options on a free port of this machine; everybody may sign up. */
export async function startNodeProcess(
  options: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<NodeProcess> {
  const child = spawn(process.execPath, [SCRIPT, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...DEFAULTS, ...environment },
  });
  for await (const line of createInterface(child.stdout)) {
    const url = /http:\/\/\S+/u.exec(line)?.[0];
    if (url !== undefined) return { child, url };
  }
  throw new Error('the node did not start');
}

/** Resolves when the process is gone. */
export async function endProcess({ child }: NodeProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

/** Runs an operator's command to its end. Throws if it fails. */
export async function runNodeCommand(words: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [SCRIPT, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...DEFAULTS },
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${String(code)}`);
}

/** An app and what a page would do for it, for the tests of this room and those above. */
import { utf8 } from '#lib/bytes/index.ts';
import { bytesSource, type Drive } from '#lib/drive/index.ts';
import { createTestDrive, type TestDrive } from '#lib/drive/testing.ts';
import { seededRandom } from '#lib/writers/testing.ts';
import { createBroker } from './broker.ts';
import { composeManifest, newManifest } from './manifest.ts';
import type { Manifest } from './manifest-type.ts';
import { openInstalled } from './open-app.ts';
import type { AppRequest, AppResponse, Broker, BrokerOptions, Host } from './types.ts';

/** Files by path, `docs/a.txt`, as text or bytes. */
export type TestFiles = Readonly<Record<string, string | Uint8Array>>;

export const ALL_FILE_PERMISSIONS = [
  'STORE_APP_DATA',
  'EDIT_CHOSEN_FILE',
  'READ_CHOSEN_FOLDER',
] as const;

export async function putFiles(drive: Drive, below: string, files: TestFiles): Promise<void> {
  const items = Object.entries(files).map(([path, content]) => ({
    path: [...below.split('/'), ...path.split('/')].filter((name) => name !== ''),
    source: bytesSource(typeof content === 'string' ? utf8(content) : content),
  }));
  await drive.upload(await drive.home(), items, { onConflict: 'replace' });
}

export function testManifest(told: Partial<Manifest> = {}): Manifest {
  return newManifest({ displayName: 'Todo', description: 'A list', ...told });
}

/** Files of an app's folder. */
export function appFiles(told: Partial<Manifest> = {}, files: TestFiles = {}): TestFiles {
  return {
    'peergos-app.json': composeManifest(testManifest(told)),
    'assets/index.html': '<!DOCTYPE html><title>Todo</title>',
    ...files,
  };
}

/** A page that answers questions as it is told, and remembers what it was asked. */
export function testHost(answers: Partial<Host> = {}) {
  const asked: string[] = [];
  const notes: string[] = [];
  const cancelled = (name: string) => () => {
    asked.push(name);
    return Promise.resolve(undefined);
  };
  const host: Host = {
    hadRecentClick: () => true,
    askSaveName: cancelled('askSaveName'),
    pickFile: cancelled('pickFile'),
    pickFolders: cancelled('pickFolders'),
    print: cancelled('print'),
    showProfile: cancelled('showProfile'),
    installApp: () => Promise.resolve(false),
    askSaveCopy: () => {
      asked.push('askSaveCopy');
      return Promise.resolve(false);
    },
    note: ({ reason }) => notes.push(reason),
    ...answers,
  };
  return { host, asked, notes };
}

export interface TestApp {
  readonly test: TestDrive;
  readonly drive: Drive;
  readonly broker: Broker;
  readonly asked: readonly string[];
  readonly notes: readonly string[];
  readonly clock: { nowMs: number };
  ask(method: string, path: string, more?: Partial<AppRequest>): Promise<AppResponse>;
  /** The status and the text of an answer. */
  text(method: string, path: string, more?: Partial<AppRequest>): Promise<[number, string]>;
}

export interface TestAppOptions extends Partial<Omit<BrokerOptions, 'host'>> {
  readonly manifest?: Partial<Manifest>;
  readonly files?: TestFiles;
  /** Files of the home. */
  readonly home?: TestFiles;
  readonly answers?: Partial<Host>;
}

/** An installed app that runs, in an account with nothing else. */
export async function runTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { manifest = {}, files = {}, home = {}, answers, ...more } = options;
  const test = await createTestDrive();
  const { drive } = test;
  const told = { permissions: ALL_FILE_PERMISSIONS, ...manifest };
  await putFiles(drive, '.apps/todo', appFiles({ ...told, name: 'todo' }, files));
  await putFiles(drive, '', home);
  const { host, asked, notes } = testHost(answers);
  const clock = { nowMs: 1_900_000_000_000 };
  const broker = createBroker({
    drive,
    app: await openInstalled(drive, 'alice', 'todo'),
    username: 'alice',
    host,
    clock: () => clock.nowMs,
    random: seededRandom(5),
    ...more,
  });
  const ask = (method: string, path: string, part: Partial<AppRequest> = {}) => {
    const [plain = '', query = ''] = path.split('?');
    return broker.handle({ method, path: plain, query, headers: [], ...part });
  };
  const text = async (...asking: Parameters<typeof ask>): Promise<[number, string]> => {
    const { status, body } = await ask(...asking);
    return [status, new TextDecoder().decode(await bytesOfBody(body))];
  };
  return { test, drive, broker, asked, notes, clock, ask, text };
}

export async function bytesOfBody(body: AppResponse['body']): Promise<Uint8Array> {
  if (body instanceof Uint8Array) return body;
  const pieces: Uint8Array[] = [];
  for await (const piece of body.read()) pieces.push(piece);
  return new Uint8Array(Buffer.concat(pieces));
}

export function headerIn({ headers }: AppResponse, name: string): string | undefined {
  return headers.find(([key]) => key === name)?.[1];
}

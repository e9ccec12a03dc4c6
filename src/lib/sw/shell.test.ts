import { describe, expect, test } from 'vitest';
import { Shell, type ShellDeps } from './shell.ts';

const SCOPE = 'https://drive.example/some/where/';
const PATHS = ['', '_app/start.js', 'icons/icon.svg'];

/** A CacheStorage whose network is a map of addresses. */
class FakeCaches {
  readonly byName = new Map<string, Map<string, Response>>();
  readonly #network: ReadonlyMap<string, Response>;

  constructor(network: ReadonlyMap<string, Response>) {
    this.#network = network;
  }

  keys(): Promise<string[]> {
    return Promise.resolve([...this.byName.keys()]);
  }

  delete(name: string): Promise<boolean> {
    return Promise.resolve(this.byName.delete(name));
  }

  open(name: string) {
    const files = this.byName.get(name) ?? new Map<string, Response>();
    this.byName.set(name, files);
    return Promise.resolve({
      match: (url: string) => Promise.resolve(files.get(url)?.clone()),
      addAll: (requests: readonly Request[]) => {
        const found = requests.map(({ url }) => [url, this.#network.get(url)] as const);
        for (const [url, response] of found) {
          if (response === undefined) return Promise.reject(new TypeError(`no ${url}`));
        }
        for (const [url, response] of found) files.set(url, response!.clone());
        return Promise.resolve();
      },
      add: (url: string) => {
        const response = this.#network.get(url);
        if (response === undefined) return Promise.reject(new TypeError(`no ${url}`));
        files.set(url, response.clone());
        return Promise.resolve();
      },
    });
  }
}

const file = (text: string, type: string, headers: Record<string, string> = {}): Response =>
  new Response(text, { headers: { 'Content-Type': type, ...headers } });

function site(missing?: string): Map<string, Response> {
  const files = new Map([
    [SCOPE, file('the page', 'text/html', { 'Cross-Origin-Opener-Policy': 'same-origin' })],
    [`${SCOPE}_app/start.js`, file('the script', 'text/javascript')],
    [`${SCOPE}icons/icon.svg`, file('the icon', 'image/svg+xml')],
  ]);
  if (missing !== undefined) files.delete(missing);
  return files;
}

function shellOn(caches: FakeCaches, version = 'one', more: Partial<ShellDeps> = {}): Shell {
  return new Shell({
    ...more,
    version,
    scope: SCOPE,
    paths: PATHS,
    caches: caches as unknown as CacheStorage,
  });
}

async function installed(): Promise<Shell> {
  const shell = shellOn(new FakeCaches(site()));
  await shell.install();
  return shell;
}

const get = (path: string): Request => new Request(`${SCOPE}${path}`);
/** What a person opens; no program can make a request of this mode. */
const open = (path: string): Request =>
  ({ method: 'GET', mode: 'navigate', url: `${SCOPE}${path}` }) as Request;

describe('the shell', () => {
  test('is installed whole or not at all', async () => {
    const shell = shellOn(new FakeCaches(site(`${SCOPE}icons/icon.svg`)));
    await expect(shell.install()).rejects.toThrow('icon.svg');
    expect(await shell.answer(get('_app/start.js'))).toBeUndefined();
  });

  test('drops what earlier builds of this place left, and nothing else', async () => {
    const caches = new FakeCaches(site());
    await shellOn(caches, 'zero').install();
    await caches.open('somebody else’s');
    const shell = shellOn(caches);
    await shell.install();
    await shell.activate();
    expect(await caches.keys()).toEqual(['somebody else’s', `pyrgos-shell-${SCOPE}-one`]);
  });

  test('of another place under the same host stays', async () => {
    const caches = new FakeCaches(site());
    await caches.open('pyrgos-shell-https://drive.example/elsewhere/-one');
    await shellOn(caches).activate();
    expect(await caches.keys()).toEqual(['pyrgos-shell-https://drive.example/elsewhere/-one']);
  });

  test('answers for its files alone', async () => {
    const shell = await installed();
    expect(await (await shell.answer(get('icons/icon.svg?x=1')))?.text()).toBe('the icon');
    expect(await shell.answer(get('api/v0/ids'))).toBeUndefined();
    expect(await shell.answer(new Request('https://drive.example/other.js'))).toBeUndefined();
    const post = new Request(`${SCOPE}_app/start.js`, { method: 'POST' });
    expect(await shell.answer(post)).toBeUndefined();
  });

  test('keeps later files in time or at their first use, and rare ones at their first use', async () => {
    const network = site();
    for (const name of ['viewer.js', 'unused.js', 'rare.bin', 'rarer.bin']) {
      network.set(`${SCOPE}${name}`, file(name, 'text/plain'));
    }
    const laterPaths = ['viewer.js', 'unused.js'];
    const shell = shellOn(new FakeCaches(network), 'one', {
      laterPaths,
      rarePaths: ['rare.bin', 'rarer.bin'],
    });
    await shell.install();
    expect(await (await shell.answer(get('viewer.js')))?.text()).toBe('viewer.js');
    expect(await (await shell.answer(get('rare.bin')))?.text()).toBe('rare.bin');
    await shell.keepLater();
    network.clear();
    for (const name of [...laterPaths, 'rare.bin']) {
      expect(await (await shell.answer(get(name)))?.text()).toBe(name);
    }
    await expect(shell.answer(get('rarer.bin'))).rejects.toThrow('rarer.bin');
  });

  test('answers for its files where the page of a secret link looks for them', async () => {
    const shell = await installed();
    for (const below of ['secret/z59/', 'secret/z59/17/']) {
      const script = await shell.answer(get(`${below}_app/start.js`));
      expect(await script?.text()).toBe('the script');
      expect(script!.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    }
    expect(await shell.answer(get('secret/a-b/_app/start.js'))).toBeUndefined();
    expect(await shell.answer(get('elsewhere/_app/start.js'))).toBeUndefined();
  });

  test.each(['', 'secret/z59/17', 'secret/z59/17/', '?a=b'])(
    'opens the page at “%s”, with the headers its host may be unable to send',
    async (path) => {
      const page = await (await installed()).answer(open(path));
      expect(await page?.text()).toBe('the page');
      expect(Object.fromEntries(page!.headers)).toMatchObject({
        'content-security-policy': "frame-ancestors 'self'",
        'cross-origin-opener-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        'permissions-policy': expect.stringMatching(/camera=\(self\).*geolocation=\(\)/u) as string,
      });
    },
  );

  test('gives scripts a policy, because workers have none of the page’s', async () => {
    const shell = await installed();
    const script = await shell.answer(get('_app/start.js'));
    expect(await script?.text()).toBe('the script');
    const policy = script!.headers.get('Content-Security-Policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval'(;|$)/u);
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'/u);
    const icon = await shell.answer(get('icons/icon.svg'));
    expect(icon!.headers.get('Content-Security-Policy')).toBeNull();
  });
});

/**
 * Builds what runs inside frames. A frame can load nothing by itself, so its programs are files that the
 * page hands over one by one: each viewer is built into modules that name each other, and the page
 * gets the list (`virtual:frame-files`). The first script of each document is one text, which the
 * service worker has in itself (`virtual:frame-scripts`).
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build, type Plugin, type Rollup } from 'vite';

const FILES = 'virtual:frame-files';
const SCRIPTS = 'virtual:frame-scripts';
/** Names of the further files, for the viewers themselves. */
const PARTS = 'virtual:viewer-parts';
/** Below the site, for a node that gives apps origins: see `src/lib/frames/app-origins.ts`. */
const LOADER_FILE = '_app/app-loader.txt';
/** Below the site; listed among the files that the service worker keeps. */
const FOLDER = '_app/immutable/frames';

export interface FrameFilesOptions {
  readonly root: string;
  readonly target: string[];
  /** Entry module of each viewer, below the root. */
  readonly viewers: Readonly<Record<string, string>>;
  /** Scripts of workers that viewers start, below the root. A frame starts classic ones alone. */
  readonly workers: Readonly<Record<string, string>>;
  /** Data that viewers ask for file by file: the folders it comes from, below the root. */
  readonly data: Readonly<Record<string, readonly string[]>>;
  /** Libraries that hardly a file needs: what is loaded for them alone is kept at its first use. */
  readonly rare: readonly string[];
  /** First scripts, below the root. */
  readonly viewerScript: string;
  readonly loaderScript: string;
}

interface Built {
  /** Contents by file name. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Names of modules that only a library of `rare` leads to. */
  readonly rare: readonly string[];
  /** The module that the page reads: see `FrameFiles` in `src/lib/frames/frame-files.ts`. */
  readonly list: object;
}

/** Gives the site's build the two modules, and adds the viewers' files to the site. */
export function frameFiles(options: FrameFilesOptions): Plugin {
  let viewers: Promise<Built> | undefined;
  let loader: Promise<string> | undefined;
  const built = (): Promise<Built> => (viewers ??= buildViewers(options));
  const builtLoader = () => (loader ??= buildScript(options, options.loaderScript));
  return {
    name: 'pyrgos-frame-files',
    resolveId: (id) => (id === FILES || id === SCRIPTS ? `\0${id}` : undefined),
    async load(id) {
      if (id === `\0${FILES}`) return exported((await built()).list);
      if (id !== `\0${SCRIPTS}`) return undefined;
      const viewer = await buildScript(options, options.viewerScript);
      const viewerHash = createHash('sha256').update(viewer).digest('base64');
      const rareFiles = (await built()).rare.map((name) => `${FOLDER}/${name}`);
      return exported({ viewer, viewerHash, loader: await builtLoader(), rareFiles });
    },
    async generateBundle() {
      if (this.environment.name !== 'client') return;
      this.emitFile({ type: 'asset', fileName: LOADER_FILE, source: await builtLoader() });
      for (const [name, source] of (await built()).files) {
        this.emitFile({ type: 'asset', fileName: `${FOLDER}/${name}`, source });
      }
    },
  };
}

function exported(value: object): string {
  return `export default ${JSON.stringify(value)};`;
}

async function buildViewers(options: FrameFilesOptions): Promise<Built> {
  const { root, target, viewers } = options;
  const parts = await partsOf(options);
  const input = Object.fromEntries(
    Object.entries(viewers).map(([kind, path]) => [kind, join(root, path)]),
  );
  const output = await outputOf({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [withoutPreload(), svelte({ configFile: false }), givingParts(parts.names)],
    build: {
      target,
      write: false,
      modulePreload: false,
      cssCodeSplit: true,
      chunkSizeWarningLimit: 4_096,
      assetsInlineLimit: Number.MAX_SAFE_INTEGER,
      rollupOptions: {
        input,
        preserveEntrySignatures: 'strict',
        output: {
          entryFileNames: '[name]-[hash].js',
          chunkFileNames: '[name]-[hash].js',
          assetFileNames: '[name]-[hash][extname]',
        },
      },
    },
  });
  const files = new Map(parts.files);
  const modules: Record<string, object> = {};
  const entries: Record<string, string> = {};
  for (const item of output) {
    if (item.type === 'asset') {
      files.set(item.fileName, item.source);
      continue;
    }
    files.set(item.fileName, withLoader(item));
    const css = [
      ...((item as { viteMetadata?: { importedCss: Set<string> } }).viteMetadata?.importedCss ??
        []),
    ];
    modules[item.fileName] = { imports: item.imports, css };
    if (item.isEntry) entries[item.name] = item.fileName;
  }
  const rare = rareModules(output, options.rare);
  return { files, rare, list: { folder: FOLDER, entries, modules } };
}

/** What no entry leads to once the modules of these libraries are left out. */
function rareModules(
  output: readonly (Rollup.OutputChunk | Rollup.OutputAsset)[],
  libraries: readonly string[],
): string[] {
  const chunks = new Map(
    output.flatMap((item) => (item.type === 'chunk' ? [[item.fileName, item] as const] : [])),
  );
  const isRare = ({ moduleIds }: Rollup.OutputChunk): boolean =>
    moduleIds.some((id) => libraries.some((name) => id.includes(`/node_modules/${name}/`)));
  const reached = new Set<string>();
  const reach = (name: string): void => {
    const chunk = chunks.get(name);
    if (chunk === undefined || reached.has(name) || isRare(chunk)) return;
    reached.add(name);
    [...chunk.imports, ...chunk.dynamicImports].forEach(reach);
  };
  for (const { fileName, isEntry } of chunks.values()) if (isEntry) reach(fileName);
  return [...chunks.keys()].filter((name) => !reached.has(name)).sort();
}

/** The id of Vite's function around `import()`, which would add links to style sheets by address. */
const PRELOAD = '\0vite/preload-helper.js';

/** Style sheets come with the modules that need them, over the frame's port. */
function withoutPreload(): Plugin {
  return {
    name: 'pyrgos-without-preload',
    enforce: 'pre',
    load: (id) => (id === PRELOAD ? 'export const __vitePreload = (load) => load();' : undefined),
  };
}

interface Parts {
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** See `ViewerParts` in `src/apps/shared/viewer-parts.d.ts`. */
  readonly names: { readonly workers: object; readonly data: object };
}

/** The hash of what is inside names a worker and a folder, so that two builds are never mixed. */
async function partsOf(options: FrameFilesOptions): Promise<Parts> {
  const files = new Map<string, string | Uint8Array>();
  const workers: Record<string, string> = {};
  for (const [name, path] of Object.entries(options.workers)) {
    const code = await buildScript(options, path);
    workers[name] = `${name}-${hashOf([code])}.js`;
    files.set(workers[name], code);
  }
  const data: Record<string, string> = {};
  for (const [name, folders] of Object.entries(options.data)) {
    const found = folders.flatMap((folder) => filesIn(join(options.root, folder)));
    data[name] = `${name}-${hashOf(found.flat())}`;
    for (const [file, bytes] of found) files.set(`${data[name]}/${file}`, bytes);
  }
  return { files, names: { workers, data } };
}

/** Scripts and interpreters of scripts that come with pdf.js, and what only a fetching worker can use. */
const LEFT_OUT = /\.js$|quickjs|qcms/i;

function filesIn(folder: string): (readonly [string, Uint8Array])[] {
  const names = readdirSync(folder).filter((name) => !LEFT_OUT.test(name));
  return names.sort().map((name) => [name, readFileSync(join(folder, name))]);
}

function hashOf(contents: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const content of contents) hash.update(content);
  return hash.digest('hex').slice(0, 8);
}

function givingParts(names: object): Plugin {
  return {
    name: 'pyrgos-viewer-parts',
    resolveId: (id) => (id === PARTS ? `\0${PARTS}` : undefined),
    load: (id) => (id === `\0${PARTS}` ? exported(names) : undefined),
  };
}

/**
 * A module in a frame has no address that another one could be found by: what it imports when it
 * runs goes through the frame's own loader, what it imports before is put in by the loader.
 */
function withLoader({ code, dynamicImports }: Rollup.OutputChunk): string {
  return dynamicImports.reduce((text, name) => {
    const pattern = new RegExp(`import\\(\\s*(["'\`])\\./${escaped(name)}\\1\\s*\\)`, 'g');
    return text.replace(pattern, () => `globalThis.loadModule(${JSON.stringify(name)})`);
  }, code);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

/** One classic script as text, which may stand in a document. */
export async function buildScript(
  { root, target }: Pick<FrameFilesOptions, 'root' | 'target'>,
  path: string,
): Promise<string> {
  const output = await outputOf({
    root,
    configFile: false,
    logLevel: 'warn',
    build: {
      target,
      write: false,
      modulePreload: false,
      rollupOptions: {
        input: join(root, path),
        output: { format: 'iife' },
        // pdf.js names its own address where it would start in Node.
        checks: { emptyImportMeta: false },
      },
    },
  });
  const [script, ...rest] = output;
  if (script?.type !== 'chunk' || rest.length > 0) {
    throw new Error(`${path} must be built into one script.`);
  }
  return script.code.replaceAll(/<(\/script|!--)/gi, String.raw`\x3c$1`);
}

async function outputOf(config: Parameters<typeof build>[0]) {
  const result = await build(config);
  const [first] = Array.isArray(result) ? result : [result];
  if (first === undefined || !('output' in first)) throw new Error('The build gave no files.');
  return first.output;
}

/**
 * The command line in a few files of plain JavaScript, which start in a tenth of the time: Node
 * neither strips types nor looks up hundreds of modules. `src/cli/pyrgos.mjs` runs the bundle as long
 * as it is what the sources say, and the sources themselves otherwise.
 *
 * The bundle lies as deep below the root as `src/cli/` does, so that paths relative to a module lead
 * to the same places.
 */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'vite';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, '.cache', 'cli');
/** What Node kept of the compiled code of earlier ones. */
const COMPILED = join(ROOT, '.cache', 'compiled');
/** What the bundle was made of: path, bytes and milliseconds since 1970 of the last change of each. */
const INPUTS = 'inputs.json';
/** Say which packages are there, and which versions of them. */
const PACKAGES = ['package.json', join('node_modules', '.package-lock.json')];

type Input = readonly [path: string, sizeBytes: number, modifiedMs: number];

/** Makes the bundle unless it is what the sources say. Throws what the bundler throws. */
export async function bundleCli({ force = false } = {}): Promise<void> {
  if (!force && isFresh()) return;
  const { build } = await import('vite');
  const fresh = `${FOLDER}.${String(process.pid)}`;
  try {
    const { output } = (await build({
      root: ROOT,
      configFile: false,
      logLevel: 'warn',
      ssr: { noExternal: true, external: ['pg', 'pg-native'] },
      build: {
        ssr: true,
        outDir: fresh,
        emptyOutDir: true,
        minify: false,
        target: 'node22',
        rolldownOptions: {
          input: ['main', 'cipher-worker'].map((name) => join(ROOT, 'src', 'cli', `${name}.ts`)),
          output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
        },
      },
    })) as Rolldown.RolldownOutput;
    writeFileSync(join(fresh, INPUTS), JSON.stringify(inputsOf(output)));
    rmSync(FOLDER, { recursive: true, force: true });
    renameSync(fresh, FOLDER);
    rmSync(COMPILED, { recursive: true, force: true });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function isFresh(): boolean {
  try {
    const inputs = JSON.parse(readFileSync(join(FOLDER, INPUTS), 'utf8')) as Input[];
    return inputs.every((input) => String(factsOf(input[0])) === String(input));
  } catch {
    return false;
  }
}

/** Packages are told by their lists; everything else that went in is a source. */
function inputsOf(output: Rolldown.RolldownOutput['output']): Input[] {
  const modules = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  const sources = modules
    .filter((id) => isAbsolute(id) && !id.includes('node_modules'))
    .map((id) => relative(ROOT, id));
  return [...new Set([...PACKAGES, ...sources])].map(factsOf);
}

function factsOf(path: string): Input {
  const { size, mtimeMs } = statSync(join(ROOT, path));
  return [path, size, mtimeMs];
}

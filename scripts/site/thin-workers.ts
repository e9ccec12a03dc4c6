/**
 * A worker's entry is a file that nothing imports. WebKit evaluates the entry of a module worker a
 * second time when another module imports it, and then two engines answer every call; a bundler
 * puts shared code into the entry whenever it finds some there. So an entry keeps what it is told
 * early and loads the rest by `import()`, and a build whose chunks import an entry fails.
 */
import type { Plugin, Rollup } from 'vite';

/** For `worker.plugins`: fails the build of a worker whose entry is imported. */
export function thinWorkers(): Plugin {
  return {
    name: 'pyrgos-thin-workers',
    generateBundle(_options, bundle) {
      const faults = importedEntries(Object.values(bundle));
      if (faults.length > 0) {
        this.error(`A worker's entry may not be imported. ${faults.join(' ')}`);
      }
    },
  };
}

/** A sentence for every import of an entry. */
function importedEntries(
  outputs: readonly (Rollup.OutputChunk | Rollup.OutputAsset)[],
): readonly string[] {
  const chunks = outputs.filter((output) => output.type === 'chunk');
  const entries = new Set(chunks.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  return chunks.flatMap(({ fileName, imports, dynamicImports }) =>
    [...new Set([...imports, ...dynamicImports])]
      .filter((imported) => entries.has(imported))
      .map((entry) => `${fileName} imports ${entry}.`),
  );
}

/**
 * A second build to update to: the built site with another version in it, as a change of its
 * sources would give. The policy of the page names its inline script by hash, which changes too.
 */
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files that carry the version. */
const CARRIERS = ['index.html', 'service-worker.js', join('_app', 'version.json')];

export function versionOf(site: string): string {
  const { version } = JSON.parse(readFileSync(join(site, '_app', 'version.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** Copies `site` to `target` as the build `version`. Returns `target`. */
export function anotherBuild(site: string, target: string, version: string): string {
  cpSync(site, target, { recursive: true });
  for (const name of CARRIERS) {
    const path = join(target, name);
    const before = readFileSync(path, 'utf8');
    let after = before.replaceAll(versionOf(site), version);
    if (after === before) throw new Error(`${name} does not carry the version.`);
    for (const [, script = ''] of before.matchAll(/<script>([^]*?)<\/script>/g)) {
      const changed = script.replaceAll(versionOf(site), version);
      after = after.replaceAll(hashOf(script), hashOf(changed));
    }
    writeFileSync(path, after);
  }
  return target;
}

function hashOf(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

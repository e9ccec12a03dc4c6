/**
 * Kubo, the counterpart of our tests, built from its Go module once for this user. Nobody serves it
 * as a program or as a package that would not fetch one when installed.
 */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildWithGo, builtPrograms, findGo } from '../go.ts';

const KUBO_VERSION = 'v0.43.1';
const BUILD_MS = 30 * 60_000;

/** Its own replacement of the first cannot be had from the module proxy, and the second goes with it. */
const GO_MOD = `module pyrgos.invalid/kubo

go 1.26

require github.com/ipfs/kubo ${KUBO_VERSION}

replace github.com/quic-go/webtransport-go => github.com/quic-go/webtransport-go v0.11.1

replace github.com/quic-go/quic-go => github.com/quic-go/quic-go v0.60.0
`;

/** Path of the program, or why there is none. `KUBO` names another one. */
export function findKubo(): { readonly path?: string; readonly reason?: string } {
  const named = process.env['KUBO'] ?? '';
  if (named !== '') return { path: named };
  const folder = builtPrograms(`kubo-${KUBO_VERSION}`);
  const path = join(folder, process.platform === 'win32' ? 'ipfs.exe' : 'ipfs');
  if (existsSync(path)) return { path };
  const go = findGo();
  if (go === undefined) {
    return { reason: 'no Kubo here, and no Go to build one (go.dev; KUBO names a program).' };
  }
  console.log(`Building Kubo ${KUBO_VERSION}; that takes five minutes of two cores, once …`);
  const said = build(go, path);
  return said === undefined ? { path } : { reason: `Kubo could not be built: ${said}.` };
}

/** Undefined when the program is there, else what Go said last. */
function build(go: string, path: string): string | undefined {
  const source = mkdtempSync(join(tmpdir(), 'pyrgos-kubo-'));
  try {
    writeFileSync(join(source, 'go.mod'), GO_MOD);
    const program = join(source, 'built');
    const said = buildWithGo({
      go,
      args: [
        'build',
        '-trimpath',
        '-ldflags=-s -w',
        '-o',
        program,
        'github.com/ipfs/kubo/cmd/ipfs',
      ],
      cwd: source,
      environment: { GOFLAGS: '-mod=mod' },
      withinMs: BUILD_MS,
      program,
    });
    if (said !== undefined) return said;
    // Not across file systems in one step, and never half there under its name.
    mkdirSync(dirname(path), { recursive: true });
    copyFileSync(program, `${path}.new`);
    renameSync(`${path}.new`, path);
    return undefined;
  } finally {
    rmSync(source, { recursive: true, force: true });
  }
}

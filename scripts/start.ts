/**
 * `npm start`: builds the site if need be, serves it on a loopback port and prints the address.
 * Options: `--port <n>` and `--prefix </any/prefix/>`.
 */
import { parseArgs } from 'node:util';
import { buildSite, DIST } from './build.ts';
import { serveStatic, type StaticServer } from './static-server.ts';

/** Fixed, because a drive kept in the browser belongs to the address it was made at. */
const DEFAULT_PORT = 7420;

const { values } = parseArgs({
  options: { port: { type: 'string' }, prefix: { type: 'string', default: '/' } },
});
const prefix = `/${values.prefix}/`.replace(/\/+/g, '/');

if (!buildSite()) {
  console.error('The site could not be built; the lines above say why.');
  process.exit(1);
}
const server = await listen();
console.log(`Pyrgos is at ${server.origin}${prefix}   (Ctrl-C stops it)`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void server.close().then(() => process.exit(0));
  });
}

async function listen(): Promise<StaticServer> {
  const mounts = [{ prefix, folder: DIST }];
  if (values.port !== undefined) return serveStatic({ mounts, port: Number(values.port) });
  try {
    return await serveStatic({ mounts, port: DEFAULT_PORT });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    console.log(
      `Port ${String(DEFAULT_PORT)} is taken. Another port is another address, and a drive kept ` +
        'in the browser belongs to its address: stop the other server to find yours again.',
    );
    return serveStatic({ mounts });
  }
}

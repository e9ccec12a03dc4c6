/**
 * The built site as a test sees it: at a root, under a prefix, on a path gateway and on a
 * subdomain gateway of a content network; and a host that can go away and come back.
 */
import type { IncomingMessage } from 'node:http';
import { DIST } from '../../scripts/build.ts';
import { serveStatic, type Mount, type StaticServer } from '../../scripts/static-server.ts';

/** The built site under test; `PYRGOS_SITE` names another folder, which is then taken as it is. */
export const SITE_FOLDER = process.env['PYRGOS_SITE'] ?? DIST;

/** Any content address: the server does not look at it, the browser's origin does. */
const CONTENT_ADDRESS = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';
/** Of a gateway that answers requests for the script of a service worker, as Kubo does. */
const LENIENT_ADDRESS = 'bafybeihwvjeg6ax7ud3kzy7tvywmufmnbse4kww7ifrbrt34nmpxcde4vi';

type Listener = (request: IncomingMessage) => void;

export class Site {
  readonly #mounts: readonly Mount[];
  readonly #listeners: Set<Listener>;
  #server: StaticServer;

  private constructor(mounts: readonly Mount[], listeners: Set<Listener>, server: StaticServer) {
    this.#mounts = mounts;
    this.#listeners = listeners;
    this.#server = server;
  }

  static async open(
    folder: string = SITE_FOLDER,
    { more = [], port = 0 }: { readonly more?: readonly Mount[]; readonly port?: number } = {},
  ): Promise<Site> {
    const mounts = [
      { prefix: '/', folder },
      { prefix: '/any/prefix/', folder },
      { prefix: `/ipfs/${CONTENT_ADDRESS}/`, folder, refuseServiceWorkers: true },
      { prefix: `/ipfs/${LENIENT_ADDRESS}/`, folder },
      ...more,
    ];
    const listeners = new Set<Listener>();
    return new Site(
      mounts,
      listeners,
      await serveStatic({ mounts, port, onRequest: tell(listeners) }),
    );
  }

  /** Calls back with every request that reaches the host. */
  onRequest(listener: Listener): void {
    this.#listeners.add(listener);
  }

  get origin(): string {
    return this.#server.origin;
  }

  /** Ends in `/`. */
  get root(): string {
    return `${this.origin}/`;
  }

  get underPrefix(): string {
    return `${this.origin}/any/prefix/`;
  }

  get onPathGateway(): string {
    return `${this.origin}/ipfs/${CONTENT_ADDRESS}/`;
  }

  /** On one that lets service workers be. */
  get onLenientPathGateway(): string {
    return `${this.origin}/ipfs/${LENIENT_ADDRESS}/`;
  }

  get onSubdomainGateway(): string {
    return `http://${CONTENT_ADDRESS}.ipfs.localhost:${new URL(this.origin).port}/`;
  }

  /** The host goes away: from now on nothing answers at this address. */
  async stop(): Promise<void> {
    await this.#server.close();
  }

  /** And comes back at the same address, perhaps with another build. */
  async restart(folder?: string): Promise<void> {
    const port = Number(new URL(this.origin).port);
    const mounts = this.#mounts.map((mount) => ({ ...mount, folder: folder ?? mount.folder }));
    this.#server = await serveStatic({ mounts, port, onRequest: tell(this.#listeners) });
  }
}

function tell(listeners: ReadonlySet<Listener>): Listener {
  return (request) => {
    for (const listener of listeners) listener(request);
  };
}

/**
 * The built site as a test sees it: at a root, under a prefix, on a path gateway and on a
 * subdomain gateway of a content network; and a host that can go away and come back.
 */
import { DIST } from '../../scripts/build.ts';
import { serveStatic, type Mount, type StaticServer } from '../../scripts/static-server.ts';

/** Any content address: the server does not look at it, the browser's origin does. */
const CONTENT_ADDRESS = 'bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi';

export class Site {
  readonly #mounts: readonly Mount[];
  #server: StaticServer;

  private constructor(mounts: readonly Mount[], server: StaticServer) {
    this.#mounts = mounts;
    this.#server = server;
  }

  static async open(folder: string = DIST, more: readonly Mount[] = []): Promise<Site> {
    const mounts = [
      { prefix: '/', folder },
      { prefix: '/any/prefix/', folder },
      { prefix: `/ipfs/${CONTENT_ADDRESS}/`, folder, refuseServiceWorkers: true },
      ...more,
    ];
    return new Site(mounts, await serveStatic({ mounts }));
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
    this.#server = await serveStatic({ mounts, port });
  }
}

/** Addresses of a published folder at a gateway. */

export interface Published {
  readonly cid: string;
  /** `k51…`, where it was published under a key. */
  readonly ipns?: string | undefined;
}

export interface PublishedAddresses {
  /** An origin of this version's own. */
  readonly subdomain: string;
  /** An origin that later versions keep. */
  readonly ipns?: string;
  /** One origin for all sites of the gateway. */
  readonly path: string;
}

/** Where a browser finds it; `gateway` is `http://localhost:8080` or `https://dweb.link`. */
export function addressesAt(gateway: string, { cid, ipns }: Published): PublishedAddresses {
  const { protocol, host } = new URL(gateway);
  return {
    subdomain: `${protocol}//${cid}.ipfs.${host}/`,
    ...(ipns === undefined ? {} : { ipns: `${protocol}//${ipns}.ipns.${host}/` }),
    path: `${protocol}//${host.replace(/^localhost(?=:|$)/u, '127.0.0.1')}/ipfs/${cid}/`,
  };
}

/** The origin of a gateway that listens at one of these multiaddrs on this machine. */
export function gatewayOf(multiaddrs: readonly string[]): string | undefined {
  for (const multiaddr of multiaddrs) {
    const [, port] = /^\/(?:ip4|ip6|dns4?)\/[^/]+\/tcp\/(\d{1,5})$/u.exec(multiaddr) ?? [];
    // Subdomains of an address of numbers do not exist: browsers find those of `localhost`.
    if (port !== undefined) return `http://localhost:${port}`;
  }
  return undefined;
}

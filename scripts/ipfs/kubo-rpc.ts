/**
 * The few calls of Kubo's RPC API that publishing and its tests need. That API gives full
 * control of the node behind it, so it listens on its own machine alone.
 */
import { parseUrl, PyrgosError } from '#lib/bytes/index.ts';

const CALL_MS = 120_000;
const MESSAGE_MAX_CHARACTERS = 500;

/** The API refused a call, or does not answer. */
export class KuboRefused extends PyrgosError {
  override readonly name = 'KuboRefused';
  override readonly kind = 'refused';
}

export interface KuboKey {
  readonly name: string;
  /** What stands before `.ipns.` in an address: the key's CID in base36, `k51…`. */
  readonly id: string;
}

export class KuboRpc {
  readonly origin: string;

  /** @param api such as `http://127.0.0.1:5001`. Throws `KuboRefused` for what is no address. */
  constructor(api: string) {
    const url = parseUrl(api);
    if (url === undefined || !/^https?:$/u.test(url.protocol)) {
      throw new KuboRefused(`"${api}" is not an address such as http://127.0.0.1:5001.`);
    }
    this.origin = url.origin;
  }

  /** Takes every block of a CAR file and pins its roots. Throws `KuboRefused`. */
  async importCar(bytes: Uint8Array): Promise<void> {
    const form = new FormData();
    form.append('file', new Blob([Uint8Array.from(bytes)]));
    const text = await this.#call('dag/import', { 'pin-roots': 'true', stats: 'true' }, form);
    for (const line of text.split('\n').filter((it) => it !== '')) {
      const { Root: root } = JSON.parse(line) as { Root?: { PinErrorMsg?: string } };
      const reason = root?.PinErrorMsg ?? '';
      if (reason !== '') throw new KuboRefused(`The folder could not be pinned: ${reason}`);
    }
  }

  /** Keys that addresses can be published under, the node's own, `self`, among them. */
  async keys(): Promise<readonly KuboKey[]> {
    const text = await this.#call('key/list', { 'ipns-base': 'base36' });
    const { Keys: keys } = JSON.parse(text) as { Keys: { Name: string; Id: string }[] };
    return keys.map(({ Name: name, Id: id }) => ({ name, id }));
  }

  /** Lets a key's address lead to a folder. `ttl` as Go writes durations: how long others keep it. */
  async publish(cid: string, key: string, ttl: string): Promise<void> {
    await this.#call('name/publish', { arg: `/ipfs/${cid}`, key, ttl, 'allow-offline': 'true' });
  }

  /** Where its gateway listens, as a multiaddr or several. */
  async gatewayAddresses(): Promise<readonly string[]> {
    const text = await this.#call('config', { arg: 'Addresses.Gateway' });
    const { Value: value } = JSON.parse(text) as { Value: string | string[] | null };
    return value === null ? [] : [value].flat();
  }

  /** Any other call; answers with its text. Throws `KuboRefused`. */
  call(command: string, values: Readonly<Record<string, string>>): Promise<string> {
    return this.#call(command, values);
  }

  async #call(
    command: string,
    values: Readonly<Record<string, string>>,
    body?: FormData,
  ): Promise<string> {
    const address = `${this.origin}/api/v0/${command}?${String(new URLSearchParams(values))}`;
    const signal = AbortSignal.timeout(CALL_MS);
    const request: RequestInit = {
      method: 'POST',
      signal,
      ...(body === undefined ? {} : { body }),
    };
    const answer = await fetch(address, request).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new KuboRefused(`Nothing answers at ${this.origin} (${reason}).`);
    });
    const text = await answer.text();
    if (answer.ok) return text;
    const said = text.slice(0, MESSAGE_MAX_CHARACTERS).trim();
    throw new KuboRefused(`${command} was answered with ${String(answer.status)}: ${said}`);
  }
}

/** Second factors over HTTP (B-1 §2.5, B-3 §5). */
import { fromBase32, toHex } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import type { NewCodeFactor, NodeSecondFactors } from '#lib/node/index.ts';
import { MalformedAnswer, PATHS } from '#lib/protocol/index.ts';
import { parseAnswer, readCbor, readCborBoolean, readText } from './parse-response.ts';
import type { Answer } from './send-request.ts';
import type { Transport } from './transport.ts';

const CHALLENGE_BYTES = 32;

export function createHttpSecondFactors(transport: Transport): NodeSecondFactors {
  return new HttpSecondFactors(transport);
}

class HttpSecondFactors implements NodeSecondFactors {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async list(username: string, auth: Uint8Array) {
    const { bytes } = await this.#ask(PATHS.listMfa, username, auth);
    return readCbor('The list of second factors', bytes, (value) => value);
  }

  async addTotp(username: string, auth: Uint8Array): Promise<NewCodeFactor> {
    return newFactorIn(await this.#ask(PATHS.addTotp, username, auth));
  }

  enableTotp(username: string, credential: Uint8Array, code: string, auth: Uint8Array) {
    return this.#confirm(PATHS.enableTotp, username, auth, [
      ['credid', toHex(credential)],
      ['code', code],
    ]);
  }

  async addMount(username: string, device: string, auth: Uint8Array): Promise<NewCodeFactor> {
    return newFactorIn(await this.#ask(PATHS.addMount, username, auth, [['name', device]]));
  }

  enableMount(username: string, credential: Uint8Array, code: string, auth: Uint8Array) {
    return this.#confirm(PATHS.enableMount, username, auth, [
      ['credid', toHex(credential)],
      ['code', code],
    ]);
  }

  async generateBackupCodes(username: string, auth: Uint8Array) {
    const { bytes } = await this.#ask(PATHS.genBackupCodes, username, auth);
    return readCbor('The backup codes', bytes, (value) => value);
  }

  async startSecurityKey(username: string, auth: Uint8Array): Promise<Uint8Array> {
    const { bytes } = await this.#ask(PATHS.registerWebauthnStart, username, auth);
    if (bytes.length === CHALLENGE_BYTES) return bytes;
    throw new MalformedAnswer('A challenge has the wrong length.');
  }

  async completeSecurityKey(
    ...[username, keyName, answer, auth]: Parameters<NodeSecondFactors['completeSecurityKey']>
  ): Promise<boolean> {
    const { bytes } = await this.#transport.call({
      path: PATHS.registerWebauthnComplete,
      query: [
        ['username', username],
        ['auth', toHex(auth)],
        ['keyname', keyName],
      ],
      body: encodeCbor(answer.response),
    });
    return readCborBoolean('The answer about a security key', bytes);
  }

  remove(username: string, credential: Uint8Array, auth: Uint8Array): Promise<boolean> {
    return this.#confirm(PATHS.deleteMfa, username, auth, [['credid', toHex(credential)]]);
  }

  async #confirm(
    path: string,
    username: string,
    auth: Uint8Array,
    more: readonly (readonly [string, string])[],
  ): Promise<boolean> {
    const { bytes } = await this.#ask(path, username, auth, more);
    return readCborBoolean('The answer about a second factor', bytes);
  }

  #ask(
    path: string,
    username: string,
    auth: Uint8Array,
    more: readonly (readonly [string, string])[] = [],
  ): Promise<Answer> {
    return this.#transport.call({
      path,
      query: [['username', username], ['auth', toHex(auth)], ...more],
    });
  }
}

/** `BASE32(credential id):BASE32(secret)`. */
function newFactorIn({ bytes }: Answer): NewCodeFactor {
  const what = 'A new second factor';
  const [credential, secret, ...more] = readText(what, bytes).split(':');
  if (credential === undefined || secret === undefined || more.length > 0) {
    throw new MalformedAnswer(`${what} cannot be read.`);
  }
  return parseAnswer(what, () => ({
    credential: fromBase32(credential),
    secret: fromBase32(secret),
  }));
}

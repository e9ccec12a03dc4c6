/** `/peergos/v0/login/…`, `/peergos/v0/bats/…`: login records, second factors, BATs (B-1 §2.5, §2.6; B-3). */
import { fromMultibase, toBase32, toHex } from '#lib/bytes/index.ts';
import { Cid, CID_TEXT_MAX_UNITS } from '#lib/codec/index.ts';
import { Bat, BatWithId, PublicSigningKey, toBatId } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NewCodeFactor, SecondFactorAnswer } from '#lib/node/index.ts';
import {
  askingForUnderstood,
  MalformedRequest,
  parseRequest,
  PATHS,
  respondingCredential,
  UnknownUser,
} from '#lib/protocol/index.ts';
import { CODE_SESSION, CODE_SESSION_MAX_BYTES } from '../wire/extensions.ts';
import { boolAnswer, bytesAnswer, cborAnswer, textAnswer } from './responses.ts';
import { cborOf, endpoint } from './endpoint.ts';
import type { Call, EndpointTable } from './endpoint.ts';

const BAT_SECRET_BYTES = 32;
const BAT_TEXT_MAX_UNITS = 1 + 2 * BAT_SECRET_BYTES;

export const LOGIN_ENDPOINTS: EndpointTable = [
  endpoint(PATHS.getLogin, getLogin),
  endpoint(PATHS.setLogin, async (call) => {
    const auth = call.query.hex('auth');
    await call.node.accounts.setLogin(usernameOf(call), call.body, auth);
    return boolAnswer(true);
  }),
  endpoint(PATHS.listMfa, async (call) =>
    cborAnswer(await call.node.secondFactors.list(usernameOf(call), call.query.hex('auth'))),
  ),
  endpoint(PATHS.addTotp, async (call) =>
    codeFactor(await call.node.secondFactors.addTotp(usernameOf(call), call.query.hex('auth'))),
  ),
  endpoint(PATHS.enableTotp, async (call) => {
    const { secondFactors } = call.node;
    return cborAnswer(await secondFactors.enableTotp(...codeOf(call)));
  }),
  endpoint(PATHS.addMount, async (call) => {
    const { node, query } = call;
    const auth = query.hex('auth');
    return codeFactor(
      await node.secondFactors.addMount(usernameOf(call), query.text('name'), auth),
    );
  }),
  endpoint(PATHS.enableMount, async (call) => {
    const { secondFactors } = call.node;
    return cborAnswer(await secondFactors.enableMount(...codeOf(call)));
  }),
  endpoint(PATHS.genBackupCodes, async (call) => {
    const { secondFactors } = call.node;
    const auth = call.query.hex('auth');
    return cborAnswer(await secondFactors.generateBackupCodes(usernameOf(call), auth));
  }),
  endpoint(PATHS.registerWebauthnStart, async (call) => {
    const { secondFactors } = call.node;
    const auth = call.query.hex('auth');
    return bytesAnswer(await secondFactors.startSecurityKey(usernameOf(call), auth));
  }),
  endpoint(PATHS.registerWebauthnComplete, registerSecurityKey),
  endpoint(PATHS.deleteMfa, async (call) => {
    const auth = call.query.hex('auth');
    const credential = credentialOf(call);
    return cborAnswer(await call.node.secondFactors.remove(usernameOf(call), credential, auth));
  }),
  endpoint(PATHS.getUserBats, async (call) => {
    const bats = await call.node.bats.list(await identityOf(call), call.query.hex('auth'));
    return cborAnswer(bats.map((bat) => bat.toCbor()));
  }),
  endpoint(PATHS.addBat, addBat),
];

async function getLogin(call: Call): Promise<Response> {
  const { node, query } = call;
  const username = usernameOf(call);
  const authorBytes = query.hex('author');
  const author = parseRequest('The parameter "author"', () =>
    PublicSigningKey.fromCbor(cborOf(call, authorBytes)),
  );
  const auth = query.hex('auth');
  const answer =
    query.get('mfa') === undefined
      ? undefined
      : { ...secondFactorIn(call, query.hex('mfa')), ...sessionIn(call) };
  const login = await node.accounts.getLogin(username, author, auth, answer);
  return cborAnswer(askingForUnderstood(login, query.get('mfaTypes')));
}

async function registerSecurityKey(call: Call): Promise<Response> {
  const { node, query, body } = call;
  const answer = secondFactorIn(call, body);
  const username = usernameOf(call);
  const auth = query.hex('auth');
  const name = query.text('keyname');
  return cborAnswer(await node.secondFactors.completeSecurityKey(username, name, answer, auth));
}

function secondFactorIn(call: Call, bytes: Uint8Array): SecondFactorAnswer {
  return parseRequest('The second factor', () => {
    const response = cborOf(call, bytes);
    call.refused.credential = toHex(respondingCredential(response));
    return { response };
  });
}

function sessionIn({ query }: Call): Pick<SecondFactorAnswer, 'session'> {
  if (query.get(CODE_SESSION) === undefined) return {};
  const session = query.hex(CODE_SESSION);
  if (session.length <= CODE_SESSION_MAX_BYTES) return { session };
  throw new MalformedRequest('The name of a session is too long.');
}

function codeOf(call: Call): [string, Uint8Array, string, Uint8Array] {
  const { query } = call;
  return [usernameOf(call), credentialOf(call), query.text('code'), query.hex('auth')];
}

function credentialOf(call: Call): Uint8Array {
  const credential = call.query.hex('credid');
  call.refused.credential = toHex(credential);
  return credential;
}

function usernameOf(call: Call): string {
  const username = call.query.text('username');
  call.refused.username = username;
  return username;
}

/** Base32 of both without padding (B-3 §5). */
function codeFactor({ credential, secret }: NewCodeFactor): Response {
  return textAnswer(`${toBase32(credential)}:${toBase32(secret)}`);
}

async function addBat(call: Call): Promise<Response> {
  const { node, query } = call;
  const [id, secret] = [query.text('batid'), query.text('bat')];
  const bat = parseRequest('The access token', () => {
    const bytes = fromMultibase(secret, BAT_TEXT_MAX_UNITS);
    if (bytes.length !== BAT_SECRET_BYTES) {
      throw new MalformedRequest('An access token has 32 bytes.');
    }
    return new BatWithId(new Bat(bytes), toBatId(Cid.parse(id, CID_TEXT_MAX_UNITS).bytes));
  });
  await node.bats.add(await identityOf(call), bat, query.hex('auth'));
  return cborAnswer(true);
}

async function identityOf(call: Call): Promise<KeyHash> {
  const identity = await call.node.names.publicKey(usernameOf(call));
  if (identity === undefined) throw new UnknownUser('There is no such user here.');
  return identity;
}

/** Why a server could not be asked: what the operating system and TLS said, in words. */

/** The deepest chain of causes that is read. */
const DEPTH = 8;

const REASONS = new Map([
  ['ECONNREFUSED', 'nothing answers there'],
  ['ECONNRESET', 'it broke off the connection'],
  ['EPIPE', 'it broke off the connection'],
  ['ETIMEDOUT', 'it did not answer in time'],
  ['EHOSTUNREACH', 'there is no way to it'],
  ['ENETUNREACH', 'there is no network'],
  ['ENOTFOUND', 'there is no host of this name'],
  ['EAI_AGAIN', 'the name of the host cannot be looked up now'],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', 'its certificate is not valid yet, or this clock is wrong'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another name'],
  ['EPROTO', 'it speaks no TLS there, so it may be http:// instead'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'it speaks no TLS there, so it may be http:// instead'],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', 'it speaks no TLS there, so it may be http:// instead'],
  ['HPE_INVALID_CONSTANT', 'it speaks no HTTP there, so it may be https:// instead'],
]);

const NOT_TRUSTED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** A sentence to follow the error's own, or nothing. */
export function whyUnreachable(error: Error): string {
  for (const cause of causes(error)) {
    if (!('code' in cause) || typeof cause.code !== 'string') continue;
    if (NOT_TRUSTED.has(cause.code)) {
      return (
        ' Its certificate was signed by nobody this machine trusts: name the file of the' +
        ' certificate in NODE_EXTRA_CA_CERTS if you trust it.'
      );
    }
    const reason = REASONS.get(cause.code);
    if (reason !== undefined) return ` ${placeOf(cause)} ${reason}.`;
  }
  return '';
}

function* causes(error: Error): Generator<Error> {
  let at: unknown = error;
  for (let depth = 0; depth < DEPTH && at instanceof Error; depth++) {
    yield at;
    // One attempt for each address of a host.
    if (at instanceof AggregateError) {
      for (const one of at.errors) if (one instanceof Error) yield one;
    }
    at = at.cause;
  }
}

/** `localhost:8000:`, as far as the error tells. */
function placeOf(cause: object): string {
  const { hostname, address, port } = cause as Record<string, unknown>;
  const host = hostname ?? address;
  if (typeof host !== 'string') return 'The reason:';
  return `${host}${typeof port === 'number' ? `:${port}` : ''}:`;
}

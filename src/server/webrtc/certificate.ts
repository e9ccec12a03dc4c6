/**
 * The certificate of the WebRTC listener. Its hash is part of the address that people pass on, so it is
 * made once, kept in the records, and the same for every process on them. Who the node is its key
 * proves; the certificate only ties the address to the connection.
 */
import { fromHex, fromUtf8, toHex, utf8 } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import { createSelfSigned } from '#lib/crypto/index.ts';
import type { SelfSigned } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';

const ENTRY = { table: 'node', key: 'webrtc-certificate' } as const;
const DAY_MS = 86_400_000;
const VALID_MS = 3652 * DAY_MS;
/** Clocks of others may be behind. */
const EARLIER_MS = DAY_MS;

export interface CertificateDeps {
  readonly records: RecordStore;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** The node's certificate; made and kept at the first call, valid for ten years. */
export async function keptCertificate(deps: CertificateDeps): Promise<SelfSigned> {
  const { records, random, clock } = deps;
  const stored = await records.get(ENTRY.table, ENTRY.key);
  if (stored !== undefined) return parse(stored);
  const nowMs = clock();
  const fresh = await createSelfSigned('pyrgos', nowMs - EARLIER_MS, nowMs + VALID_MS, random);
  const isFirst = await records.apply({
    expect: [{ ...ENTRY, value: undefined }],
    writes: [{ ...ENTRY, value: format(fresh) }],
  });
  // Another process was faster.
  return isFirst ? fresh : keptCertificate(deps);
}

function format({ certificate, key, fingerprint }: SelfSigned): Uint8Array {
  return utf8([toHex(fingerprint), certificate, key].join('\0'));
}

function parse(bytes: Uint8Array): SelfSigned {
  const [fingerprint = '', certificate = '', key = ''] = fromUtf8(bytes).split('\0');
  return { certificate, key, fingerprint: fromHex(fingerprint) };
}

/**
 * What this node offers beyond the protocol (B-7 §1: a server may add endpoints and response
 * headers). It says so in a header of every answer, so that finding out costs no request; a client
 * that does not know the header, and a node that does not send it, miss nothing but speed.
 *
 * - `block-bulk`: {@link BLOCK_GET_BULK} answers several raw blocks at once. Body: CBOR list of at
 *   most {@link BULK_GET_MAX_BLOCKS} `{"h": cid bytes, "b"?: BatWithId}`, as for authorised direct
 *   reads; answer: CBOR list of byte strings in order, empty = absent. One refusal refuses all.
 * - `pointer-block`: `getPointer` with {@link WITH_BLOCK} answers the signed update followed by the
 *   block it names, if that is stored and public.
 * - `own-transactions`: a client may choose transaction ids itself (A-10 §5.3 allows it anyway). Such
 *   a transaction says nothing of when it was opened, see `late-writes.ts`.
 * - `code-session`: `getLogin` takes {@link CODE_SESSION} beside an answer to the question for a second
 *   factor, hex of random bytes. A code that was used signs in again for the one that used it.
 * - `registry-car`: {@link REGISTRY_CAR} with the query parts `to` and, unless everything is wanted,
 *   `from`, both roots of the tree of user names (B-2 §8), answers a CAR whose root is `to`: the blocks
 *   of the one that the other has not, as a walk meets them that goes depth first and by position,
 *   about a MiB of them. `start`, a row of positions, is the place of the first that is wanted. An empty
 *   answer: these trees are not kept whole. Who mirrors from here compares all with the signed
 *   pointer, so any mirror may answer.
 * - `migration-steps`: {@link MIGRATION_STEPS}, asked at the new home, is `migrateUser` (B-2 §12) in
 *   steps. Body: that of `migrateUser`, then `F(token) F(cbor(list of multiaddrs of the old home))
 *   bool8 calledOff`. Answer, within seconds: CBOR `{"p": phase, "d": bytes done, "n": blocks done,
 *   "t": bytes in all}`; the request is to be sent again until the phase is `done`.
 * - `peer-addresses`: {@link PEER_ADDRESSES} answers a CBOR list of the multiaddrs at which other nodes
 *   reach this one.
 * - `mirror`: {@link MIRROR} has an account of another node mirrored. Body: `F(username) F(cbor(claims))
 *   F(cbor(BatWithId)) F(signed request) F(token) F(cbor(list of multiaddrs of its home)) F(cbor(LoginData)
 *   or nothing) F(signature of that or nothing) bool8 ended`. Answer: CBOR `{"t"?: ms when the copy was
 *   last complete, "d": bytes done, "b": whether it is at work, "f"?: name of the last error}`.
 * - `node-report`: {@link NODE_REPORT} answers a `NodeReport` (`protocol/node-report.ts`).
 * - `object-store`: asking for the block store's properties is worth a request (B-6 §7).
 */
export type Offer =
  | 'block-bulk'
  | 'pointer-block'
  | 'own-transactions'
  | 'code-session'
  | 'registry-car'
  | 'migration-steps'
  | 'peer-addresses'
  | 'mirror'
  | 'node-report'
  | 'object-store';

export const OFFERS_HEADER = 'Node-Offers';

/**
 * In an answer from a copy, of an account whose home is away: the sequence number of the copy's
 * identity, and `; seen=` the milliseconds when the copy was last seen to be what the home has. What is answered is whole and verified as ever, but may be older than what the home has.
 */
export const MIRROR_HEADER = 'Pyrgos-Mirror';

export const BLOCK_GET_BULK = 'api/v0/block/get/bulk';
export const BULK_GET_MAX_BLOCKS = 8;

export const REGISTRY_CAR = 'pyrgos/v0/pki/car';
/** A page of {@link REGISTRY_CAR}: what fills it, the block that fills it, and what frames them. */
export const REGISTRY_CAR_MAX_BYTES = 3 * 1024 * 1024;
/** Takes nothing, and is the same for all who ask. */
export const NODE_REPORT = 'pyrgos/v0/node/report';
/** Levels of a champ. */
export const REGISTRY_PATH_MAX = 32;

export const MIGRATION_STEPS = 'pyrgos/v0/migrate';
/** Longer than what a node has. */
export const MIGRATION_ADDRESSES_MAX = 16;
export const MIRROR = 'pyrgos/v0/mirror';
export const PEER_ADDRESSES = 'pyrgos/v0/peer-addresses';
export const MULTIADDR_MAX_UNITS = 512;

/** The query part by which a node knows its client again. */
export const CODE_SESSION = 'session';
export const CODE_SESSION_MAX_BYTES = 64;

/** The query part that asks `getPointer` for the block too. */
export const WITH_BLOCK = ['block', 'true'] as const;

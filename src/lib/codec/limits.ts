/** Sizes that every room agrees on (A-1 §7, §8). */

export const CHUNK_BYTES = 5_242_880;
/** Largest payload of a raw block. */
export const FRAGMENT_MAX_BYTES = 1_048_576;
/** Largest BAT prefix before that payload (A-4 §3). */
export const BAT_PREFIX_MAX_BYTES = 100;
/** Largest block, raw or dag-cbor; client and server refuse more. */
export const BLOCK_MAX_BYTES = FRAGMENT_MAX_BYTES + BAT_PREFIX_MAX_BYTES;
/** Largest sum of blocks in one bulk upload, and how many may be authorised at once. */
export const BULK_UPLOAD_MAX_BYTES = BLOCK_MAX_BYTES;
export const BULK_AUTH_MAX_BLOCKS = 50;
/** Blocks in one bulk upload: so many of CBOR, and of raw ones as many as are authorised at once. */
export const BULK_CBOR_MAX_BLOCKS = 1000;
export const BULK_CHAMP_MAX_KEYS = 20;
/** What the nodes on the ways to all keys of a look-up may be together, beside the values. */
export const CHAMP_NODES_MAX_BYTES = 1_048_576;

/** Content of an identity CID that a writer may make; what older writers made may be longer. */
export const IDENTITY_MAX_BYTES = 36;
export const IDENTITY_LEGACY_MAX_BYTES = 4112;

/** Map keys, symmetric keys, BAT secrets and stream secrets. */
export const SECRET_BYTES = 32;
export const NAME_MAX_UNITS = 255;
export const SIGNED_POINTER_MAX_BYTES = 147;
export const DIRECTORY_CHILDREN_PER_CHUNK = 500;
/** The text of a CID whose digest is a hash or an inlined key: the longest of them, in hex. */
export const CID_TEXT_MAX_UNITS = 160;

/**
 * Values in one CBOR item from outside. A block full of links has 23,000; nothing anybody writes
 * comes near, and a MiB of the smallest values would take some hundred MiB of memory.
 */
export const CBOR_MAX_VALUES = 32_768;

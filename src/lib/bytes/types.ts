/** Types that more than one room needs and that carry no behaviour. */

/** `T`, marked so that the compiler keeps it apart from other values of the same shape. */
export type Brand<T, Name extends string> = T & { readonly __brand: Name };

/** A source of `length` random bytes: cryptographically secure, unless a test seeds it. */
export type Random = (length: number) => Uint8Array;

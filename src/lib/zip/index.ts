/** ZIP archives, as other programs read them. Imports only the bytes room. */
export { isZipPath, LEFT_OUT_NAME, leftOutEntry, zipStream } from './zip.ts';
export type { LeftOut, ZipEntry } from './zip.ts';

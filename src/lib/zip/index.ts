/** ZIP archives, as other programs read them. Imports only the bytes room. */
export { isZipPath, LEFT_OUT_NAME, leftOutEntry, zipStream } from './zip.ts';
export type { LeftOut, ZipEntry } from './zip.ts';
export { readZip, UnreadableZip } from './read-zip.ts';
export type { ZipBytes, ZipFile, ZipLimits } from './read-zip.ts';

/** QR codes in pictures and in frames of a camera, read in a worker of their own. */
export { connectCodeReader, serveCodeReader } from './code-reader.ts';
export type { CodeReader, Frame } from './code-reader.ts';

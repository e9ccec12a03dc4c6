/** The form of a file as people call it: what its name ends in, or else its media type says. */
import { extensionOf } from '#lib/content/index.ts';

const LONGEST = 6;

/** `PDF`, `HEIC`; empty when neither name nor type says anything short. */
export function typeWord(name: string, mimeType: string): string {
  const extension = extensionOf(name);
  if (/^[a-z0-9]{1,6}$/u.test(extension)) return extension.toUpperCase();
  const subtype = /^[a-z]+\/(?:x-)?([a-z0-9]+)$/u.exec(mimeType)?.[1] ?? '';
  return subtype.length > LONGEST || subtype === 'plain' ? '' : subtype.toUpperCase();
}

/**
 * Files made of boxes (ISO 14496-12): films, sounds and pictures share the form and say in their
 * brands which of them they are. The first brand alone misleads: a picture may begin with `mif1`
 * and name `avif` among the compatible ones.
 */
import { fourLetters, uint32 } from './bytes-at.ts';

const MOST_BRANDS = 64;
const HEIC = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];
const SOUND = ['M4A ', 'M4B ', 'M4P ', 'F4A ', 'F4B '];

/** The media type by the brands, if the bytes begin with a box that lists them. */
export function isoMediaType(start: Uint8Array): string | undefined {
  if (fourLetters(start, 4) !== 'ftyp') return undefined;
  const end = Math.min(uint32(start, 0), start.length, 16 + 4 * MOST_BRANDS);
  if (end < 12) return undefined;
  const major = fourLetters(start, 8);
  const brands = [major];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(fourLetters(start, at));
  const isPicture = ['mif1', 'mif2', 'msf1', 'miaf', 'avif', 'avis', ...HEIC].includes(major);
  if (isPicture) return isAny(brands, ['avif', 'avis']) ? 'image/avif' : 'image/heic';
  if (major === 'crx ') return 'image/x-canon-cr3';
  if (SOUND.includes(major)) return 'audio/mp4';
  if (major === 'qt  ') return 'video/quicktime';
  if (major.startsWith('3g')) return 'video/3gpp';
  return 'video/mp4';
}

function isAny(brands: readonly string[], wanted: readonly string[]): boolean {
  return brands.some((brand) => wanted.includes(brand));
}

/** The groups of encodings in a menu. */
import type { Writing } from '#lib/content/index.ts';
import { m } from '../text/messages.ts';

export const WRITING_WORDS: Record<Writing, () => string> = {
  unicode: m.encoding_unicode,
  western: m.encoding_western,
  central: m.encoding_central,
  baltic: m.encoding_baltic,
  cyrillic: m.encoding_cyrillic,
  greek: m.encoding_greek,
  turkish: m.encoding_turkish,
  hebrew: m.encoding_hebrew,
  arabic: m.encoding_arabic,
  thai: m.encoding_thai,
  vietnamese: m.encoding_vietnamese,
  japanese: m.encoding_japanese,
  simplified: m.encoding_simplified,
  traditional: m.encoding_traditional,
  korean: m.encoding_korean,
};

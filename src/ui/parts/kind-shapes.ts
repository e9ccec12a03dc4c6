/**
 * The icons of things, drawn on 24 × 24: `tone` is filled with the light tone of the kind's hue,
 * `line` drawn over it in the full one. Folders are filled, files are sheets with a sign.
 */
import type { IconKind } from '../text/icon-kind.ts';

interface Shape {
  readonly tone: string;
  readonly line: string;
}

const SHEET =
  'M6.5 2.75h6.75L19 8.5v11.25a1.5 1.5 0 0 1-1.5 1.5h-11a1.5 1.5 0 0 1-1.5-1.5V4.25a1.5 1.5 0 0 1 1.5-1.5z';
const FOLD = 'M13.25 2.75V7a1.5 1.5 0 0 0 1.5 1.5H19';
const FRAME =
  'M4.75 4.25h14.5a2 2 0 0 1 2 2v11.5a2 2 0 0 1-2 2H4.75a2 2 0 0 1-2-2V6.25a2 2 0 0 1 2-2z';

const sheet = (sign: string): Shape => ({ tone: SHEET, line: `${SHEET}${FOLD}${sign}` });
const frame = (sign: string): Shape => ({ tone: FRAME, line: `${FRAME}${sign}` });

export const KIND_SHAPES: Record<IconKind, Shape> = {
  folder: {
    tone: 'M2.5 9h19v8.75a2.25 2.25 0 0 1-2.25 2.25H4.75a2.25 2.25 0 0 1-2.25-2.25z',
    line: 'M2.5 9V6.25A2.25 2.25 0 0 1 4.75 4h3.9c.6 0 1.17.24 1.6.66l1.34 1.34h7.66A2.25 2.25 0 0 1 21.5 8.25V9z',
  },
  image: frame(
    'M3.5 17.5l4.6-4.9a1.5 1.5 0 0 1 2.2 0l6.2 6.9M13.5 15.9l1.8-1.9a1.5 1.5 0 0 1 2.2 0l3.3 3.6M15.75 8.9h.01',
  ),
  video: frame('M10.25 9.1v5.8l4.9-2.9z'),
  audio: sheet(
    'M10.4 17.2v-5.3l4.2-.9v5.2M10.4 17.2a1.35 1.35 0 1 1-2.7 0 1.35 1.35 0 0 1 2.7 0zM14.6 16.2a1.35 1.35 0 1 1-2.7 0 1.35 1.35 0 0 1 2.7 0z',
  ),
  text: sheet('M8.5 12.5h7M8.5 16.25h4.5'),
  document: sheet('M8.5 11.75h7M8.5 14.75h7M8.5 17.75h4'),
  table: sheet('M8.25 11.75h7.5v6h-7.5zM8.25 14.75h7.5M11.5 11.75v6'),
  slides: sheet('M8.25 11.75h7.5v4.5h-7.5zM12 16.25v2M10.5 18.25h3'),
  code: sheet('M10.25 12.25L8 14.75l2.25 2.5M13.75 12.25L16 14.75l-2.25 2.5'),
  archive: sheet('M9.5 3v1.5M9.5 6.5V8M9.5 10v1.5M8.4 14h2.2v3.2H8.4z'),
  app: frame('M2.75 8.5h18.5M5.75 6.4h.01M8.25 6.4h.01M9.75 11.75L7.5 14l2.25 2.25M12.5 16.25h3.5'),
  other: sheet(''),
};

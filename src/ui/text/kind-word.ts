import type { IconKind } from './icon-kind.ts';
import { m } from './messages.ts';

const WORDS: Record<IconKind, () => string> = {
  folder: m.kind_folder,
  image: m.kind_image,
  video: m.kind_video,
  audio: m.kind_audio,
  text: m.kind_text,
  document: m.kind_document,
  table: m.kind_table,
  slides: m.kind_slides,
  code: m.kind_code,
  archive: m.kind_archive,
  app: m.kind_app,
  other: m.kind_other,
};

/** The kind of a thing as a word. */
export function kindWord(kind: IconKind): string {
  return WORDS[kind]();
}

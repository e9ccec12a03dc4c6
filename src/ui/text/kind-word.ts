import type { MediaKind } from './media-kind.ts';
import { m } from './messages.ts';

/** The kind of a file as a word. */
export function kindWord(kind: MediaKind): string {
  const words: Record<MediaKind, () => string> = {
    folder: m.kind_folder,
    image: m.kind_image,
    video: m.kind_video,
    audio: m.kind_audio,
    text: m.kind_text,
    document: m.kind_document,
    archive: m.kind_archive,
    other: m.kind_other,
  };
  return words[kind]();
}

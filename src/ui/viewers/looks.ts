/** The ways a file can be looked at; bytes only when a person asks for them. */
import { m } from '../text/messages.ts';

export const LOOKS = ['text', 'image', 'audio', 'video', 'pdf', 'document', 'bytes'] as const;
export type Look = (typeof LOOKS)[number];

export const LOOK_WORDS: Record<Look, () => string> = {
  text: m.kind_text,
  image: m.kind_image,
  audio: m.kind_audio,
  video: m.kind_video,
  pdf: m.view_pdf,
  document: m.kind_document,
  bytes: m.view_bytes,
};

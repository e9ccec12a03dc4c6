/** The keys of the viewers, for the help: of the one that is open, or of all. */
import { m } from '../text/messages.ts';
import type { Look } from './looks.ts';

type Keys = [key: string, what: string][];
type Group = [title: string, keys: Keys];

/** Groups of keys with their titles. `all` leaves out what only one of the viewers has. */
export function viewerKeyWords(command: string, look: Look | 'all' | undefined): Group[] {
  const common: Keys = [
    ['Shift N', m.view_next()],
    ['Shift P', m.view_previous()],
    [`${command} I`, m.key_details()],
  ];
  switch (look) {
    case 'image':
      return [
        [m.kind_image(), imageKeys()],
        [m.help_viewers(), common],
      ];
    case 'video':
      return [
        [m.kind_video(), [...mediaKeys(), ...filmKeys()]],
        [m.help_viewers(), common],
      ];
    case 'audio':
      return [
        [m.kind_audio(), mediaKeys()],
        [m.help_viewers(), common],
      ];
    case 'pdf':
      return [
        [m.view_pdf(), pdfKeys(command)],
        [m.help_viewers(), common],
      ];
    case 'text':
      return [
        [m.kind_text(), editorKeys(command)],
        [m.help_viewers(), [[`${command} I`, m.key_details()]]],
      ];
    case 'bytes':
      return [
        [m.view_bytes(), textKeys()],
        [m.help_viewers(), common],
      ];
    case 'all':
      return [
        [m.kind_image(), imageKeys()],
        [m.help_media(), [...mediaKeys(), ...filmKeys()]],
        [m.help_viewers(), common],
      ];
    default:
      return [[m.help_viewers(), common]];
  }
}

const imageKeys = (): Keys => [
  ['← →', m.key_siblings()],
  ['+ − 0', m.key_zoom()],
  ['↑ ↓ ← →', m.key_pan()],
];

const mediaKeys = (): Keys => [
  ['Space', m.key_play()],
  ['← →', m.key_seek_five()],
  ['J L', m.key_seek()],
  ['↑ ↓', m.key_volume()],
  ['M', m.key_mute()],
  ['< >', m.key_speed()],
];

const filmKeys = (): Keys => [
  [', .', m.key_frame()],
  ['F', m.key_fullscreen()],
  ['P', m.picture_in_picture()],
];

/** In a text the letters are for the text. */
const editorKeys = (command: string): Keys => [
  [`${command} S`, m.key_editor_save()],
  [`${command} F`, m.key_editor_find()],
  [`${command} Alt G`, m.key_editor_line()],
  ['Alt PgUp PgDn', m.key_editor_siblings()],
  ['Esc, Tab', m.key_editor_leave()],
  ['Esc Esc', m.key_editor_close()],
];

const pdfKeys = (command: string): Keys => [
  ['← →', m.pdf_key_pages()],
  ['↑ ↓', m.key_scroll()],
  ['PgUp PgDn', m.key_scroll_page()],
  ['Home End', m.key_scroll_end()],
  ['+ −', m.key_zoom()],
  [`${command} F`, m.pdf_find()],
  [`${command} S`, m.editor_save()],
  [`${command} P`, m.pdf_print()],
];

const textKeys = (): Keys => [
  ['↑ ↓', m.key_scroll()],
  ['PgUp PgDn', m.key_scroll_page()],
  ['Home End', m.key_scroll_end()],
];

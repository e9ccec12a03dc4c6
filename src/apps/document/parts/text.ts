/** The part of the viewer that shows OpenDocument texts. */
import { mount } from 'svelte';
import type { DocumentArchive } from '../archive/document-archive.ts';
import type { Opened } from '../opened.ts';
import { readText } from '../text/read-text.ts';
import TextView from '../text/TextView.svelte';

export async function openText(archive: DocumentArchive): Promise<Opened> {
  const text = await readText(archive);
  return {
    mountIn: (target, { follow }) => void mount(TextView, { target, props: { text, follow } }),
  };
}

/** Files that are embedded in the document. Names and contents are hostile: bounded, and never opened here. */
import type { PDFDocumentProxy } from './library.ts';

/** Entries that are shown, at most. */
const ATTACHMENTS = 1_000;
const TEXT_UNITS = 300;

export interface Attachment {
  /** By which pdf.js finds its content. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
}

interface Item {
  readonly filename: string;
  readonly description: string;
}

/** Those the document names; none where it is damaged there. */
export async function readAttachments(document: PDFDocumentProxy): Promise<readonly Attachment[]> {
  const items = (await document.getAttachments().catch(() => null)) as ReadonlyMap<
    string,
    Item
  > | null;
  return attachmentsOf(items ?? new Map());
}

/** Only for tests apart from {@link readAttachments}. */
export function attachmentsOf(items: ReadonlyMap<string, Item>): readonly Attachment[] {
  const found: Attachment[] = [];
  for (const [id, { filename, description }] of items) {
    if (found.length >= ATTACHMENTS) break;
    const [name, about] = [filename, description].map((it) => it.slice(0, TEXT_UNITS));
    found.push({ id, name: name!, description: about! });
  }
  return found;
}

/** Its bytes; undefined where there are none that can be read. */
export async function contentOf(
  document: PDFDocumentProxy,
  { id }: Attachment,
): Promise<Uint8Array | undefined> {
  const content: unknown = await document.getAttachmentContent(id).catch(() => null);
  return content instanceof Uint8Array ? content : undefined;
}

/** The part of the viewer that shows workbooks. */
import { mount } from 'svelte';
import type { DocumentArchive } from '../archive/document-archive.ts';
import type { Opened } from '../opened.ts';
import { readOpenDocumentWorkbook } from '../sheet/open-document.ts';
import { readOpenXmlWorkbook } from '../sheet/open-xml.ts';
import WorkbookView from '../sheet/WorkbookView.svelte';

/** @param main part of Office Open XML; undefined for OpenDocument */
export async function openSheets(
  archive: DocumentArchive,
  main: string | undefined,
): Promise<Opened> {
  const workbook = await (main === undefined
    ? readOpenDocumentWorkbook(archive)
    : readOpenXmlWorkbook(archive, main));
  return {
    mountIn: (target, { fail }) => void mount(WorkbookView, { target, props: { workbook, fail } }),
  };
}

/**
 * Asks the person for files. Where the browser has a picker that gives handles it is that one, so
 * that an upload that is broken off can go on by itself; else a hidden `<input>` is clicked.
 */
import { isAbort } from '../app/describe-error.ts';
import type { PickedItem } from '../app/kept-files.ts';

type Picker = (options: { multiple: boolean }) => Promise<FileSystemFileHandle[]>;

/**
 * The files that were chosen; none if the person closed the picker. Undefined: there is no such
 * picker here.
 */
export async function chooseFiles({ multiple = true } = {}): Promise<PickedItem[] | undefined> {
  const { showOpenFilePicker } = window as { showOpenFilePicker?: Picker };
  if (showOpenFilePicker === undefined) return undefined;
  try {
    const handles = await showOpenFilePicker.call(window, { multiple });
    return await Promise.all(handles.map(itemOf));
  } catch (error) {
    // Inside another site's frame it is not allowed; the other picker is.
    return isAbort(error) ? [] : undefined;
  }
}

async function itemOf(handle: FileSystemFileHandle): Promise<PickedItem> {
  const file = await handle.getFile();
  return { path: [file.name], file, origin: { handle, below: [] } };
}

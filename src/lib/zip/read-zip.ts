/**
 * Reading ZIP archives from people we do not know (APPNOTE 6.3.10): names, sizes and places are
 * checked before any content is read, and no content may be longer than the archive says. What
 * archives of apps never have is refused: encryption, ZIP64, several disks, links, other methods than
 * stored and deflated.
 */
import { canonical, equalBytes, fromUtf8, PyrgosError } from '#lib/bytes/index.ts';

/** An archive that breaks its format, or a limit of the caller. */
export class UnreadableZip extends PyrgosError {
  override readonly name = 'UnreadableZip';
  override readonly kind = 'invalid';
}

export interface ZipBytes {
  readonly sizeBytes: number;
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface ZipLimits {
  readonly files: number;
  /** Unpacked, all files together. */
  readonly bytes: number;
}

export interface ZipFile {
  /** Relative, of plain names with `/` between them. */
  readonly path: string;
  readonly sizeBytes: number;
  /** The unpacked content from its beginning, exactly `sizeBytes`. @throws UnreadableZip */
  content(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

const END_BYTES = 22;
const COMMENT_MAX = 0xffff;
const DIRECTORY_MAX_BYTES = 8 * 1024 * 1024;
const ENTRY_BYTES = 46;
const LOCAL_BYTES = 30;
const PATH_MAX = 1024;
const STORED = 0;
const DEFLATED = 8;
/** More than deflate can shrink anything. */
const RATIO_MAX = 1100;
/** A browser unpacks what it is given at once, to at most a thousand times as much. */
const PACKED_PIECE_BYTES = 16 * 1024;

interface Entry {
  readonly path: string;
  readonly name: Uint8Array;
  readonly isFolder: boolean;
  readonly method: number;
  readonly crc: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly offset: number;
  /** Where the next entry, or the directory, begins. */
  end: number;
}

/** The files of an archive; folders are left out. @throws UnreadableZip */
export async function readZip(
  source: ZipBytes,
  limits: ZipLimits,
  signal?: AbortSignal,
): Promise<ZipFile[]> {
  const { count, size, offset } = await findDirectory(source, signal);
  // Folders have entries, too.
  if (count > 2 * limits.files) throw new UnreadableZip('The archive holds too many files.');
  const directory = await source.read(offset, offset + size, signal);
  const entries = parseDirectory(directory, count, offset);
  const files = entries.filter(({ isFolder }) => !isFolder);
  if (files.length > limits.files) throw new UnreadableZip('The archive holds too many files.');
  const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > limits.bytes) throw new UnreadableZip('The archive is too large when unpacked.');
  return files.map((entry) => ({
    path: entry.path,
    sizeBytes: entry.sizeBytes,
    content: (inner) => contentOf(source, entry, inner),
  }));
}

async function findDirectory(source: ZipBytes, signal?: AbortSignal) {
  const start = Math.max(0, source.sizeBytes - END_BYTES - COMMENT_MAX);
  const tail = await source.read(start, source.sizeBytes, signal);
  const view = viewOf(tail);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== 0x06054b50) continue;
    if (view.getUint16(at + 20, true) !== tail.length - at - END_BYTES) continue;
    const [disk, firstDisk] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
    const [here, count] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [size, offset] = [view.getUint32(at + 12, true), view.getUint32(at + 16, true)];
    if (disk !== 0 || firstDisk !== 0 || here !== count) break;
    if (count === 0xffff || offset === 0xffffffff) break;
    if (offset + size !== start + at || size > DIRECTORY_MAX_BYTES) break;
    return { count, size, offset };
  }
  throw new UnreadableZip('This is no ZIP archive, or one of a kind that is not read here.');
}

function parseDirectory(directory: Uint8Array, count: number, directoryAt: number): Entry[] {
  const entries: Entry[] = [];
  const looks = new Set<string>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    const { entry, next } = parseEntry(directory, at);
    if (looks.has(canonical(entry.path))) throw new UnreadableZip('A name is there twice.');
    looks.add(canonical(entry.path));
    entries.push(entry);
    at = next;
  }
  if (at !== directory.length) throw new UnreadableZip('The list of the archive is damaged.');
  checkPlaces(entries, directoryAt);
  return entries;
}

function parseEntry(directory: Uint8Array, at: number): { entry: Entry; next: number } {
  if (at + ENTRY_BYTES > directory.length) throw new UnreadableZip('The archive is cut off.');
  const view = viewOf(directory.subarray(at));
  if (view.getUint32(0, true) !== 0x02014b50) throw new UnreadableZip('The archive is damaged.');
  const [flags, method] = [view.getUint16(8, true), view.getUint16(10, true)];
  const [packedBytes, sizeBytes] = [view.getUint32(20, true), view.getUint32(24, true)];
  const nameEnd = ENTRY_BYTES + view.getUint16(28, true);
  const next = nameEnd + view.getUint16(30, true) + view.getUint16(32, true);
  if (at + next > directory.length) throw new UnreadableZip('The archive is cut off.');
  if ((flags & 1) !== 0) throw new UnreadableZip('The archive is encrypted.');
  const isLink = ((view.getUint32(38, true) >>> 28) & 0xf) === 0xa;
  if (isLink) throw new UnreadableZip('The archive holds a link.');
  const name = directory.slice(at + ENTRY_BYTES, at + nameEnd);
  const { path, isFolder } = parsePath(name);
  const entry: Entry = {
    path,
    name,
    isFolder,
    method,
    crc: view.getUint32(16, true),
    packedBytes,
    sizeBytes,
    offset: view.getUint32(42, true),
    end: 0,
  };
  checkSizes(entry);
  return { entry, next: at + next };
}

function checkSizes({ method, packedBytes, sizeBytes, isFolder }: Entry): void {
  const isBounded =
    method === STORED
      ? packedBytes === sizeBytes
      : method === DEFLATED && sizeBytes <= packedBytes * RATIO_MAX;
  if (!isBounded || packedBytes === 0xffffffff || (isFolder && sizeBytes > 0)) {
    throw new UnreadableZip('The archive holds a file of a kind that is not read here.');
  }
}

/** No two entries share bytes: a small archive cannot be a large one in disguise. */
function checkPlaces(entries: readonly Entry[], directoryAt: number): void {
  const inOrder = entries.toSorted((a, b) => a.offset - b.offset);
  for (const [i, entry] of inOrder.entries()) {
    entry.end = inOrder[i + 1]?.offset ?? directoryAt;
    if (entry.offset + LOCAL_BYTES + entry.name.length + entry.packedBytes > entry.end) {
      throw new UnreadableZip('The archive is damaged: its files overlap.');
    }
  }
}

function parsePath(name: Uint8Array): { path: string; isFolder: boolean } {
  let text: string;
  try {
    text = fromUtf8(name);
  } catch {
    throw new UnreadableZip('A name in the archive is not UTF-8.');
  }
  const isFolder = text.endsWith('/');
  const path = isFolder ? text.slice(0, -1) : text;
  const isPlain = path.split('/').every((each) => each !== '' && each !== '.' && each !== '..');
  // eslint-disable-next-line no-control-regex
  if (!isPlain || path.length > PATH_MAX || /[\u0000-\u001f\u007f\\]|^[A-Za-z]:/u.test(path)) {
    throw new UnreadableZip('A name in the archive is not allowed.');
  }
  return { path, isFolder };
}

async function* contentOf(
  source: ZipBytes,
  entry: Entry,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, void> {
  const { offset, name, packedBytes, method, sizeBytes, end } = entry;
  const head = await source.read(offset, offset + LOCAL_BYTES + name.length, signal);
  const view = viewOf(head);
  const isSame =
    view.getUint32(0, true) === 0x04034b50 &&
    view.getUint16(26, true) === name.length &&
    equalBytes(head.subarray(LOCAL_BYTES), name);
  const start = offset + head.length + view.getUint16(28, true);
  if (!isSame || start + packedBytes > end) throw new UnreadableZip('The archive is damaged.');
  const packed = piecesOf(source, start, start + packedBytes, signal);
  let crc = 0xffffffff;
  let length = 0;
  for await (const piece of method === STORED ? packed : inflated(packed)) {
    length += piece.length;
    if (length > sizeBytes) throw new UnreadableZip('A file is longer than the archive says.');
    crc = crcOf(crc, piece);
    yield piece;
  }
  if (length !== sizeBytes || (crc ^ 0xffffffff) >>> 0 !== entry.crc) {
    throw new UnreadableZip('A file of the archive is damaged.');
  }
}

async function* piecesOf(source: ZipBytes, start: number, end: number, signal?: AbortSignal) {
  for (let at = start; at < end; at += PACKED_PIECE_BYTES) {
    yield await source.read(at, Math.min(end, at + PACKED_PIECE_BYTES), signal);
  }
}

async function* inflated(packed: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  const stream = new ReadableStream<BufferSource>(
    {
      async pull(controller) {
        const { done, value } = await packed.next();
        if (done === true) controller.close();
        else controller.enqueue(value.slice());
      },
      cancel: async () => void (await packed.return(undefined)),
    },
    { highWaterMark: 0 },
  );
  const reader = stream.pipeThrough(new DecompressionStream('deflate-raw')).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (error) {
    if (error instanceof PyrgosError) throw error;
    throw new UnreadableZip('A file of the archive is damaged.', { cause: error });
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
  return crc;
});

function crcOf(before: number, bytes: Uint8Array): number {
  let crc = before;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 0xff] as number) ^ (crc >>> 8);
  return crc;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** What can go wrong in the drive, each with a sentence a person can act on. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import type { LeftOut } from './types.ts';

/** No entry with this name on the way; `path` says how far the walk came. */
export class PathNotFound extends PyrgosError {
  override readonly name = 'PathNotFound';
  override readonly kind = 'not-found';
  readonly path: readonly string[];
  constructor(path: readonly string[]) {
    super(`There is nothing at “${path.join('/')}”.`);
    this.path = path;
  }
}

/** Folders lie in folders further than a path can name. */
export class PathTooDeep extends PyrgosError {
  override readonly name = 'PathTooDeep';
  override readonly kind = 'damaged';
  constructor() {
    super('This item lies in more folders than there may be.');
  }
}

/** The folder already holds something with this name and nothing says what to do about it. */
export class NameExists extends PyrgosError {
  override readonly name = 'NameExists';
  override readonly kind = 'conflict';
  readonly entryName: string;
  /** `advice`: what can be done about it, where the caller knows that. */
  constructor(entryName: string, advice?: string, options?: ErrorOptions) {
    super([`“${entryName}” already exists here.`, advice].filter(Boolean).join(' '), options);
    this.entryName = entryName;
  }
}

/** The content of a file is not the one that a change of it was made from. */
export class FileChangedMeanwhile extends PyrgosError {
  override readonly name = 'FileChangedMeanwhile';
  override readonly kind = 'conflict';
  constructor(entryName: string) {
    super(`“${entryName}” was changed elsewhere in the meantime. Nothing was overwritten.`);
  }
}

/** Several entries have names that look the same, and none has exactly this one. */
export class NameAmbiguous extends PyrgosError {
  override readonly name = 'NameAmbiguous';
  override readonly kind = 'not-found';
  constructor(entryName: string) {
    super(
      `Several entries look like “${entryName}”, and none is spelled exactly so. ` +
        'Copy the name from a listing, or rename one of them in the app.',
    );
  }
}

/** Something else stands where a folder is needed. */
export class NotADirectory extends PyrgosError {
  override readonly name = 'NotADirectory';
  override readonly kind = 'not-found';
  constructor(entryName: string) {
    super(`“${entryName}” is not a folder.`);
  }
}

/** A folder stands where a file is needed. */
export class NotAFile extends PyrgosError {
  override readonly name = 'NotAFile';
  override readonly kind = 'not-found';
  constructor(entryName: string) {
    super(`“${entryName}” is not a file.`);
  }
}

/** The capability held allows reading only, or its writing key is out of reach. */
export class NotWritable extends PyrgosError {
  override readonly name = 'NotWritable';
  override readonly kind = 'refused';
  constructor(entryName: string) {
    super(`You may read “${entryName}”, but not change it.`);
  }
}

/** Part of a file is missing or fails its checks: a lost chunk, a lost or damaged fragment. */
export class FileDamaged extends PyrgosError {
  override readonly name = 'FileDamaged';
  override readonly kind = 'damaged';
  constructor(what: string, options?: ErrorOptions) {
    super(`Part of this file is missing or damaged (${what}).`, options);
  }
}

/** Part of a folder's list is missing or fails its checks. What could be read was given before. */
export class FolderDamaged extends PyrgosError {
  override readonly name = 'FolderDamaged';
  override readonly kind = 'damaged';
  constructor(what: string, options?: ErrorOptions) {
    super(`Part of this folder’s list is missing or damaged (${what}).`, options);
  }
}

/** An entry whose target is gone, as an interrupted deletion leaves behind (A-9 §11). It can be removed. */
export class DanglingEntry extends PyrgosError {
  override readonly name = 'DanglingEntry';
  override readonly kind = 'damaged';
  constructor(entryName: string) {
    super(`What “${entryName}” pointed to is gone. You can remove it.`);
  }
}

/** A guest, who came by a link, has no tree of his own. */
export class NoHome extends PyrgosError {
  override readonly name = 'NoHome';
  override readonly kind = 'refused';
  constructor() {
    super('Nobody is signed in here, so there is no drive of your own.');
  }
}

/** The file on this computer changed, or went away, while it was being read. */
export class SourceChanged extends PyrgosError {
  override readonly name = 'SourceChanged';
  override readonly kind = 'conflict';
  constructor({
    message = 'The file changed while it was being read. Try again when nothing writes to it.',
    ...options
  }: ErrorOptions & { readonly message?: string } = {}) {
    super(message, options);
  }
}

/** A stored file that is being copied cannot be read; the cause says why. */
export class SourceUnreadable extends PyrgosError {
  override readonly name = 'SourceUnreadable';
  override readonly kind: ErrorKind;
  override readonly cause: PyrgosError;
  constructor(cause: PyrgosError) {
    super(cause.message, { cause });
    this.kind = cause.kind;
    this.cause = cause;
  }
}

/** An entry that the folder's list names, but that is not to be opened; the sentence says why. */
export class UnreadableEntry extends PyrgosError {
  override readonly name = 'UnreadableEntry';
  override readonly kind = 'damaged';
}

/** Entries that could not be read as a whole stayed where they were; all others were moved. */
export class MoveIncomplete extends PyrgosError {
  override readonly name = 'MoveIncomplete';
  override readonly kind = 'damaged';
  readonly leftOut: readonly LeftOut[];
  constructor(leftOut: readonly LeftOut[]) {
    const [first] = leftOut;
    const more = leftOut.length > 1 ? ` So do ${leftOut.length - 1} more.` : '';
    super(
      `“${first?.path.join('/')}” cannot be read, so what holds it stays where it was.${more} ` +
        (first?.error.message ?? ''),
    );
    this.leftOut = leftOut;
  }
}

/** Somebody rewrote the stored file between two parts of one reading. */
export class FileChangedWhileReading extends PyrgosError {
  override readonly name = 'FileChangedWhileReading';
  override readonly kind = 'conflict';
  constructor() {
    super('The file was changed while it was being read. Open it again.');
  }
}

/** A folder would become part of itself. */
export class MoveIntoItself extends PyrgosError {
  override readonly name = 'MoveIntoItself';
  override readonly kind = 'invalid';
  constructor(entryName: string) {
    super(`“${entryName}” cannot be put inside itself.`);
  }
}

/** A range outside the file: writing may begin at most at its end (A-9 §4). */
export class RangeOutsideFile extends PyrgosError {
  override readonly name = 'RangeOutsideFile';
  override readonly kind = 'invalid';
  constructor() {
    super('This position lies outside the file.');
  }
}

/** A record of a running upload that cannot be read or cannot be continued (A-9 §3). */
export class BadUploadRecord extends PyrgosError {
  override readonly name = 'BadUploadRecord';
  override readonly kind = 'damaged';
}

/** The same file is on its way to the same place already. */
export class AlreadyUploading extends PyrgosError {
  override readonly name = 'AlreadyUploading';
  override readonly kind = 'conflict';
  constructor(entryName: string) {
    super(`“${entryName}” is being uploaded already.`);
  }
}

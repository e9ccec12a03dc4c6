import { expect, it } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  AlreadyUploading,
  BadUploadRecord,
  DanglingEntry,
  FileChangedWhileReading,
  FileDamaged,
  FolderDamaged,
  MoveIntoItself,
  NameExists,
  NotADirectory,
  NotAFile,
  NotWritable,
  PathNotFound,
  RangeOutsideFile,
  SourceChanged,
} from './index.ts';

it.each([
  ['AlreadyUploading', new AlreadyUploading('a')],
  ['BadUploadRecord', new BadUploadRecord('The record of an upload cannot be read.')],
  ['DanglingEntry', new DanglingEntry('a')],
  ['FileChangedWhileReading', new FileChangedWhileReading()],
  ['FileDamaged', new FileDamaged('chunk 3 is missing')],
  ['FolderDamaged', new FolderDamaged('a part of the list cannot be read')],
  ['MoveIntoItself', new MoveIntoItself('a')],
  ['NameExists', new NameExists('a')],
  ['NotADirectory', new NotADirectory('a')],
  ['NotAFile', new NotAFile('a')],
  ['NotWritable', new NotWritable('a')],
  ['PathNotFound', new PathNotFound(['a', 'b'])],
  ['RangeOutsideFile', new RangeOutsideFile()],
  ['SourceChanged', new SourceChanged()],
])('%s keeps its name when classes are renamed, and says a sentence', (name, error) => {
  expect(error).toBeInstanceOf(PyrgosError);
  expect(error.name).toBe(name);
  expect(error.message).toMatch(/^\p{L}|^“/u);
  expect(error.message).toMatch(/\.$/u);
});

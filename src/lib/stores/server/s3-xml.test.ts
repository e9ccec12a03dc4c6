import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StoreUnavailable } from '../types.ts';
import { childText, escapeXml, parseXml } from './s3-xml.ts';

test('a list is read as a tree', () => {
  const list = parseXml(
    `\ufeff<?xml version="1.0" encoding="UTF-8"?>\n<!-- a note -->
     <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
       <IsTruncated>false</IsTruncated><Prefix/>
       <Contents><Key>a&amp;b&#x2F;&#50;</Key><Size>1</Size></Contents>
       <Contents><Key><![CDATA[<c>]]></Key><Size >2</Size ></Contents>
     </ListBucketResult>`,
  );
  expect(list.name).toBe('ListBucketResult');
  expect([childText(list, 'IsTruncated'), childText(list, 'Prefix')]).toEqual(['false', '']);
  const contents = list.children.filter(({ name }) => name === 'Contents');
  expect(contents.map((item) => childText(item, 'Key'))).toEqual(['a&b/2', '<c>']);
});

test.each([
  ['', 'nothing'],
  ['text', 'text alone'],
  ['<a>', 'not closed'],
  ['<a></b>', 'closed as another'],
  ['<a/><b/>', 'two roots'],
  ['</a>', 'closed before it was opened'],
  ['<a>&other;</a>', 'an entity of its own'],
  ['<a>&#x110000;</a>', 'a character that is none'],
  ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'a document type'],
  ['<a b=c/>', 'an attribute without quotes'],
  ['<a/>text', 'text after the root'],
  ['<a>'.repeat(40) + '</a>'.repeat(40), 'too deep'],
])('%j is refused: %s', (document) => {
  expect(() => parseXml(document)).toThrow(StoreUnavailable);
});

test('escaped text is read back, and no other input throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(parseXml(`<a>${escapeXml(text)}</a>`).text).toBe(text);
    }),
  );
  const piece = fc.constantFrom(
    '<a>',
    '</a>',
    '<b x="y">',
    '</b>',
    '&lt;',
    '&',
    '<',
    '>',
    ']]>',
    't',
  );
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      try {
        parseXml(pieces.join(''));
      } catch (error) {
        expect(error).toBeInstanceOf(StoreUnavailable);
      }
    }),
  );
});

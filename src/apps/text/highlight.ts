/** Colours of code, from the tokens of the house: each is readable on paper in both themes. */
import { HighlightStyle } from '@codemirror/language';
import { tags } from '@lezer/highlight';

export const highlightStyle = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--kind-video)' },
  { tag: [tags.controlKeyword, tags.moduleKeyword], color: 'var(--kind-video)' },
  {
    tag: [tags.string, tags.special(tags.string), tags.attributeValue],
    color: 'var(--kind-table)',
  },
  { tag: [tags.regexp, tags.escape, tags.character], color: 'var(--kind-image)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit], color: 'var(--kind-slides)' },
  { tag: [tags.comment, tags.docComment], color: 'var(--faint)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.labelName], color: 'var(--kind-folder)' },
  { tag: [tags.function(tags.propertyName)], color: 'var(--kind-folder)' },
  { tag: [tags.typeName, tags.className, tags.namespace], color: 'var(--kind-app)' },
  { tag: [tags.propertyName, tags.attributeName], color: 'var(--kind-code)' },
  { tag: [tags.tagName, tags.macroName, tags.annotation], color: 'var(--kind-document)' },
  { tag: [tags.meta, tags.processingInstruction], color: 'var(--quiet)' },
  { tag: [tags.heading], color: 'var(--ink)', fontWeight: '600' },
  { tag: [tags.link, tags.url], color: 'var(--accent)' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: tags.inserted, color: 'var(--success)' },
  { tag: [tags.deleted, tags.invalid], color: 'var(--danger)' },
]);

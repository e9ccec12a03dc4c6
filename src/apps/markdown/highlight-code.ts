/** Colours in blocks of code, by the grammars of the editor. */
import { LanguageDescription } from '@codemirror/language';
import { languages } from '@codemirror/language-data';
import { classHighlighter, highlightCode } from '@lezer/highlight';

/** Longer blocks stay plain. */
const LONGEST_UNITS = 200_000;

export async function highlightBlocks(root: ParentNode): Promise<void> {
  const blocks = root.querySelectorAll<HTMLElement>('pre > code[class*="language-"]');
  await Promise.all([...blocks].map((block) => highlightBlock(block)));
}

async function highlightBlock(block: HTMLElement): Promise<void> {
  const [, name] = /language-(\S+)/u.exec(block.className) ?? [];
  const text = block.textContent;
  if (name === undefined || text.length > LONGEST_UNITS) return;
  const known = LanguageDescription.matchLanguageName(languages, name, true);
  const support = await known?.load().catch(() => undefined);
  if (support === undefined) return;
  const tree = support.language.parser.parse(text);
  const parts: (Node | string)[] = [];
  highlightCode(
    text,
    tree,
    classHighlighter,
    (code, classes) => {
      if (classes === '') return void parts.push(code);
      const span = document.createElement('span');
      span.className = classes;
      span.textContent = code;
      parts.push(span);
    },
    () => void parts.push('\n'),
  );
  block.replaceChildren(...parts);
}

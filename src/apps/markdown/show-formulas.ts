/** Formulas as MathML, which the browser draws by itself: no fonts, no styles and no scripts. */
import katex from 'katex';
import { FORMULA } from './sanitize.ts';

/** What one formula may become by its own definitions, and how large. */
const EXPANSIONS = 1_000;
const LARGEST_EM = 50;

/** Draws the formulas below `root`; one that is none stays as it is written, with the reason. */
export function showFormulas(root: ParentNode): void {
  for (const code of root.querySelectorAll<HTMLElement>(`code[${FORMULA}]`)) {
    const isBlock = code.getAttribute(FORMULA)?.endsWith(':block') === true;
    const shown = document.createElement(isBlock ? 'div' : 'span');
    shown.className = isBlock ? 'formula block' : 'formula';
    try {
      katex.render(code.textContent, shown, {
        output: 'mathml',
        displayMode: isBlock,
        trust: false,
        maxExpand: EXPANSIONS,
        maxSize: LARGEST_EM,
        strict: 'ignore',
      });
      code.replaceWith(shown);
    } catch (error) {
      code.title = error instanceof Error ? error.message : String(error);
    }
  }
}

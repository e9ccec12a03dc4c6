/**
 * Diagrams of blocks of code in the language `mermaid`, each as a picture of its own: what a text
 * says of styles, links and scripts in it has no effect beyond the picture.
 */
import mermaid from 'mermaid';

/** Longer ones stay as they are written. */
const LONGEST_UNITS = 20_000;
const MOST_EDGES = 500;
let lastId = 0;

const DIAGRAM = 'pre > code.language-mermaid';

/** Draws the diagrams below `root`; one that is none stays as it is written, with the reason. */
export async function showDiagrams(root: ParentNode): Promise<void> {
  const isDark = document.documentElement.dataset['theme'] === 'dark';
  mermaid.initialize({
    startOnLoad: false,
    securityLevel: 'strict',
    // A text may not change any of this.
    secure: Object.keys(mermaid.mermaidAPI.defaultConfig),
    theme: isDark ? 'dark' : 'default',
    htmlLabels: false,
    maxTextSize: LONGEST_UNITS,
    maxEdges: MOST_EDGES,
    suppressErrorRendering: true,
  });
  for (const code of root.querySelectorAll<HTMLElement>(DIAGRAM)) await showDiagram(code);
}

async function showDiagram(code: HTMLElement): Promise<void> {
  const text = code.textContent;
  if (text.length > LONGEST_UNITS) return;
  try {
    const { svg } = await mermaid.render(`diagram-${String(++lastId)}`, text);
    const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
    const picture = new Image();
    picture.className = 'diagram';
    picture.alt = text;
    picture.onload = picture.onerror = () => URL.revokeObjectURL(url);
    picture.src = url;
    code.parentElement?.replaceWith(picture);
  } catch (error) {
    code.title = error instanceof Error ? error.message : String(error);
  }
}

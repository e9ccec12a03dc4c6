/** The small app that "New app" makes: a list that is kept, in three files that are easy to read. */
import { composeManifest, newManifest, MANIFEST_FILE } from '#lib/apps/index.ts';
import { utf8 } from '#lib/bytes/index.ts';

export interface StarterApp {
  /** Of its folder. */
  readonly name: string;
  readonly files: readonly { readonly path: readonly string[]; readonly bytes: Uint8Array }[];
}

/** Files of a new app of this title. @throws BadManifest for a title that no manifest may have */
export function starterFiles(title: string): StarterApp {
  const manifest = newManifest({
    displayName: title,
    description: 'A list that keeps what you write.',
    permissions: ['STORE_APP_DATA'],
  });
  const page = PAGE.replaceAll('TITLE', () => escaped(title));
  return {
    name: manifest.name,
    files: [
      { path: [MANIFEST_FILE], bytes: composeManifest(manifest) },
      { path: ['assets', 'index.html'], bytes: utf8(page) },
      { path: ['assets', 'style.css'], bytes: utf8(STYLE) },
      { path: ['assets', 'app.js'], bytes: utf8(SCRIPT) },
    ],
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width">
    <title>TITLE</title>
    <link rel="stylesheet" href="style.css">
    <script type="module" src="app.js"></script>
  </head>
  <body>
    <h1>TITLE</h1>
    <form id="add"><input name="line" aria-label="New line" placeholder="Write something"><button>Add</button></form>
    <ul id="lines"></ul>
  </body>
</html>
`;

const STYLE = `body {
  max-width: 40rem;
  margin: 2rem auto;
  padding: 0 1rem;
  font: 1rem/1.5 system-ui, sans-serif;
  color-scheme: light dark;
}

form {
  display: flex;
  gap: 0.5rem;
}

input {
  flex: 1;
}

input,
button {
  font: inherit;
  padding: 0.5rem 0.75rem;
}
`;

const SCRIPT = `// Data of this app lie in its own folder of the drive: GET reads, PUT writes.
const DATA = '/peergos-api/v0/data/lines.json';

const list = document.querySelector('#lines');
let lines = [];

async function read() {
  const answer = await fetch(DATA);
  if (answer.ok) lines = await answer.json();
  show();
}

async function write() {
  await fetch(DATA, { method: 'PUT', body: JSON.stringify(lines) });
}

function show() {
  list.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement('li');
      item.textContent = line;
      return item;
    }),
  );
}

document.querySelector('#add').addEventListener('submit', (event) => {
  event.preventDefault();
  const field = event.target.elements.line;
  if (field.value.trim() === '') return;
  lines.push(field.value.trim());
  field.value = '';
  show();
  write();
});

read();
`;

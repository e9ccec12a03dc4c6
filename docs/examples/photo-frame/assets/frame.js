// Opened on a folder, the app shows its pictures. Started by itself, it asks for one.
const PICTURE = /\.(?:avif|gif|jpe?g|png|webp)$/i;
const SHOWN_MS = 6_000;

const picture = document.querySelector('#picture');
const words = document.querySelector('#words');
const choose = document.querySelector('#choose');
let turn = 0;

/** Names of the pictures directly in a folder. */
async function picturesIn(folder) {
  const answer = await fetch(encodeURI(folder));
  if (!answer.ok) return [];
  const { files } = await answer.json();
  return files.filter((name) => PICTURE.test(name)).sort();
}

async function show(folder) {
  choose.hidden = true;
  const names = await picturesIn(folder);
  if (names.length === 0) {
    words.textContent = 'There are no pictures in this folder.';
    choose.hidden = false;
    return;
  }
  const mine = ++turn;
  for (let at = 0; mine === turn; at = (at + 1) % names.length) {
    picture.src = encodeURI(`${folder}/${names[at]}`);
    picture.alt = names[at];
    words.textContent = names[at];
    await new Promise((resolve) => setTimeout(resolve, SHOWN_MS));
  }
}

choose.addEventListener('click', async () => {
  const answer = await fetch('/peergos-api/v0/folders/?multiple=false');
  const [folder] = answer.ok ? await answer.json() : [];
  if (folder !== undefined) void show(folder);
});

const opened = new URLSearchParams(location.search).get('path');
if (opened === null) choose.hidden = false;
else void show(opened);

// A board is JSON: {"todo": [texts], "doing": [texts], "done": [texts]}. Opened on a file, the app keeps
// the board in that file; started by itself, in its own data.
const COLUMNS = { todo: 'To do', doing: 'Doing', done: 'Done' };
const NAMES = Object.keys(COLUMNS);

const query = new URLSearchParams(location.search);
const file = query.get('path');
const address = file === null ? '/peergos-api/v0/data/board.json' : encodeURI(file);
const isWritable = file === null || query.get('isPathWritable') === 'true';
const status = document.querySelector('#status');

let board = { todo: [], doing: [], done: [] };

async function read() {
  const answer = await fetch(address);
  if (answer.ok) board = boardOf(await answer.text());
  show();
}

/** A file may hold anything, also nothing. */
function boardOf(text) {
  let found;
  try {
    found = JSON.parse(text);
  } catch {
    found = {};
  }
  const cards = (name) => (Array.isArray(found?.[name]) ? found[name] : []);
  return Object.fromEntries(
    NAMES.map((name) => [name, cards(name).filter((card) => typeof card === 'string')]),
  );
}

async function change(work) {
  work();
  show();
  status.textContent = 'Saving…';
  const answer = await fetch(address, { method: 'PUT', body: JSON.stringify(board) });
  status.textContent = answer.ok ? 'Saved' : 'Not saved';
  // Somebody else changed the board: what they wrote stays, and is shown.
  if (!answer.ok) await read();
}

function show() {
  document.querySelector('#columns').replaceChildren(...NAMES.map(column));
}

function column(name) {
  const section = document.createElement('section');
  const heading = document.createElement('h2');
  heading.textContent = COLUMNS[name];
  const list = document.createElement('ul');
  list.append(...board[name].map((text, at) => card(name, text, at)));
  section.append(heading, list);
  if (isWritable) section.append(form(name));
  return section;
}

function card(name, text, at) {
  const item = document.createElement('li');
  const words = document.createElement('span');
  words.textContent = text;
  item.append(words);
  const next = NAMES[NAMES.indexOf(name) + 1];
  if (!isWritable) return item;
  if (next !== undefined) {
    const move = () => {
      board[name].splice(at, 1);
      board[next].push(text);
    };
    item.append(button('→', `Move “${text}” to ${COLUMNS[next]}`, () => change(move)));
  }
  const remove = () => board[name].splice(at, 1);
  item.append(button('×', `Delete “${text}”`, () => change(remove)));
  return item;
}

function button(sign, label, act) {
  const made = document.createElement('button');
  made.textContent = sign;
  made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}

function form(name) {
  const made = document.createElement('form');
  const input = document.createElement('input');
  input.placeholder = 'New card';
  input.setAttribute('aria-label', `New card in ${COLUMNS[name]}`);
  const add = document.createElement('button');
  add.textContent = '+';
  add.setAttribute('aria-label', `Add to ${COLUMNS[name]}`);
  made.append(input, add);
  made.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (text !== '') void change(() => board[name].push(text));
  });
  return made;
}

void read();

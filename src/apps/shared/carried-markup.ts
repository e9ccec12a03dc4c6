/**
 * Markup that the person pastes or drops into something editable meets no Trusted Types policy, and an
 * app can have put it on the clipboard itself: a frame in it would connect to its host before the
 * document's policy stops the frame. So what is carried in goes through the default policy, too.
 *
 * Hostile scripts may replace any built-in afterwards, so these functions call only what they kept.
 */
const { apply, getOwnPropertyDescriptor } = Reflect;

const getterOf = (owner: object, name: string) =>
  getOwnPropertyDescriptor(owner, name)?.get ?? (() => undefined);

const clipboardOf = getterOf(ClipboardEvent.prototype, 'clipboardData');
const droppedOf = getterOf(DragEvent.prototype, 'dataTransfer');
const typeOf = getterOf(Event.prototype, 'type');
const { getData } = DataTransfer.prototype;
const { preventDefault } = Event.prototype;
const { execCommand } = Document.prototype;
const { addEventListener } = EventTarget.prototype;

interface Factory {
  readonly defaultPolicy: { createHTML(text: string): unknown } | null;
}
let policy: Factory['defaultPolicy'] | undefined;
let createHTML: ((text: string) => unknown) | undefined;

/** What the policy makes of markup; undefined where it refuses it. */
function cleaned(html: string): string | undefined {
  try {
    return createHTML === undefined ? html : `${apply(createHTML, policy, [html]) as string}`;
  } catch {
    return undefined;
  }
}

function clean(event: Event): void {
  const isPaste = apply(typeOf, event, []) === 'paste';
  const data: unknown = apply(isPaste ? clipboardOf : droppedOf, event, []);
  if (data === null || data === undefined) return;
  const html = apply(getData, data, ['text/html']);
  const allowed = cleaned(html);
  if (allowed === html) return;
  apply(preventDefault, event, []);
  // Where a drop would go is not known here; it is refused.
  if (isPaste && allowed !== undefined) {
    apply(execCommand, document, ['insertHTML', false, allowed]);
  }
}

/** Before any listener of an app; once more after the document was opened anew, which takes them away. */
export function guardCarriedMarkup(): void {
  policy ??= (globalThis as { trustedTypes?: Factory }).trustedTypes?.defaultPolicy;
  createHTML ??= policy?.createHTML;
  apply(addEventListener, globalThis, ['paste', clean, true]);
  apply(addEventListener, globalThis, ['drop', clean, true]);
}

/** `FontFace` made from an address: the font is read over the port when it is wanted. */
import type { Addresses } from '../address.ts';
import type { Files } from '../files.ts';
import { NOT_FOUND } from '../natives.ts';

const ADDRESS = /url\(\s*["']?([^"')]+)/i;

export function installFonts(files: Files, addresses: Addresses): void {
  const Native = globalThis.FontFace;
  if (Native === undefined) return;

  class AppFontFace extends Native {
    readonly #address: string | undefined;
    readonly #make: (url: string) => FontFace;
    #real: Promise<FontFace> | undefined;

    constructor(
      family: string,
      source: string | BufferSource,
      descriptors: FontFaceDescriptors = {},
    ) {
      const address = typeof source === 'string' ? ADDRESS.exec(source)?.[1] : undefined;
      const isOfApp = address !== undefined && !/^(?:data|blob):/i.test(address);
      super(family, isOfApp ? `url("${NOT_FOUND}")` : source, descriptors);
      this.#address = isOfApp ? address : undefined;
      this.#make = (url) => new Native(family, `url("${url}")`, descriptors);
    }

    override async load(): Promise<FontFace> {
      if (this.#address === undefined) return super.load();
      await this.real();
      return this;
    }

    /** The font with the address that loads, once it has; used where this one is added. */
    real(): Promise<FontFace> {
      this.#real ??= this.#read();
      return this.#real;
    }

    get isOfApp(): boolean {
      return this.#address !== undefined;
    }

    async #read(): Promise<FontFace> {
      const place = addresses.placeOf(this.#address ?? '');
      const url = place === undefined ? NOT_FOUND : await files.urlOf(place);
      return this.#make(url).load();
    }
  }
  Object.defineProperty(AppFontFace, 'name', { value: 'FontFace' });
  Object.defineProperty(globalThis, 'FontFace', { value: AppFontFace, writable: true });
  const { fonts } = document;
  const { add } = fonts;
  fonts.add = (face: FontFace) => {
    if (!(face instanceof AppFontFace) || !face.isOfApp) return add.call(fonts, face);
    void face.real().then(
      (real) => add.call(fonts, real),
      () => undefined,
    );
    return fonts;
  };
}

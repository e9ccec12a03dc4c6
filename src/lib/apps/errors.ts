/** What can go wrong with apps, each with a sentence a person can act on. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** A `peergos-app.json` that breaks a rule (C-9 §9.3); `property` says where, if it is one. */
export class BadManifest extends PyrgosError {
  override readonly name = 'BadManifest';
  override readonly kind = 'invalid';
  readonly property: string | undefined;
  readonly reason: string;

  constructor(reason: string, property?: string) {
    const where = property === undefined ? '' : ` “${property}”`;
    super(`The description of this app is not valid:${where} ${reason}.`);
    this.property = property;
    this.reason = reason;
  }
}

/** A folder or an archive that does not hold an app, or holds one that breaks a limit. */
export class BadAppPackage extends PyrgosError {
  override readonly name = 'BadAppPackage';
  override readonly kind = 'invalid';
}

/** What is about to be installed is no longer what was looked at and agreed to. */
export class AppChanged extends PyrgosError {
  override readonly name = 'AppChanged';
  override readonly kind = 'conflict';
  constructor() {
    super('The app was changed after you looked at it. Open it again before you install it.');
  }
}

/** No app of this name is installed. */
export class NoSuchApp extends PyrgosError {
  override readonly name = 'NoSuchApp';
  override readonly kind = 'not-found';
  constructor(appName: string) {
    super(`There is no app “${appName}” here.`);
  }
}

/** A signature of an app that is not valid, or not by whom it names. */
export class BadAppSignature extends PyrgosError {
  override readonly name = 'BadAppSignature';
  override readonly kind = 'refused';
}

/** A version was published with other files than the app has now. */
export class AppVersionTaken extends PyrgosError {
  override readonly name = 'AppVersionTaken';
  override readonly kind = 'conflict';
  constructor(version: string) {
    super(
      `Version ${version} of this app was published with other files. ` +
        'Give it a higher version in peergos-app.json first.',
    );
  }
}

/** A request of an app that is not answered with success; the sentence is for developers. */
export class AppRequestRefused extends PyrgosError {
  override readonly name = 'AppRequestRefused';
  override readonly kind = 'refused';
  /** HTTP status of the answer (C-9 §9.4: 400, and 404 for what is not there). */
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

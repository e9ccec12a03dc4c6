globalThis.added = 'added';

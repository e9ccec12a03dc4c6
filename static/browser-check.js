/**
 * Runs before the app, in whatever browser comes: where the app could not run, the page says which
 * browsers can. Written for the oldest of them; what is asked for came last to those the app needs.
 */
(function () {
  'use strict';
  var canRun =
    typeof Promise === 'function' &&
    typeof Promise.withResolvers === 'function' &&
    typeof AbortSignal === 'function' &&
    typeof AbortSignal.any === 'function' &&
    typeof ArrayBuffer.prototype.transfer === 'function' &&
    typeof WebAssembly === 'object' &&
    typeof indexedDB === 'object' &&
    typeof CSS === 'object' &&
    CSS.supports('color', 'light-dark(#000, #fff)');
  if (!canRun) document.documentElement.className += ' too-old';
})();

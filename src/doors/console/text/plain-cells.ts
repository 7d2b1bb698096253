/**
 * Text in which each UTF-16 unit takes one cell whatever its neighbours are: most of what the deck
 * itself writes. Its width is known without the tables of Unicode.
 */
export const PLAIN =
  /^[\u0020-\u007e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2039\u203a\u2190-\u21ff\u2264\u2265\u238b\u23ce\u23f8\u2400-\u2426\u2500-\u25fc\u26a0\u2713\u2715\u2717\u276f\u29d7\u2800-\u28ff]*$/

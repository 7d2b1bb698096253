/**
 * From here on the tables of nouns are made from their descriptors, and made anew from the journal when those change.
 * Shells used to be called sessions.
 */
export const derivedTables = `
DROP TABLE IF EXISTS session;
`

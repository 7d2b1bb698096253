/**
 * From here on the tables of nouns are created from their descriptors, and rebuilt from the journal
 * when those change. Shells used to be called sessions.
 */
export const derivedTables = `
DROP TABLE IF EXISTS session;
`

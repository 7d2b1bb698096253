/** Writes the shipped entries of programs as one text that a process reads in a moment: part of `npm run build`. */
import { writeFileSync } from 'node:fs'
import { checked } from '../src/command-analysis/programs/table-compile.ts'
import { shippedEntries } from '../src/config/programs.ts'

const entries = shippedEntries()
checked(entries)
writeFileSync(new URL('../dist/programs.json', import.meta.url), JSON.stringify(entries))

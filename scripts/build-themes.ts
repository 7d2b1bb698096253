/** Writes the shipped themes as one text that a console reads in a moment: part of `npm run build`. */
import { writeFileSync } from 'node:fs'
import { shippedThemes } from '../src/doors/console/theme/load.ts'

writeFileSync(new URL('../dist/themes.json', import.meta.url), JSON.stringify(shippedThemes()))

import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { deckHome } from '../../../src/config/home.ts'
import { trashStrayFolders } from '../../../src/domain/agents/stray-folders.ts'
import { tempFolder } from '../../support/journal.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const act of cleanups.splice(0)) act()
})

it('trashes folders that no agent owns, removes drafts, and leaves everything else', async () => {
  const home = deckHome({ CLAWDECK_HOME: tempFolder((act) => cleanups.push(act)) })
  for (const name of ['kept', 'stray', '.0123456789ab.new', 'Not-A-Name'])
    mkdirSync(join(home.agents, name), { recursive: true })
  writeFileSync(join(home.agents, 'stray', 'work.txt'), 'mine')
  writeFileSync(join(home.agents, 'file'), '')

  expect(await trashStrayFolders(home, new Set(['kept']), 1_700_000_000_000)).toEqual(['stray'])
  expect(readdirSync(home.agents).toSorted()).toEqual(['Not-A-Name', 'file', 'kept'])
  expect(readdirSync(home.trash)).toEqual(['stray.1700000000000'])
  expect(existsSync(join(home.trash, 'stray.1700000000000', 'work.txt'))).toBe(true)
  expect(await trashStrayFolders(home, new Set(['kept']), 1)).toEqual([])
})

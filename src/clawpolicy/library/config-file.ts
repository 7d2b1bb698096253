import { existsSync, readFileSync } from 'node:fs'
import { Fault } from '../../base/fault.ts'
import { JsonError, readJson, writeJson, type JsonObject } from '../files/json.ts'
import { withPreferences } from '../files/provision.ts'
import { preferencesJson, type Preferences } from '../learner/preferences.ts'
import { replaceFile } from './replace-file.ts'

/**
 * Writes preferences into a `config.json`; everything else in it stays. Throws Fault
 * `config.invalid` where the file holds no object.
 */
export function savePreferences(path: string, preferences: Preferences): void {
  const config = existsSync(path) ? configIn(path) : new Map()
  const { last_updated } = preferences.metadata
  const updated = withPreferences(config, preferencesJson(preferences), last_updated)
  replaceFile(path, writeJson(updated, { indent: 2 }))
}

function configIn(path: string): JsonObject {
  try {
    const config = readJson(readFileSync(path, 'utf8'))
    if (config instanceof Map) return config
    throw new JsonError('it holds no object', 0)
  } catch (cause) {
    if (!(cause instanceof JsonError)) throw cause
    throw new Fault('config.invalid', `${path}: ${cause.message}`, {
      cause,
      hint: 'Correct the file, or restore it from a copy; nothing was changed.',
    })
  }
}

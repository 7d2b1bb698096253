import { sha256 } from '../../base/canonical.ts'
import { writeJson, type JsonObject } from './json.ts'

/** The content hash of a record: over all its fields but the hash itself, keys sorted. */
export function computeAssetId(record: JsonObject): string {
  const content = new Map(record)
  content.delete('asset_id')
  return `sha256:${sha256(writeJson(content, { sorted: true }))}`
}

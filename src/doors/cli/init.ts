import { jsonLine } from '../../base/text.ts'
import { createAtomic, makePrivateFolder } from '../../config/files.ts'
import { openHostKey } from '../../config/host-key.ts'
import { SETTINGS_TEXT } from '../../config/settings.ts'
import type { Cli } from './cli.ts'
import { facts, write } from './terminal.ts'

/**
 * Creates the deck home: folders for its owner only, the host key, a commented `config.yaml`. What
 * exists is kept.
 */
export async function init(cli: Cli): Promise<number> {
  const { home } = cli
  for (const folder of [
    home.root,
    home.agents,
    home.templates,
    home.themes,
    home.secrets,
    home.trash,
    home.run,
    `${home.root}/logs`,
  ])
    await makePrivateFolder(folder)
  const { keyId } = await openHostKey(home.secrets)
  const fresh = await createAtomic(home.config, SETTINGS_TEXT)
  const { stdout } = cli.streams
  if (cli.json) await write(stdout, jsonLine({ home: home.root, keyId, fresh }))
  else
    await write(
      stdout,
      `${fresh ? 'The deck home was created.' : 'The deck home exists already; nothing was changed.'}\n${facts(
        cli.paint,
        [
          ['home', home.root],
          ['host key', keyId],
          ['settings', home.config],
        ],
      )}Next: clawdeck doctor, then clawdeck create coder a1\n`,
    )
  return 0
}

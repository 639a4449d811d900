import 'reflect-metadata'
import type { Config } from '../config/config.js'
import { loadConfig } from '../config/load.js'
import { codeRoot } from '../host/places.js'
import { discardKeptState, keepState, putStateBack } from './kept-state.js'
import { panelLinks } from './links.js'
import { rehearse } from './rehearsal.js'

const parts: Readonly<Record<string, (config: Config) => Promise<void>>> = {
  rehearse,
  keep: keepState,
  'put-back': putStateBack,
  discard: discardKeptState,
  async links(config) {
    process.stdout.write((await panelLinks(config)).map(link => `${link}\n`).join(''))
  },
}

/**
 * `node upgrade/main.js rehearse|keep|put-back|discard|links`: what an upgrade of the package does with the panel's state, as
 * the panel's own user and with the panel's environment. Leaves with 1 when it cannot be done, the reason on standard error.
 */
async function main(word = ''): Promise<void> {
  const part = Object.hasOwn(parts, word) ? parts[word] : undefined
  if (!part) throw new Error(`usage: node upgrade/main.js ${Object.keys(parts).join('|')}`)
  process.umask(0o077)
  const root = process.env.NUSA_ROOT ?? codeRoot
  const profile = process.env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox'
  await part(await loadConfig(process.env, { root, profile }))
}

try {
  await main(process.argv[2])
  process.exit(0)
} catch (error) {
  const { explain } = await import('../i18n/explain.js')
  process.stderr.write(`${await explain(error, process.env)}\n`)
  process.exit(1)
}

#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { homeDirectory } from '../config/load.js'
import { preferredLocale } from '../i18n/locale.js'
import { commands } from './commands.js'
import { Connection } from './connection.js'
import { CliError, exitCodes } from './exit-codes.js'
import { canonicalWords } from './operations.js'
import { runOperation } from './run-operation.js'

const root = process.env.NUSA_ROOT ?? dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))

async function main(argv: readonly string[]): Promise<number> {
  const home = homeDirectory(process.env, {
    root,
    profile: process.env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox',
  })
  const locale = preferredLocale((process.env.LC_ALL || process.env.LANG || 'en').split(/[_.]/)[0])
  const connection = new Connection(join(home, 'run', 'panel.sock'), locale)
  const context = { connection, home, root, locale, print: (text: string) => void process.stdout.write(`${text}\n`) }
  const flags = new Set(argv.filter(word => word.startsWith('--')))
  if (flags.has('--version')) {
    context.print((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
    return exitCodes.ok
  }
  const words = canonicalWords(argv)
  if (words.length === 0 || words[0] === '--help') return commands.help?.run(context, []) ?? exitCodes.ok
  for (const [name, command] of Object.entries(commands)) {
    const parts = name.split(' ')
    if (parts.every((part, index) => words[index] === part)) return command.run(context, words.slice(parts.length))
  }
  return runOperation(context, words)
}

try {
  process.exitCode = await main(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof CliError)) throw error
  process.stderr.write(`nusa: ${error.message}\n`)
  process.exitCode = error.exitCode
}

#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { adminSocketPath, cliSocketPath, homeDirectory } from '../config/load.js'
import { codeRoot } from '../host/places.js'
import { preferredLocale } from '../i18n/locale.js'
import { Connection } from './connection.js'
import type { CliContext } from './context.js'
import { dispatch } from './dispatch.js'
import { CliError, exitCodes } from './exit-codes.js'
import { inert } from './output.js'
import { cliTexts } from './texts.js'

const root = process.env.NUSA_ROOT ?? codeRoot

function contextOf(env: NodeJS.ProcessEnv): CliContext {
  const profile = env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox'
  const home = homeDirectory(env, { root, profile })
  const locale = preferredLocale((env.LC_ALL || env.LC_MESSAGES || env.LANG || 'en').split(/[_.]/)[0])
  return {
    connection: new Connection(cliSocketPath(profile, home), locale),
    home,
    root,
    adminSocket: adminSocketPath(profile, home),
    locale,
    text: cliTexts(locale),
    print: text => void process.stdout.write(`${text}\n`),
    note: text => void process.stderr.write(`${text}\n`),
  }
}

async function main(argv: readonly string[]): Promise<number> {
  const context = contextOf(process.env)
  if (argv[0] === '--version') {
    context.print((JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version)
    return exitCodes.ok
  }
  try {
    return await dispatch(context, argv)
  } catch (error) {
    if (!(error instanceof CliError)) throw error
    context.note(`nusa: ${inert(context.text(error.code, error.params))}`)
    return error.exitCode
  }
}

for (const stream of [process.stdout, process.stderr]) {
  // Whoever reads has seen enough, as `head` does: that is no failure of ours.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(process.exitCode ?? exitCodes.ok)
  })
}
process.exitCode = await main(process.argv.slice(2))

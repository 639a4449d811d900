import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { text as readAll } from 'node:stream/consumers'
import { Problem } from '@nusantara/sdk'
import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes, said } from '../exit-codes.js'

const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** 20 characters of 56: 116 bits, and nothing in it that looks like something else. */
function generatePassword(): string {
  return Array.from({ length: 20 }, () => letters[randomInt(letters.length)]).join('')
}

/**
 * Works on the state itself, because whoever needs rescue may have a panel that does not start. The store's own locking
 * keeps it apart from a running panel.
 */
async function withRescue(
  context: CliContext,
  act: (rescue: import('../../auth/rescue.js').Rescue) => Promise<void>,
): Promise<number> {
  await import('reflect-metadata')
  const [{ loadConfig }, { createPanel }, { Rescue }, { pino }] = await Promise.all([
    import('../../config/load.js'),
    import('../../panel.js'),
    import('../../auth/rescue.js'),
    import('pino'),
  ])
  const profile = process.env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox'
  try {
    const config = await loadConfig({ ...process.env, NUSA_HOME: context.home }, { root: context.root, profile })
    // Opening it would make an empty one.
    if (!config.databaseUrl && !existsSync(join(config.home, 'panel.sqlite')))
      throw new CliError(exitCodes.failed, 'rescue.no-state', { home: config.home })
    // Not the panel's log file: root would make it, and the panel could not write it.
    const panel = await createPanel(config, pino({ level: 'silent' }))
    try {
      await act(panel.container.resolve(Rescue))
    } finally {
      await panel.stop()
    }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { explain } = await import('../../i18n/explain.js')
    throw said(await explain(error, process.env))
  }
  return exitCodes.ok
}

export const resetPassword: Command = {
  usage: '<username> [--stdin]',
  args: ['username'],
  flags: { stdin: 'switch' },
  async run(context, { positional: [username = ''], flags }) {
    const given = flags.has('stdin') ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : undefined
    const password = given ?? generatePassword()
    return withRescue(context, async rescue => {
      await rescue.resetPassword(username, password)
      context.print(
        given === undefined
          ? context.text('password.new', { username, password })
          : context.text('password.set', { username }),
      )
    })
  },
}

export const disableTotp: Command = {
  usage: '<username>',
  args: ['username'],
  async run(context, { positional: [username = ''] }) {
    return withRescue(context, async rescue => {
      await rescue.disableTotp(username)
      context.print(context.text('totp.disabled', { username }))
    })
  },
}

export const setupLink: Command = {
  usage: '',
  async run(context) {
    return withRescue(context, async rescue => {
      context.print(context.text('setup.open', { path: `/setup#token=${await rescue.createSetupToken()}` }))
    })
  },
}

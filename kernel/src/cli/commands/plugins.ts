import { createInterface } from 'node:readline/promises'
import type { Methods, PolicyInfo } from '../../broker/protocol.js'
import type { CliContext, Command } from '../context.js'
import { CliError, exitCodes, said, usage } from '../exit-codes.js'
import { bold, dim, green, inert, red, yellow } from '../output.js'

const risks = { low: dim, medium: yellow, high: red }
/** As in a diff; a blank where nothing was agreed to before. */
const changes = { added: green('+'), changed: yellow('~'), removed: red('-') }

/**
 * Root's agreement to what a plugin of others may do as root. Speaks with the broker itself, past the panel: a panel that
 * was taken over must not be able to agree for root, nor to show root something else than what is agreed to.
 */
export const pluginsApprove: Command = {
  usage: '<plugin> [--yes]',
  args: ['plugin'],
  flags: { yes: 'switch' },
  async run(context, { positional: [plugin = ''], flags }) {
    const broker = await connect(context)
    try {
      const { policies } = await broker.call('policy.describe', {})
      const policy = policies.find(each => each.plugin === plugin)
      if (!policy) throw unknown(plugin, policies)
      if (policy.state === 'rejected')
        throw new CliError(exitCodes.failed, 'approve.rejected', { plugin, reason: policy.reason ?? '' })
      await show(context, policy)
      if (policy.state !== 'unapproved') {
        context.print(context.text('approve.already', { plugin }))
        return exitCodes.ok
      }
      if (!flags.has('yes') && !(await agrees(context, plugin))) {
        context.note(context.text('approve.left', { plugin }))
        return exitCodes.failed
      }
      await broker.call('policy.approve', { plugin, digest: policy.digest })
      context.print(green(context.text('approve.done', { plugin })))
      return exitCodes.ok
    } finally {
      await broker.close()
    }
  },
}

function unknown(plugin: string, policies: readonly PolicyInfo[]): CliError {
  const known = policies.filter(each => each.state !== 'rejected').map(each => each.plugin)
  return new CliError(exitCodes.failed, 'approve.unknown', { plugin, known: known.join(', ') || '—' })
}

/** What it may do, in words of the kernel's own catalogue; nothing of the plugin's is shown as it comes. */
async function show(context: CliContext, policy: PolicyInfo): Promise<void> {
  const [{ Catalogues }, { comparePrivileges }] = await Promise.all([
    import('../../i18n/catalogues.js'),
    import('../../plugins/privilege-changes.js'),
  ])
  const texts = new Catalogues()
  context.print(bold(context.text('approve.title', { plugin: policy.plugin })))
  if (policy.approved) context.print(dim(context.text('approve.compared')))
  const asked = { privileges: policy.privileges, grammars: policy.grammars ?? {} }
  const items = comparePrivileges(asked, policy.approved)
  if (items.length === 0) context.print(`  ${context.text('approve.nothing')}`)
  for (const { code, params, risk, change } of items) {
    const mark = risks[risk](context.text(`risk.${risk}`))
    const sign = policy.approved ? `${change ? changes[change] : ' '} ` : ''
    context.print(`  ${sign}${mark}  ${inert(texts.format(context.locale, code, params))}`)
  }
  for (const { name, bin } of policy.unavailable)
    context.print(dim(`  ${context.text('approve.unavailable', { name: inert(name), bin: inert(bin) })}`))
  context.print(`\n${context.text('approve.digest', { digest: policy.digest })}`)
}

/** @throws CliError `usage` where there is nobody to ask */
async function agrees(context: CliContext, plugin: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw usage('approve.no-terminal', { plugin })
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    const answer = await terminal.question(`${context.text('approve.question', { plugin })} `)
    return answer.trim() === plugin
  } catch (error) {
    // Ctrl-C or Ctrl-D is an answer, too.
    if ((error as Error).name === 'AbortError') return false
    throw error
  } finally {
    terminal.close()
  }
}

interface AdminBroker {
  call<M extends 'policy.describe' | 'policy.approve'>(
    method: M,
    params: Methods[M]['params'],
  ): Promise<Methods[M]['result']>
  close(): Promise<void>
}

/** @throws CliError `unreachable`, or what the broker says */
async function connect(context: CliContext): Promise<AdminBroker> {
  await import('reflect-metadata')
  const [{ BrokerClient }, { BrokerUnavailable }] = await Promise.all([
    import('../../broker-client/broker-client.js'),
    import('../../broker/errors.js'),
  ])
  // Who may open it is root (in the sandbox, the user that the broker runs as): its mode is the check.
  const { adminSocket: socket } = context
  const client = new BrokerClient({ brokerSocket: socket })
  return {
    async call(method, params) {
      try {
        return await client.call(method, params)
      } catch (error) {
        if (BrokerUnavailable.is(error)) {
          const code = forbidden(error) ? 'approve.forbidden' : 'broker_unreachable'
          throw new CliError(exitCodes.unreachable, code, { socket })
        }
        const { explain } = await import('../../i18n/explain.js')
        throw said(await explain(error, process.env))
      }
    },
    close: () => client.close(),
  }
}

function forbidden(error: Error): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EACCES') return true
  }
  return false
}

import 'reflect-metadata'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Problem } from '@nusantara/sdk'
import { readConfig } from '../../broker/config.js'
import { inspectHost } from '../../broker/inspection/inspection.js'
import { BrokerClient } from '../../broker-client/broker-client.js'
import type { Config } from '../../config/config.js'
import { loadConfig } from '../../config/load.js'
import { checkBroker, checkCertificate, checkPermissions, secretFiles } from '../../health/checks.js'
import { checkPanelPort } from '../../health/checks-of-ports.js'
import { checkFile } from '../../health/checks-of-state.js'
import { checked, command, type Finding, finding, inOrder } from '../../health/finding.js'
import { hostFindings } from '../../health/host-findings.js'
import type { CliContext } from '../context.js'

/**
 * What can be examined while no panel answers: its configuration, port, files and certificate, and the host, by the broker
 * over root's socket or, where that is silent too, by looking itself. Loaded only then.
 */
export async function examineWithoutPanel(
  { home, root, adminSocket }: CliContext,
  { socket, reason }: { readonly socket: string; readonly reason: string },
): Promise<readonly Finding[]> {
  const profile = process.env.NUSA_PROFILE === 'system' ? 'system' : 'sandbox'
  const see = profile === 'system' ? command('journalctl', '-u', 'nusantara-panel.service', '-n', '50') : undefined
  const silent = finding('panel', 'failed', { socket, reason }, { command: see })
  try {
    const config = await loadConfig({ ...process.env, NUSA_HOME: home }, { root, profile })
    const found = await Promise.all([ownFiles(config), host(config, adminSocket)])
    return inOrder([silent, ...checkPanelPort(config.port, profile), ...found.flat()])
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { explain } = await import('../../i18n/explain.js')
    return [silent, finding('config', 'failed', { reason: await explain(error, process.env) })]
  }
}

async function ownFiles(config: Config): Promise<readonly Finding[]> {
  const { home, databaseUrl } = config
  const absent = finding('state', 'warning', { home }, { variant: 'absent' })
  if (!existsSync(home)) return [absent]
  const made = databaseUrl !== undefined || existsSync(join(home, 'panel.sqlite'))
  const found = await Promise.all([
    checked('permissions', () => checkPermissions(home, secretFiles)),
    made ? checked('certificate', () => checkCertificate(config, new Date())) : [absent],
    // A database server is looked at by the panel, which can sign in there.
    made && databaseUrl === undefined ? checked('integrity', () => checkFile(home)) : [],
  ])
  return found.flat()
}

async function host(config: Config, adminSocket: string): Promise<readonly Finding[]> {
  const { home, profile } = config
  const broker = new BrokerClient({ brokerSocket: adminSocket })
  try {
    const { findings, report } = await checkBroker(broker, profile)
    if (report) return [...findings, ...(await hostFindings(config, report))]
    const file = profile === 'system' ? '/etc/nusantara/broker.json' : join(home, 'broker.json')
    if (!mine(file)) return [...findings, ...(await hostFindings(config))]
    const seen = await checked('units', async () =>
      hostFindings(config, { host: await inspectHost(readConfig(file), file) }),
    )
    return [...findings, ...seen]
  } finally {
    await broker.close()
  }
}

/** What somebody else's broker is told is no guide for this user; for root it would be a trap. */
function mine(file: string): boolean {
  const owner = statSync(file, { throwIfNoEntry: false })?.uid
  return owner !== undefined && owner === process.geteuid?.()
}

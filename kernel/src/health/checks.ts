import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '@nusantara/sdk'
import type { AuditLog } from '../audit/audit-log.js'
import { BrokerUnavailable } from '../broker/errors.js'
import type { HostFacts } from '../broker/inspection/facts.js'
import type { BrokerClient } from '../broker-client/broker-client.js'
import type { Config } from '../config/config.js'
import { certificateFiles, covers } from '../host/panel-certificate.js'
import type { PluginHost } from '../plugins/plugin-host.js'
import { command, type Finding, finding, reasonOf } from './finding.js'

const day = 86_400_000
/** Below the state directory; their owner's alone. */
export const secretFiles = ['tls-key.pem', 'pepper', 'secret-key', 'audit-key', 'setup-token', 'panel.sqlite']
const certificateWarnDays = 14
/** Bits that let somebody else than the owner read a secret file. */
const foreignRead = 0o077
/** Bits that let somebody else than the owner reach what is in a directory. */
const foreignPass = 0o011
/** Bits that let somebody else than the owner put files into a directory or take them out. */
const foreignWrite = 0o022

/** What the broker says of itself and of the host; undefined where it does not answer. */
export interface BrokerReport {
  /** Of the broker that answered; absent where none did. */
  readonly version?: string
  readonly host: HostFacts
}

/** The broker answers, its own journal is whole, and the host is as it should be in root's eyes. */
export async function checkBroker(
  broker: Pick<BrokerClient, 'call'>,
  profile: Config['profile'],
): Promise<{ readonly findings: readonly Finding[]; readonly report?: BrokerReport }> {
  try {
    const status = await broker.call('broker.status', {})
    const [journal, host] = await Promise.all([broker.call('audit.verify', {}), broker.call('host.inspect', {})])
    const findings = [
      finding('broker', status.isolation ? 'ok' : 'warning', { pid: status.pid, profile: status.profile }),
      finding('journal', journal.ok ? 'ok' : 'failed', { entries: journal.entries, problems: journal.problems.length }),
    ]
    return { findings, report: { version: status.version, host } }
  } catch (error) {
    const unit = 'nusantara-broker.service'
    const see = profile === 'system' ? command('systemctl', 'restart', unit) : undefined
    return { findings: [finding('broker', 'failed', { reason: reasonOf(error) }, { command: see })] }
  }
}

/** The panel's own certificate is valid for a while, belongs to its key and covers the panel's names. */
export async function checkCertificate(
  { home, hosts, profile }: Pick<Config, 'home' | 'hosts' | 'profile'>,
  now: Date,
): Promise<Finding> {
  const restart = profile === 'system' ? command('systemctl', 'restart', 'nusantara-panel.service') : undefined
  const files = certificateFiles(home)
  try {
    const certificate = new X509Certificate(await readFile(files.cert))
    const days = Math.floor((Date.parse(certificate.validTo) - now.getTime()) / day)
    if (days < 0) return finding('certificate', 'failed', { days: -days }, { command: restart })
    if (Date.parse(certificate.validFrom) > now.getTime())
      return finding('certificate', 'failed', { from: certificate.validFrom }, { variant: 'early' })
    if (!certificate.checkPrivateKey(createPrivateKey(await readFile(files.key))))
      return finding('certificate', 'failed', { file: files.key }, { variant: 'key', command: restart })
    const missing = hosts.filter(host => !covers(certificate, host)).join(', ')
    if (missing) return finding('certificate', 'warning', { names: missing }, { variant: 'names', command: restart })
    return finding('certificate', days < certificateWarnDays ? 'warning' : 'ok', { days }, { command: restart })
  } catch (error) {
    return finding('certificate', 'failed', { reason: reasonOf(error) }, { variant: 'unreadable', command: restart })
  }
}

/** Secret files, and the directory they stand in, are their owner's alone. */
export async function checkPermissions(home: string, names: readonly string[]): Promise<Finding[]> {
  const directory = await stat(home)
  const others = directory.uid !== process.geteuid?.() && process.geteuid?.() !== 0
  const open: string[] = []
  for (const name of names) {
    const file = join(home, name)
    const found = await stat(file).catch(() => undefined)
    if (found && (found.mode & foreignRead) !== 0 && (directory.mode & foreignPass) !== 0) open.push(file)
  }
  const found: Finding[] = []
  if (open.length > 0)
    found.push(
      finding('permissions', 'failed', { files: open.join(', ') }, { command: command('chmod', '600', ...open) }),
    )
  if (others || directory.mode & foreignWrite)
    found.push(finding('permissions', 'failed', { home }, { variant: 'home', command: command('chmod', 'go-w', home) }))
  return found.length > 0 ? found : [finding('permissions', 'ok')]
}

/** Every enabled plugin runs. */
export function checkPlugins(plugins: PluginHost): Finding[] {
  const broken = plugins.list().filter(plugin => plugin.enabled && plugin.state !== 'running')
  if (broken.length === 0) return [finding('plugins', 'ok', { count: plugins.list().length })]
  return broken.map(({ id, problem }) => {
    const found = finding('plugins', 'failed', { plugin: id }, { command: command('nusa', 'plugins', 'show', id) })
    // It says why, and its texts name the plugin.
    return problem ? because(found, problem) : found
  })
}

/** The audit log is whole. */
export async function checkAudit(audit: AuditLog): Promise<Finding> {
  const report = await audit.verify()
  const params = { entries: report.entries, problems: report.problems.length }
  return finding('audit', report.ok ? 'ok' : 'failed', params, { command: command('nusa', 'audit', 'verify') })
}

interface DriftedFile {
  readonly path: string
  readonly kind: string
}

/** No managed file was changed by hand, and nothing lies among them that nobody here made. */
export async function checkDrift(listDrift: () => Promise<readonly DriftedFile[]>): Promise<Finding[]> {
  let files: readonly DriftedFile[]
  try {
    files = await listDrift()
  } catch (error) {
    const found = finding('drift', 'failed', { reason: reasonOf(error) })
    return [error instanceof Problem && !BrokerUnavailable.is(error) ? because(found, error) : found]
  }
  const warning = (some: readonly DriftedFile[], variant?: string) => {
    const named = some.slice(0, 5).map(file => file.path)
    const params = { count: some.length, files: named.join(', ') }
    return finding('drift', 'warning', params, {
      ...(variant && { variant }),
      command: command('nusa', 'drift', 'list'),
    })
  }
  const foreign = files.filter(({ kind }) => kind === 'foreign')
  const edited = files.filter(({ kind }) => kind !== 'foreign')
  if (files.length === 0) return [finding('drift', 'ok')]
  return [...(edited.length ? [warning(edited)] : []), ...(foreign.length ? [warning(foreign, 'foreign')] : [])]
}

/** The finding in the words of the problem behind it. */
function because(found: Finding, { code, params }: Pick<Problem, 'code' | 'params'>): Finding {
  return {
    ...found,
    message: { code: `problem.${code}`, params },
    remedy: { code: `problem.${code}.remedy`, params },
  }
}

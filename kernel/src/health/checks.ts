import { X509Certificate } from 'node:crypto'
import { readFile, stat, statfs } from 'node:fs/promises'
import type { AuditLog } from '../audit/audit-log.js'
import type { BrokerClient } from '../broker-client/broker-client.js'
import { certificateFiles } from '../host/panel-certificate.js'
import type { PluginHost } from '../plugins/plugin-host.js'
import { type Finding, finding, reasonOf } from './finding.js'

const day = 86_400_000
const mebibyte = 1024 * 1024
const lowDisk = { failed: 512 * mebibyte, warning: 2048 * mebibyte }
const certificateWarnDays = 14
/** Bits that let somebody else than the owner read a secret file. */
const foreignRead = 0o077

/** The broker answers, and its own journal is whole. */
export async function checkBroker(broker: BrokerClient): Promise<Finding[]> {
  try {
    const status = await broker.call('broker.status', {})
    const journal = await broker.call('audit.verify', {})
    return [
      finding('broker', status.isolation ? 'ok' : 'warning', { pid: status.pid, profile: status.profile }),
      finding('journal', journal.ok ? 'ok' : 'failed', { entries: journal.entries, problems: journal.problems.length }),
    ]
  } catch (error) {
    return [finding('broker', 'failed', { reason: reasonOf(error) })]
  }
}

/** The panel's own certificate is valid for a while. */
export async function checkCertificate(home: string, now: Date): Promise<Finding> {
  try {
    const certificate = new X509Certificate(await readFile(certificateFiles(home).cert))
    const days = Math.floor((Date.parse(certificate.validTo) - now.getTime()) / day)
    if (days < 0) return finding('certificate', 'failed', { days: -days })
    return finding('certificate', days < certificateWarnDays ? 'warning' : 'ok', { days })
  } catch (error) {
    return finding('certificate', 'failed', { days: 0, reason: reasonOf(error) })
  }
}

/** Room for state, journal and sites. @param freeBytes what an unprivileged user may still write below a path */
export async function checkDisk(home: string, freeBytes = freeBytesOf): Promise<Finding> {
  const free = await freeBytes(home)
  const status = free < lowDisk.failed ? 'failed' : free < lowDisk.warning ? 'warning' : 'ok'
  return finding('disk', status, { home, megabytes: Math.floor(free / mebibyte) })
}

async function freeBytesOf(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path)
  return bavail * bsize
}

/** Secret files are readable by their owner alone. */
export async function checkPermissions(files: readonly string[]): Promise<Finding> {
  const open: string[] = []
  for (const file of files) {
    const found = await stat(file).catch(() => undefined)
    if (found && (found.mode & foreignRead) !== 0) open.push(file)
  }
  return finding('permissions', open.length > 0 ? 'failed' : 'ok', { files: open.join(', ') })
}

/** Every enabled plugin runs. */
export function checkPlugins(plugins: PluginHost): Finding {
  const broken = plugins.list().filter(plugin => plugin.enabled && plugin.state !== 'running')
  const names = broken.map(plugin => plugin.id).join(', ')
  return finding('plugins', broken.length > 0 ? 'failed' : 'ok', { names, count: plugins.list().length })
}

/** The audit log is whole. */
export async function checkAudit(audit: AuditLog): Promise<Finding> {
  const report = await audit.verify()
  return finding('audit', report.ok ? 'ok' : 'failed', { entries: report.entries, problems: report.problems.length })
}

/** No managed file was changed by hand. */
export async function checkDrift(listDrift: () => Promise<readonly { readonly path: string }[]>): Promise<Finding> {
  try {
    const files = await listDrift()
    return finding('drift', files.length > 0 ? 'warning' : 'ok', {
      count: files.length,
      files: files
        .map(file => file.path)
        .slice(0, 5)
        .join(', '),
    })
  } catch (error) {
    return finding('drift', 'failed', { count: 0, files: '', reason: reasonOf(error) })
  }
}

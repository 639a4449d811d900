import semver from 'semver'
import type { HostFacts } from '../broker/inspection/facts.js'
import { kernelVersion } from '../host/places.js'
import type { State } from '../state/state.js'
import { command, type Finding, finding } from './finding.js'

/** The oldest runtime that panel and broker are made for. */
const oldest = '22.13.0'

/** Panel, broker, runtimes and distribution go together. */
export function checkVersions(
  host: Pick<HostFacts, 'runtime' | 'distribution' | 'known' | 'profile'>,
  brokerVersion = kernelVersion,
  panel = { version: kernelVersion, runtime: process.version },
): Finding[] {
  const { profile, distribution } = host
  const restart = profile === 'system' ? command('systemctl', 'restart', 'nusantara-broker.service') : undefined
  const params = { panel: panel.version, broker: brokerVersion, runtime: panel.runtime, distribution, oldest }
  const found: Finding[] = []
  if (panel.version !== brokerVersion)
    found.push(finding('versions', 'failed', params, { variant: 'differ', command: restart }))
  for (const runtime of new Set([panel.runtime, host.runtime])) {
    if (!semver.gte(runtime, oldest))
      found.push(finding('versions', 'failed', { ...params, runtime }, { variant: 'runtime' }))
  }
  if (!host.known) found.push(finding('versions', 'warning', params, { variant: 'distribution' }))
  return found.length > 0 ? found : [finding('versions', 'ok', params)]
}

/** The store's tables are those of this version: another process may have brought them further meanwhile. */
export async function checkMigrations(state: State, profile: HostFacts['profile']): Promise<Finding[]> {
  const { pending, unknown } = await state.migrations()
  const restart = profile === 'system' ? command('systemctl', 'restart', 'nusantara-panel.service') : undefined
  const params = { pending: pending.join(', '), unknown: unknown.join(', ') }
  if (unknown.length > 0) return [finding('versions', 'failed', params, { variant: 'newer' })]
  return pending.length > 0 ? [finding('versions', 'failed', params, { variant: 'older', command: restart })] : []
}

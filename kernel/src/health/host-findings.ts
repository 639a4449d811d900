import type { Config } from '../config/config.js'
import { roomAt } from '../host/file-system.js'
import type { BrokerReport } from './checks.js'
import {
  checkPanelSocket,
  checkPermissionFacts,
  checkPublicPorts,
  checkRoom,
  checkSynchronization,
  checkUnits,
  checkUpgrade,
} from './checks-of-host.js'
import { checkVersions } from './checks-of-versions.js'
import { checked, type Finding } from './finding.js'

/** What is right and wrong with the host; without a report, what can be seen of it without root's eyes. */
export async function hostFindings(
  { home, port }: Pick<Config, 'home' | 'port'>,
  report?: BrokerReport,
): Promise<readonly Finding[]> {
  const room = await checked('disk', async () =>
    checkRoom([{ path: home, ...(await roomAt(home)) }, ...(report?.host.disks ?? [])]),
  )
  if (!report) return room
  const { host, version } = report
  const seen = await checked('units', async () => [
    ...checkPublicPorts(host),
    ...checkPanelSocket(host.units, port),
    ...checkUnits(host),
    ...checkPermissionFacts(host),
    ...checkSynchronization(host),
    ...checkVersions(host, version),
    ...checkUpgrade(host),
  ])
  return [...room, ...seen]
}

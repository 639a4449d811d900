import { access, constants } from 'node:fs/promises'
import { join } from 'node:path'
import type { PluginManifest } from '@nusantara/sdk'

type Condition = NonNullable<PluginManifest['conditions']>[number]

/** The path that the broker gives to what it runs, not that of the panel's own environment. */
const path = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin']

/** The conditions whose command is not installed. */
export async function missingConditions(conditions: readonly Condition[] = []): Promise<Condition[]> {
  const found = await Promise.all(conditions.map(({ command }) => installed(command)))
  return conditions.filter((_condition, index) => !found[index])
}

async function installed(command: string): Promise<boolean> {
  const tries = path.map(directory => access(join(directory, command), constants.X_OK).then(() => true))
  return Promise.any(tries).catch(() => false)
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestPanel } from '@nusantara/sdk/testing'
import { treeOf } from '../../broker/testing/tree-hash.js'

interface Entry {
  readonly action: string
  readonly params?: { readonly job?: string }
}

/** What is wrong with the records of a job: the chain, the broker's journal beside it, the intent and the result. */
export async function recordFaults(panel: TestPanel, jobId: string): Promise<readonly string[]> {
  const admin = panel.as('admin')
  const faults: string[] = []
  const report = await admin.get<{ ok: boolean; problems: unknown }>('/audit/verify')
  if (report.body.ok !== true) faults.push(`audit verify: ${JSON.stringify(report.body.problems ?? report.body)}`)
  const { body } = await admin.get<{ items: readonly Entry[] }>('/audit?limit=100')
  const own = body.items.filter(({ params }) => params?.job === jobId).map(({ action }) => action)
  if (own.length !== 2 || own[0] !== 'jobs.finished')
    faults.push(`the audit has ${own.join(', ') || 'nothing'} of the job instead of its intent and its end`)
  return faults
}

/** Files below the home that hold one of the secrets. */
export function leaks(home: string, secrets: readonly string[]): readonly string[] {
  return [...treeOf(home)]
    .filter(([name, kind]) => !name.endsWith('/') && kind.startsWith('100'))
    .flatMap(([name]) => {
      const content = readFileSync(join(home, name))
      return secrets.filter(secret => content.includes(secret)).map(secret => `${name} holds '${secret}'`)
    })
}

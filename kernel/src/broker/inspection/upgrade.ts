import { readGuarded } from '../policy/source.js'
import { line, object } from '../schema.js'
import type { UpgradeFacts } from './facts.js'

const check = object({
  from: line({ max: 64 }),
  to: line({ max: 64 }),
  at: line({ max: 32 }),
  reason: line({ max: 1000 }),
})

/** The record that an upgrade leaves when it fell back to the version before; undefined when there is none. @throws Error */
export function upgradeTakenBack(file: string): UpgradeFacts | undefined {
  try {
    return check(JSON.parse(readGuarded(file).toString('utf8')), '')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

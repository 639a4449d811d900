import type { Message } from '@nusantara/sdk'
import type { Finding, Group } from './finding.js'

/** One finding in words of the reader's language: what the API answers and `nusa doctor --json` prints. */
export interface HealthView {
  /** Of the check; several findings of one check share it. */
  readonly id: string
  readonly group: Group
  readonly status: Finding['status']
  /** Stable name of what was found, unlike its words. */
  readonly code: string
  readonly message: string
  /** What to do, unless all is well. */
  readonly remedy?: string
  /** What root types to mend it or to see more, where that is a command. */
  readonly command?: string
  /** Whose check it is; absent for the panel's own. */
  readonly plugin?: string
}

/** @param text a message in the reader's language */
export function viewOf({ message, remedy, ...rest }: Finding, text: (message: Message) => string): HealthView {
  const { id, group, status, command, plugin } = rest
  return {
    ...{ id, group, status, code: message.code, message: text(message) },
    ...(remedy && { remedy: text(remedy) }),
    ...(command !== undefined && status !== 'ok' && { command }),
    ...(plugin !== undefined && { plugin }),
  }
}

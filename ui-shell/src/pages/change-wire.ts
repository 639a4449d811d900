import { type Message, t } from '@nusantara/sdk/ui'

export interface ChangedFile {
  readonly path: string
  readonly action: 'create' | 'modify' | 'delete' | 'none'
  /** Absent in lists, empty where the contents are not kept any more. */
  readonly diff?: string
}

export type ChangeState = 'planned' | 'applying' | 'applied' | 'failed' | 'reverted' | 'awaiting_confirmation'

/** `GET /api/v1/changes/:id`, and an entry of the list. */
export interface Change {
  readonly id: string
  readonly plugin: string
  readonly change: string
  readonly tenant: string | null
  readonly state: ChangeState
  readonly revision: string | null
  readonly jobId: string | null
  readonly actor: { readonly kind: string; readonly id: string; readonly name: string }
  readonly at: string
  readonly reverts: string | null
  readonly revertsId?: string | null
  readonly revertedBy?: string | null
  readonly reason: { readonly title: Message & { readonly text: string }; readonly operation: string } | null
  readonly files?: readonly ChangedFile[]
}

/** What it was for: its job in a sentence, else its name in the plugin. */
export function changeTitle({ reason, change, plugin, reverts }: Change): string {
  if (reason?.title.text && reason.title.text !== reason.title.code) return reason.title.text
  if (reverts !== null) return t('change.reversal')
  return `${plugin} · ${change}`
}

/** Those that it touched. */
export function touched({ files }: Change): readonly ChangedFile[] {
  return files?.filter(({ action }) => action !== 'none') ?? []
}

/** It is in force, so that it can be taken back. */
export function isRevertible({ state }: Change): boolean {
  return state === 'applied' || state === 'awaiting_confirmation'
}

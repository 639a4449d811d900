import { asProblem } from './problem.js'

export type Tone = 'neutral' | 'success' | 'warning' | 'danger' | 'info'

export interface Toast {
  readonly id: number
  readonly message: string
  readonly detail?: string
  readonly tone: Tone
  readonly at: Date
  readonly action?: { readonly label: string; readonly href: string }
}

type Listener = (toast: Toast) => void
const listeners = new Set<Listener>()
const mostKept = 50
let kept: readonly Toast[] = []
let last = 0

/** Tells the reader what happened, without taking the focus. */
export function toast(message: string, options: Partial<Omit<Toast, 'id' | 'message' | 'at'>> = {}): void {
  const next: Toast = { id: ++last, message, tone: 'neutral', ...options, at: new Date() }
  kept = [next, ...kept].slice(0, mostKept)
  for (const listener of listeners) listener(next)
}

/** A failure outside any form: cause and remedy. */
export function toastProblem(error: unknown): void {
  const problem = asProblem(error)
  toast(problem.reason, { tone: 'danger', ...(problem.remedy ? { detail: problem.remedy } : {}) })
}

/** What was told since the page was loaded, newest first: the last fifty. */
export function toasts(): readonly Toast[] {
  return kept
}

export function onToast(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

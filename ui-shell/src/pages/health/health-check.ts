/** A finding of `GET /api/v1/health`. */
export interface Check {
  readonly id: string
  readonly group: 'server' | 'panel' | 'security' | 'work' | 'plugins'
  readonly status: 'ok' | 'warning' | 'failed'
  readonly code: string
  readonly message: string
  readonly remedy?: string
  readonly command?: string
  readonly plugin?: string
}

export interface Examination {
  /** ISO 8601. */
  readonly checkedAt: string
  readonly status: Check['status']
  readonly items: readonly Check[]
}

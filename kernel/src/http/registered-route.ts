import type { HttpMethod, RouteDefinition, Schema } from '@nusantara/sdk'
import type { KernelRequest } from './kernel-request.js'

/** A route as the server mounts it and as test generators read it: every default filled in. */
export interface RegisteredRoute {
  /** `kernel` or the plugin's id. */
  readonly owner: string
  readonly operation: string
  readonly method: HttpMethod
  /** Whole path with parameters, `/api/v1/sites/:id`. */
  readonly path: string
  readonly permission: string
  /** Of the permission, as its owner declares it now. */
  readonly risk: 'low' | 'high'
  readonly resource?: { readonly type: string; readonly param: string }
  readonly summary: string
  readonly params?: Schema<unknown>
  readonly query?: Schema<unknown>
  readonly body?: Schema<unknown>
  readonly response?: Schema<unknown>
  /** Of a success that is neither a submission nor empty. */
  readonly status: number
  readonly produces: string
  readonly change: boolean
  readonly csrf: boolean
  readonly bodyLimit: number
  readonly audit: boolean
  readonly cli: RouteDefinition['cli']
  /** Paths of text fields that may hold line breaks and tabs, `files.*.content`. */
  readonly multiline: ReadonlySet<string>
  handler(request: KernelRequest): Promise<unknown>
}

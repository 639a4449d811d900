import { Joi, object, type Page, type Schema } from '@nusantara/sdk'
import type { Permission } from './access.js'
import { type Orders, type Sort, sortsOf } from './ordered.js'

/** Letters, digits and `. _ - @`, at most 64, beginning and ending with a letter or digit: no look-alikes, no spaces. */
export const username = Joi.string()
  .pattern(/^[A-Za-z0-9](?:[A-Za-z0-9._@-]{0,62}[A-Za-z0-9])?$/, 'username')
  .max(64)
/** Length in characters and everything else is the password policy's to say; this bounds the work. */
export const password = Joi.string().max(1024)
export const locale = Joi.string().valid('en', 'id')
export const id = Joi.string().pattern(/^[A-Za-z0-9-]{1,64}$/, 'id')
export const label = Joi.string().trim().min(1).max(64)
export const permissionList = Joi.array().items(Joi.string().max(128)).max(500).unique()

export const permissionView = object<Permission>({
  name: Joi.string().required(),
  owner: Joi.string().required(),
  risk: Joi.string().valid('low', 'high').required(),
  user: Joi.boolean().required(),
})

export interface IdParams {
  readonly id: string
}
export const idParams: Schema<IdParams> = object<IdParams>({ id: id.required() })

export interface ListQuery {
  readonly limit: number
  readonly cursor?: string
  readonly q?: string
}
const listKeys = {
  limit: Joi.number().integer().min(1).max(200).default(50),
  cursor: Joi.string().max(256),
  q: Joi.string().max(128),
}

export interface OrderedQuery<Name extends string> extends ListQuery {
  readonly sort?: Sort<Name>
}

/** By the first of the orders, unless the request names another. */
export function orderedQuery<Name extends string>(orders: Orders<Name>): Schema<OrderedQuery<Name>> {
  const sorts = sortsOf(orders)
  return object<OrderedQuery<Name>>({
    ...listKeys,
    sort: Joi.string()
      .valid(...sorts)
      .default(sorts[0]),
  })
}

export function pageOf<T>(item: Schema<T>): Schema<Page<T>> {
  // A required item would demand that there is one.
  return object<Page<T>>({
    items: Joi.array().items(item.optional()).required(),
    nextCursor: Joi.string(),
    total: Joi.number(),
  })
}

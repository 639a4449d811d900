import { Joi, object, type Page, type Schema } from '@nusantara/sdk'
import type { Runtimes, Site, SiteLog } from '../../api.js'
import type { LogQuery } from '../logs/read-log.js'
import { logNames } from '../logs/read-log.js'
import type { ListQuery } from '../store/site-list.js'
import { sortKeys } from '../store/site-list.js'

const text = Joi.string().allow('').required()
const texts = Joi.array().items(Joi.string()).required()

const authority = Joi.string().valid('owner', 'administrator')

const runtime = Joi.alternatives(
  Joi.object({ type: Joi.valid('static').required() }),
  Joi.object({ type: Joi.valid('panel').required() }),
  Joi.object({
    type: Joi.valid('php').required(),
    version: text,
    settings: Joi.object().pattern(Joi.string(), Joi.string()).required(),
    processes: Joi.number().required(),
  }),
  Joi.object({ type: Joi.valid('proxy').required(), target: text, timeout: Joi.number().required() }),
  Joi.object({
    type: Joi.valid('redirect').required(),
    target: text,
    status: Joi.number().required(),
    keepPath: Joi.boolean().required(),
  }),
)

export const siteSchema: Schema<Site> = object<Site>({
  id: text,
  tenant: text,
  accountId: text,
  state: Joi.string().valid('pending', 'active', 'deleting').required(),
  job: Joi.string(),
  domain: text,
  unicodeDomain: text,
  aliases: texts,
  runtime: runtime.required(),
  documentRoot: text,
  index: texts,
  errorPages: Joi.object().pattern(Joi.string(), Joi.string()).required(),
  uploadLimit: text,
  directives: text,
  suspended: Joi.boolean().required(),
  suspension: Joi.object({ by: authority.required(), at: text, reason: Joi.string() }),
  proxyTargetBy: authority,
  notices: Joi.array().items(
    Joi.object({
      code: Joi.valid('proxy_port').required(),
      params: Joi.object({ port: Joi.number().required() }).required(),
    }),
  ),
  createdAt: text,
  updatedAt: text,
})

export const pageSchema: Schema<Page<Site>> = object<Page<Site>>({
  items: Joi.array().items(siteSchema).required(),
  nextCursor: Joi.string(),
  total: Joi.number(),
})

export const runtimesSchema: Schema<Runtimes> = object<Runtimes>({
  php: texts,
  phpSettings: Joi.array()
    .items(
      Joi.object({
        name: text,
        kind: text,
        default: text,
        choices: Joi.array().items(Joi.string()),
        min: Joi.number(),
        max: Joi.number(),
      }),
    )
    .required(),
  redirectStatuses: Joi.array().items(Joi.number()).required(),
  proxy: Joi.object({ anyTarget: Joi.boolean().required(), ports: text }).required(),
  panel: Joi.boolean().required(),
  ports: Joi.object({ http: Joi.number().required(), https: Joi.number().required() }).required(),
  defaults: Joi.object({ documentRoot: text, index: texts, uploadLimit: text }).required(),
})

export const logSchema: Schema<SiteLog> = object<SiteLog>({
  log: Joi.string()
    .valid(...logNames)
    .required(),
  lines: Joi.array().items(Joi.string().allow('')).required(),
  truncated: Joi.boolean().required(),
  size: Joi.number().required(),
})

export const idSchema = object<{ id: string }>({ id: Joi.string().max(64).required() })

export const listQuery: Schema<ListQuery> = object<ListQuery>({
  q: Joi.string().max(253).allow(''),
  limit: Joi.number().integer().min(1).max(200).default(50),
  cursor: Joi.string().max(1000),
  sort: Joi.string()
    .valid(...sortKeys)
    .default('domain'),
})

export const logQuery: Schema<LogQuery> = object<LogQuery>({
  log: Joi.string()
    .valid(...logNames)
    .default('access'),
  lines: Joi.number().integer().min(1).max(1000).default(200),
  q: Joi.string().max(200).allow(''),
})

export const deleteQuery = object<{ confirm?: string; keepFiles?: boolean }>({
  confirm: Joi.string().max(1000),
  keepFiles: Joi.boolean().default(false),
})

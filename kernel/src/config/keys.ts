import { Joi } from '@nusantara/sdk'

export interface ConfigKey {
  /** Dotted path in the configuration file. */
  readonly key: string
  /** Environment variable that overrides it. */
  readonly env?: string
  readonly schema: Joi.Schema
  /** One line for the README's table. */
  readonly about: string
  /** How the environment's text becomes a value; default: Joi's own conversion. */
  readonly list?: boolean
}

const port = Joi.number().integer().min(1).max(65535)
const hostname = Joi.string().hostname()
const absolute = Joi.string().pattern(/^\//, 'absolute path')
const addresses = Joi.array().items(Joi.string().ip({ cidr: 'optional' }))

/** Every key a start can be told, once: the file's schema, the environment and the documentation follow from it. */
export const configKeys: readonly ConfigKey[] = [
  {
    key: 'port',
    env: 'NUSA_PORT',
    schema: Joi.number().integer().min(0).max(65535).default(8443),
    about:
      'HTTPS port of the panel (0: any free port). Under systemd its socket unit decides: `systemctl edit nusantara-panel.socket`.',
  },
  {
    key: 'listen',
    env: 'NUSA_LISTEN',
    list: true,
    schema: Joi.array()
      .items(Joi.string().ip({ cidr: 'forbidden' }))
      .min(1)
      .default(['::']),
    about: 'Addresses the panel listens on. `::` takes IPv4 too.',
  },
  {
    key: 'hosts',
    env: 'NUSA_HOSTS',
    list: true,
    schema: Joi.array().items(hostname).default([]),
    about: "Host names of the panel. Besides them only localhost and this machine's addresses are answered.",
  },
  {
    key: 'trustedProxies',
    env: 'NUSA_TRUSTED_PROXIES',
    list: true,
    schema: addresses.default([]),
    about: 'Addresses or CIDR ranges of reverse proxies whose X-Forwarded-For is believed.',
  },
  {
    key: 'sites.httpPort',
    env: 'NUSA_SITES_HTTP_PORT',
    schema: port.default(8080),
    about: 'Port on which published sites answer HTTP (sandbox profile).',
  },
  {
    key: 'sites.httpsPort',
    env: 'NUSA_SITES_HTTPS_PORT',
    schema: port.default(8444),
    about: 'Port on which published sites answer HTTPS (sandbox profile).',
  },
  {
    key: 'databaseUrl',
    env: 'DATABASE_URL',
    schema: Joi.string().uri({ scheme: ['postgres', 'postgresql'] }),
    about: 'State in PostgreSQL, `postgres://user@host/name`. Default: SQLite in the state directory.',
  },
  {
    key: 'audit.keepDays',
    env: 'NUSA_AUDIT_KEEP_DAYS',
    schema: Joi.number().integer().min(1).max(36500),
    about:
      'Days after which audit entries are sealed into files, each night. Default: they stay in the store for ever.',
  },
  {
    key: 'audit.segmentDir',
    env: 'NUSA_AUDIT_SEGMENT_DIR',
    schema: absolute,
    about: 'Directory of sealed audit segments. Default: `audit-segments` in the state directory.',
  },
  {
    key: 'logLevel',
    env: 'NUSA_LOG_LEVEL',
    schema: Joi.string().valid('debug', 'info', 'warn', 'error', 'silent').default('info'),
    about: 'What is logged.',
  },
  {
    key: 'pluginStore',
    env: 'NUSA_PLUGIN_STORE',
    schema: absolute,
    about: 'Root-owned directory of further plugins, `<store>/<id>/<version>`.',
  },
  {
    key: 'onDemand',
    env: 'NUSA_ON_DEMAND',
    schema: Joi.boolean(),
    about:
      'Installed under systemd, the panel leaves after 10 idle minutes and is started by the next connection, job or schedule. Default: true, unless an enabled plugin is resident.',
  },
  {
    key: 'roles',
    env: 'NUSA_ROLES',
    list: true,
    schema: Joi.array().items(Joi.string().valid('web', 'runner')).min(1).default(['web', 'runner']),
    about: 'What this process does; several processes may share a PostgreSQL state.',
  },
]

/**
 * `privileges.json`: the whole of what a plugin may do as root. Data, reviewable, no code. The broker compiles it; the
 * shell shows it in words. Everything the panel can influence is a parameter with a rule.
 */
export interface Privileges {
  /** Named parameter rules. `tenant` is predefined (a registered tenant id) and may not be redeclared. */
  readonly params?: Readonly<Record<string, ParamRule>>
  readonly operations?: Readonly<Record<string, OperationRule>>
  readonly files?: Readonly<Record<string, FileRule>>
  readonly services?: Readonly<Record<string, ServiceRule>>
  readonly changes?: Readonly<Record<string, ChangeRule>>
  /** Packages of the distribution that the plugin may have installed, by the name of their set. */
  readonly packages?: Readonly<Record<string, PackageSetRule>>
  /** Private keys of tenants that the broker makes and keeps for the plugin. */
  readonly keys?: KeysRule
  /** True when the plugin may create and remove tenants. */
  readonly tenants?: boolean
}

export type ParamRule =
  /**
   * A key of the root-owned `versions.json`, or literal values: `versions.<key>` is what is present on this host,
   * `versions.<key>.known` whatever may be installed on it.
   */
  | { readonly enum: string | readonly string[] }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  | { readonly type: 'hostname'; readonly wildcard?: boolean }
  | { readonly type: 'port' }
  /** A relative path without `..`, empty or dot segments, leading `-` or control characters. */
  | { readonly type: 'path'; readonly maxLength?: number }
  /** An anchored pattern; the compiled expression is `^(?:pattern)$` with the `u` flag. */
  | { readonly type: 'pattern'; readonly pattern: string; readonly maxLength: number }

/**
 * One word of an argv, path or unit: a literal (in which `${etc} ${run} ${log} ${state} ${www}` are host roots), a
 * parameter, every value of a list parameter as one word each, or a concatenation.
 * In `path`, `unit` and `bin` only enum parameters and `tenant` are allowed.
 */
export type Word = string | { readonly param: string } | { readonly each: string } | readonly Word[]

export interface OperationRule {
  readonly bin: Word
  readonly argv: readonly Word[]
  /** Who it runs as; `tenant` drops to the tenant's uid with no capabilities and no new privileges. */
  readonly runAs: 'root' | 'tenant'
  /** `tenant:home`, `tenant:root`, `tenant:tmp`, or a host root. Default `/`. */
  readonly cwd?: string
  /** Whether the caller may send standard input, and at most how many bytes. */
  readonly stdin?: { readonly maxBytes: number }
  /** `30s`, `10m`. Default 30s. */
  readonly timeout?: string
  /** Bytes of standard output and error kept. Default 1 MiB. */
  readonly maxOutput?: number
  /** How many may run at once. Default 4. */
  readonly concurrency?: number
  readonly risk: 'low' | 'medium' | 'high'
  /** Exit codes that mean success. Default [0]. */
  readonly exitCodes?: readonly number[]
}

export type FileFormat = 'block' | 'ini' | 'unit' | 'crontab' | 'json' | 'env' | 'pem' | 'opaque'

export interface FileRule {
  readonly path: readonly Word[]
  readonly format: FileFormat
  /** File beside `privileges.json`, see {@link Grammar}. Not for `opaque`. */
  readonly grammar?: string
  readonly owner: 'root' | 'panel' | 'tenant'
  /** Octal, `0644`. Never with setuid, setgid or world-writable bits. */
  readonly mode: string
  readonly maxBytes: number
  /** Diffed by hash alone, never shown. */
  readonly secret?: boolean
  /** A symbolic link may stand at the path, as distributions enable things by them: it is replaced, removed and put back. */
  readonly mayBeLink?: boolean
}

export interface ServiceRule {
  /** The systemd unit of the `system` profile. A `tenant` or enum parameter makes one service an instance. */
  readonly unit: Word
  readonly verbs: readonly ('start' | 'stop' | 'reload' | 'restart' | 'status')[]
  /** Checks the whole configuration; run against the staged tree before anything is renamed into place. */
  readonly check?: { readonly bin: Word; readonly argv: readonly Word[]; readonly timeout?: string }
  /** How a running service takes a new configuration. Without it: restart. */
  readonly reload?: { readonly signal: 'HUP' | 'USR1' | 'USR2' }
  /** The directory that a check needs whole, `${etc}/web`: staged with the new files in place. */
  readonly stage?: readonly Word[]
  /** How the `sandbox` profile runs it, in the foreground. */
  readonly sandbox?: { readonly bin: Word; readonly argv: readonly Word[] }
  /** A file the broker adds to every batch of this service, so that a probe can tell the new configuration from the old. */
  readonly revision?: { readonly path: readonly Word[]; readonly format: FileFormat; readonly tree: readonly unknown[] }
  /**
   * Under systemd a `.socket` unit of the same name holds the service's socket: it is what is enabled, and the service
   * itself may rest until somebody connects.
   */
  readonly socket?: boolean
  /** Directories made before the service starts (below a host root), mode 0750. */
  readonly directories?: readonly (readonly Word[])[]
}

export interface ChangeRule {
  readonly files: readonly string[]
  readonly service: string
  readonly probe?: ProbeRule
  /**
   * What the service must be after the change. `running` (default): started when it is not. `follow`: running when the
   * change writes its files, stopped when it removes them.
   */
  readonly ensure?: 'running' | 'follow'
}

/** Packages that are installed together, with what they depend on. None is ever removed or downgraded for it. */
export interface PackageSetRule {
  /** Names as the distribution gives them; only enum parameters may stand in them. */
  readonly names: readonly Word[]
}

/** How a private key is made; `ec` on the NIST curves, `rsa` by its bits. */
export type KeyAlgorithm = 'ec256' | 'ec384' | 'rsa2048' | 'rsa3072' | 'rsa4096'

export interface KeysRule {
  readonly algorithms: readonly KeyAlgorithm[]
  /** The plugin may bring a key that somebody uploads. */
  readonly import?: boolean
  /** The plugin may read a key back that was made or brought as exportable. */
  readonly export?: boolean
}

export type ProbeRule =
  | {
      readonly kind: 'http'
      /** Unix socket on which the service answers the revision to any request. */
      readonly socket: readonly Word[]
      /** Fresh connections that must all answer the new revision. Default 20. */
      readonly connections?: number
      /** Asked on every public listener for each name of the change; must answer the member's revision. */
      readonly namePath?: string
    }
  /** A unix socket that accepts connections. */
  | { readonly kind: 'socket'; readonly path: readonly Word[] }
  /** The service is active and stays so for this long. */
  | { readonly kind: 'active'; readonly for: string }

/** `grammars/<name>.json`: which directives a file may hold, where, and what their arguments may be. */
export interface Grammar {
  /** Context of the top level. */
  readonly top: string
  /** Context → directive name → rule. The name `*` takes any name that fits its `name` type. */
  readonly contexts: Readonly<Record<string, Readonly<Record<string, DirectiveRule>>>>
}

export interface DirectiveRule {
  /** Leading arguments, each required unless `optional`. */
  readonly args?: readonly ArgumentRule[]
  /** Any number of further arguments of this type. */
  readonly rest?: ArgumentRule
  /** What the last argument is, in place of its turn in `args` or `rest`: of names to try, the last one means something else. */
  readonly last?: ArgumentRule
  /** Context of the block. With it the directive must have a block, without it must not. */
  readonly block?: string
  /** The context instead where it depends on what an argument says: its position, and value → context. */
  readonly blockBy?: { readonly arg: number; readonly contexts: Readonly<Record<string, string>> }
  /** May stand more than once in its context. */
  readonly repeat?: boolean
  readonly required?: boolean
  /** For the `*` directive: what its name must be. */
  readonly nameType?: ArgumentRule
}

export type PathBase =
  | 'tenant:home'
  | 'tenant:root'
  | 'tenant:tmp'
  | 'tenant:log'
  | 'tenant:run'
  | 'tenant:app'
  | 'etc'
  | 'run'
  | 'log'
  | 'state'
  | 'www'

/**
 * Argument types. Names of files, users, sockets and programs are derived here from the tenant and host roots, never
 * taken whole from the panel. Every value: no C0, C1, DEL.
 */
export type ArgumentRule = { readonly optional?: boolean } & (
  | { readonly type: 'enum'; readonly values: string | readonly string[] }
  | { readonly type: 'integer'; readonly min: number; readonly max: number }
  /** `10m`, `512k`, `1g`. */
  | { readonly type: 'size'; readonly maxBytes: number }
  /** `30s`, `5m`, `1h`, `2d`. */
  | { readonly type: 'duration'; readonly maxSeconds: number }
  /** ASCII (A-label) host name; with `wildcard`, `*.example.test` too. */
  | { readonly type: 'hostname'; readonly wildcard?: boolean }
  | { readonly type: 'address'; readonly cidr?: boolean }
  | { readonly type: 'port' }
  /** The value names a public listener of the host, `http`, `https`, `http6`, `https6`; serialized as its address and port. */
  | { readonly type: 'listener' }
  /** The value is a relative path below the base ('' is the base itself); serialized absolute, after `prefix`. */
  | { readonly type: 'path'; readonly base: PathBase; readonly prefix?: string; readonly values?: readonly string[] }
  /** The value must be `''`; serialized as the tenant's (or the web server's, the panel's) user or group name. */
  | { readonly type: 'user' | 'group'; readonly of: 'tenant' | 'web' | 'panel' }
  /** The value must be the tenant id itself, possibly with a fixed prefix and suffix. */
  | { readonly type: 'tenant'; readonly prefix?: string; readonly suffix?: string }
  /**
   * `http://host:port` of an allowed address; with `unix` also `http://unix:` and a socket below the tenant; with `panel`
   * also `panel`, the panel's own door for a web server on this machine.
   */
  | {
      readonly type: 'upstream'
      readonly hosts: 'loopback' | 'any'
      readonly unix?: PathBase
      readonly panel?: boolean
    }
  /** Absolute http(s) URL; `variables` lists variables that may stand in it, `$request_uri`. */
  | { readonly type: 'url'; readonly variables?: readonly string[] }
  /** A path on the site beginning with `/`. */
  | { readonly type: 'uri'; readonly variables?: readonly string[] }
  /** Free text, always quoted; `$` refused except in the variables listed. `pattern` is anchored. */
  | {
      readonly type: 'text'
      readonly maxLength: number
      readonly pattern?: string
      readonly variables?: readonly string[]
    }
  /** The value must be `{revision: true}`. */
  | { readonly type: 'revision' }
  /**
   * The value names a key of the tenant in the broker's keeping; serialized as its PKCS#8 PEM. Only in secret files of root
   * with mode 0600.
   */
  | { readonly type: 'key' }
  /**
   * The value is a certificate with its chain, leaf first: DER in base64, separated by a space. Serialized as PEM; with
   * `part` as that piece of it, since some syntaxes bound a word. What is served under the names of the change is compared
   * with the leaf afterwards, and a key in the same change must be the leaf's.
   */
  | { readonly type: 'certificates'; readonly part?: { readonly index: number; readonly bytes: number } }
)

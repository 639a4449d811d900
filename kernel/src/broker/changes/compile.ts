import type { Argument, ChangeRule, Directive, FileRule, Grammar, Word } from '@nusantara/sdk'
import { FileTooLarge, GrammarViolation, ParamInvalid } from '../errors.js'
import type { Derivation } from '../formats/derivation.js'
import { hostname, Refused } from '../formats/derivation.js'
import { FormatError, type KeyProof, type Rendered, type RenderedArgument } from '../formats/format.js'
import { formats } from '../formats/formats.js'
import { parseGrammar } from '../formats/grammar.js'
import { checkTree } from '../formats/grammar-check.js'
import { opaqueText } from '../formats/opaque.js'
import type { Host } from '../host.js'
import { expandPath, expandWord, namesTenant, paramsIn, type ResolvedParams, resolveParams } from '../params.js'
import type { CompiledPolicy } from '../policy.js'
import type { Methods } from '../protocol.js'
import { type ResolvedService, type ServiceRef, wordsOf } from '../services.js'
import { sha256 } from './blobs.js'
import type { ChangeServices } from './deps.js'

/** One file of a change after everything about it was checked: path, owner and mode come from the policy. */
export interface CompiledFile {
  /** Name in the manifest. */
  readonly file: string
  readonly path: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly secret: boolean
  /** A symbolic link may stand at the path. */
  readonly mayBeLink?: boolean
  /** The content is one of a symbolic link, which is put back. */
  readonly link?: true
  /** The bytes under a revision; null removes the file. */
  render(revision: string): Buffer | null
}

export interface CompiledChange {
  readonly plugin: string
  readonly policy: string
  readonly change: string
  readonly rule: ChangeRule
  readonly service: ResolvedService
  readonly params: ResolvedParams
  readonly files: readonly CompiledFile[]
  /** Names that must answer afterwards, on the listeners that the files name. */
  readonly names: readonly string[]
  /** Those of them that must answer over TLS. */
  readonly secureNames: readonly string[]
  readonly listeners: readonly string[]
  /** SHA-256 of the certificate that must be served under them, hex; absent when the change brings none. */
  readonly certificate?: string
  readonly onDrift: 'refuse' | 'discard'
  /** Identifies the request. */
  readonly digest: string
}

type Request = Omit<Methods['change.plan']['params'], 'actor' | 'jobId'>

const maxNames = 1000

/** Certificates and keys, for `pem` files without a grammar of their own. */
const pemGrammar: Grammar = parseGrammar({
  top: 'main',
  contexts: {
    main: {
      '*': {
        nameType: { type: 'text', maxLength: 64, pattern: '[A-Z0-9]+(?: [A-Z0-9]+)*' },
        args: [{ type: 'text', maxLength: 65536, pattern: '[A-Za-z0-9+/]+={0,2}' }],
        repeat: true,
      },
    },
  },
})

/** What the broker fills into trees, for one tenant or none. */
export function derivationOf(host: Host, policy: CompiledPolicy, tenant: string | undefined): Derivation {
  return {
    roots: host.roots,
    ...(tenant !== undefined && { tenant: { id: tenant, paths: host.tenantPaths(tenant) } }),
    listeners: host.listeners(),
    userName: of => host.userOf(of, tenant).name,
    groupName: of => host.groupOf(of, tenant),
    key: name => {
      const found = tenant === undefined ? undefined : host.keys.find(tenant, name)
      return found && { pem: host.keys.pem(tenant as string, name), spki: found.spki }
    },
    versions: policy.versions,
  }
}

/** The reference of a change's service: only the tenant and parameters that make it an instance. */
export function serviceOf(
  policy: CompiledPolicy,
  name: string,
  request: Pick<Request, 'tenant' | 'params'>,
): ServiceRef {
  const words = wordsOf(policy.service(name))
  const params = Object.fromEntries([...paramsIn(words).keys()].map(param => [param, request.params?.[param] ?? '']))
  return {
    plugin: policy.plugin,
    service: name,
    ...(namesTenant(words) && request.tenant !== undefined && { tenant: request.tenant }),
    ...(Object.keys(params).length > 0 && { params }),
  }
}

/**
 * Turns a request, of which nothing is believed, into files that may be written.
 *
 * @throws param_invalid, tenant_unknown, service_unknown, grammar_violation, file_too_large
 */
export function compileChange(
  host: Host,
  policy: CompiledPolicy,
  services: Pick<ChangeServices, 'resolve'>,
  request: Request,
): CompiledChange {
  const rule = policy.change(request.change)
  if (!rule) throw ParamInvalid({ param: 'change', reason: `is not a change of ${policy.plugin}` })
  const foreign = Object.keys(request.files).find(file => !rule.files.includes(file))
  if (foreign !== undefined)
    throw ParamInvalid({
      param: `files.${foreign.slice(0, 64)}`,
      reason: `is not a file of this change; it has ${rule.files.join(', ')}`,
    })
  if (request.tenant !== undefined) host.userOf('tenant', request.tenant)
  const ref = serviceOf(policy, rule.service, request)
  const service = services.resolve(ref)
  const params = paramsOf(policy, rule, request, service)
  const derivation = derivationOf(host, policy, request.tenant)
  const listeners = new Set<string>()
  const proofs: KeyProof[] = []
  const files = Object.entries(request.files).map(([file, tree]) =>
    compileFile(file, tree, policy.file(file) as FileRule, {
      host,
      policy,
      params,
      derivation,
      listeners,
      proofs,
      tenant: request.tenant,
    }),
  )
  const paths = new Set(files.map(({ path }) => path))
  if (paths.size < files.length) throw ParamInvalid({ param: 'files', reason: 'name one path twice' })
  const { onDrift = 'refuse', names = [], secureNames = names } = request
  const certificate = provenCertificate(policy, rule, request.files, proofs)
  return {
    plugin: policy.plugin,
    policy: policy.digest,
    change: request.change,
    rule,
    service,
    params,
    files,
    names: checkNames(names),
    secureNames: checkNames(secureNames),
    listeners: [...listeners],
    ...(certificate !== undefined && { certificate }),
    onDrift,
    digest: sha256(
      canonical([
        policy.plugin,
        request.change,
        request.tenant,
        request.params,
        request.files,
        names,
        ...(request.secureNames ? [request.secureNames] : []),
      ]),
    ),
  }
}

/**
 * The one certificate that stands in the files of a change. What reads a certificate and its key apart tells the world both
 * when they do not fit: so those files change all together, with every piece of one chain and the one key that is its leaf's,
 * or go all together.
 *
 * @throws param_invalid
 */
function provenCertificate(
  policy: CompiledPolicy,
  rule: ChangeRule,
  files: Request['files'],
  proofs: readonly KeyProof[],
): string | undefined {
  const refuse = (reason: string) => ParamInvalid({ param: 'files', reason })
  const related = rule.files.filter(file => policy.holdsKeyOrCertificate(file))
  const given = related.filter(file => file in files)
  if (given.length > 0 && given.length < related.length)
    throw refuse(`of a key and its certificate must be all there: ${related.join(', ')}`)
  const chains = proofs.flatMap(({ chain }) => chain ?? [])
  const [leaf] = proofs.filter(({ fingerprint }) => fingerprint)
  if (!leaf) {
    if (proofs.length > 0) throw refuse('hold a key without its certificate')
    return undefined
  }
  if (chains.some(({ whole }) => whole !== chains[0]?.whole)) throw refuse('hold two different certificates')
  const pieces = new Set(chains.map(({ index }) => index))
  const { of = 0 } = chains[0] ?? {}
  if (Array.from({ length: of }, (_, index) => index).some(index => !pieces.has(index)))
    throw refuse(`have room for fewer pieces of the chain than its ${of}; leave certificates or names out`)
  if (!proofs.some(({ fingerprint }) => !fingerprint)) throw refuse('hold a certificate without its key')
  if (proofs.some(({ spki }) => spki !== leaf.spki)) throw refuse('hold a key that is not the one of the certificate')
  return leaf.fingerprint
}

function paramsOf(
  policy: CompiledPolicy,
  rule: ChangeRule,
  request: Request,
  service: ResolvedService,
): ResolvedParams {
  const words = rule.files.flatMap(file => [...(policy.file(file)?.path ?? [])])
  if (rule.probe?.kind === 'http') words.push(...rule.probe.socket)
  if (rule.probe?.kind === 'socket') words.push(...rule.probe.path)
  const expected = new Map([
    ...paramsIn(words),
    ...[...service.params.keys()].filter(key => key !== 'tenant').map(key => [key, 'one'] as const),
  ])
  if (namesTenant(words) && request.tenant === undefined) throw ParamInvalid({ param: 'tenant', reason: 'is required' })
  return resolveParams(policy, expected, request.params, request.tenant)
}

interface FileContext {
  readonly host: Host
  readonly policy: CompiledPolicy
  readonly params: ResolvedParams
  readonly derivation: Derivation
  readonly listeners: Set<string>
  readonly proofs: KeyProof[]
  readonly tenant: string | undefined
}

function compileFile(file: string, tree: unknown, rule: FileRule, context: FileContext): CompiledFile {
  const { host, policy, params, tenant } = context
  const owner = rule.owner === 'root' ? host.own : host.userOf(rule.owner, tenant)
  const shared = {
    file,
    path: expandPath(host, [...rule.path], params),
    mode: Number.parseInt(rule.mode, 8),
    uid: owner.uid,
    gid: owner.gid,
    secret: rule.secret ?? false,
    mayBeLink: rule.mayBeLink ?? false,
  }
  if (tree === null) return { ...shared, render: () => null }
  const bounded = (text: string) => {
    const bytes = Buffer.from(text)
    if (bytes.length > rule.maxBytes) throw FileTooLarge({ file, bytes: bytes.length, maxBytes: rule.maxBytes })
    return bytes
  }
  return naming(file, () => {
    if (rule.format === 'opaque') {
      const text = (tree as { opaque?: unknown } | undefined)?.opaque
      if (typeof text !== 'string' || Object.keys(tree as object).length !== 1)
        throw new FormatError("must be {opaque: 'text'}")
      const bytes = bounded(opaqueText(text))
      return { ...shared, render: () => bytes }
    }
    const grammar = rule.grammar === undefined ? pemGrammar : policy.grammars.get(rule.grammar)
    if (!grammar) throw new FormatError(`the grammar ${rule.grammar} is not loaded`)
    const checked = checkTree(tree, grammar, context.derivation)
    for (const listener of checked.listeners) context.listeners.add(listener)
    context.proofs.push(...checked.proofs)
    const format = formats[rule.format]
    const render = (revision: string) => naming(file, () => bounded(format.serialize(checked.tree, revision)))
    // Serialized once now, so that what a syntax cannot hold is refused before anything else happens.
    render(placeholder)
    return { ...shared, render }
  })
}

/** Stands where a revision will stand, in hashes and previews. As long as a real one. */
export const placeholder = '0'.repeat(16)

function naming<T>(file: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof FormatError) throw GrammarViolation({ file, path: error.path, reason: error.reason })
    throw error
  }
}

function checkNames(names: readonly string[]): readonly string[] {
  if (names.length > maxNames) throw ParamInvalid({ param: 'names', reason: `must be at most ${maxNames}` })
  return names.map(name => {
    try {
      return hostname(name, true)
    } catch (error) {
      if (error instanceof Refused)
        throw ParamInvalid({
          param: 'names',
          reason: `'${JSON.stringify(name.slice(0, 80)).slice(1, -1)}' ${error.message}`,
        })
      throw error
    }
  })
}

/** JSON with sorted keys. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}

/** The revision file of a service: its tree stands in the manifest, so words may stand in it and any variable. */
export function revisionFile(host: Host, { rule, params }: ResolvedService): CompiledFile | undefined {
  if (!rule.revision) return undefined
  const { path, format, tree } = rule.revision
  const argument = (word: unknown): RenderedArgument => {
    if (typeof word === 'object' && word !== null && (word as { revision?: unknown }).revision === true)
      return { text: '', revision: true }
    return typeof word === 'number'
      ? { text: String(word), number: true }
      : { text: expandWord(host, word as Word, params), variables: 'any' }
  }
  const render = (directives: readonly Directive[]): Rendered[] =>
    directives.map(({ name, args = [], block }) => ({
      name,
      args: args.map(arg => argument(arg as Argument | Word)),
      ...(block && { block: render(block) }),
    }))
  const rendered = render(tree as readonly Directive[])
  const serializer = format === 'opaque' ? undefined : formats[format]
  if (!serializer) throw new Error('a revision file cannot be opaque')
  return {
    file: '',
    path: expandPath(host, [...path], params),
    mode: 0o644,
    uid: host.own.uid,
    gid: host.own.gid,
    secret: false,
    render: revision => Buffer.from(serializer.serialize(rendered, revision)),
  }
}

/** The revision that stands in a revision file as it is on the disk; undefined when it was edited. */
export function revisionIn(file: CompiledFile, bytes: Buffer): string | undefined {
  const [head = '', tail = ''] = (file.render(placeholder)?.toString('utf8') ?? '').split(placeholder)
  const text = bytes.toString('utf8')
  const revision = text.slice(head.length, head.length + placeholder.length)
  return text === `${head}${revision}${tail}` ? revision : undefined
}

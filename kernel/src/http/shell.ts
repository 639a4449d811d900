import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { inject, Lifecycle, scoped } from 'tsyringe'
import type { Config } from '../config/config.js'
import { CONFIG } from '../config/token.js'
import { type Asset, AssetDirectory } from './asset-directory.js'
import { acceptedEncoding } from './compression.js'
import { RouteNotFound, ShellMissing } from './errors.js'
import type { Exchange } from './exchange.js'
import { write } from './responder.js'
import { assetHeaders, pageHeaders } from './security-headers.js'
import { renderShellPage, type ShellManifest, type ShellPage } from './shell-page.js'
import { UiRegistry } from './ui-registry.js'

interface Built {
  readonly modifiedAt: number
  readonly manifest: ShellManifest
  readonly assets: AssetDirectory
  /** Language → page. */
  readonly pages: Map<string, ShellPage>
}

/** The web shell: one page for every path that is not the API, and the files that the page names. */
@scoped(Lifecycle.ContainerScoped)
export class Shell {
  #built: Built | undefined

  constructor(
    @inject(CONFIG) private readonly config: Config,
    private readonly ui: UiRegistry,
  ) {}

  /** @throws RouteNotFound for what is neither a page nor a file; ShellMissing when the shell was not built */
  async serve(exchange: Exchange, path: string): Promise<void> {
    const asset = await this.#asset(path)
    if (asset) return sendAsset(exchange, asset)
    const isPage =
      !path.startsWith('/assets/') && !path.startsWith('/ui/') && exchange.header('accept')?.includes('text/html')
    if (!isPage) throw RouteNotFound({ path: path.slice(0, 512) })
    const { html, inline } = await this.#page(exchange.acceptedLocale)
    const headers = { ...pageHeaders(inline), 'Content-Type': 'text/html; charset=utf-8', Vary: 'Accept-Language' }
    write(exchange.response, 200, headers, Buffer.from(html))
  }

  async #asset(path: string): Promise<Asset | undefined> {
    if (path.startsWith('/ui/')) return this.ui.asset(path.slice('/ui/'.length))
    if (!path.startsWith('/assets/')) return undefined
    return (await this.#load()).assets.find(path.slice('/assets/'.length))
  }

  async #page(locale: string): Promise<ShellPage> {
    const { manifest, pages } = await this.#load()
    const page = pages.get(locale) ?? renderShellPage(manifest, locale)
    pages.set(locale, page)
    return page
  }

  /** Read again when a build wrote a new manifest. */
  async #load(): Promise<Built> {
    const file = join(this.config.uiDir, 'manifest.json')
    try {
      const { mtimeMs: modifiedAt } = await stat(file)
      if (this.#built?.modifiedAt === modifiedAt) return this.#built
      const manifest = JSON.parse(await readFile(file, 'utf8')) as ShellManifest
      this.#built = {
        modifiedAt,
        manifest,
        assets: new AssetDirectory(join(this.config.uiDir, 'assets')),
        pages: new Map(),
      }
      return this.#built
    } catch (error) {
      throw ShellMissing({ file }, { cause: error })
    }
  }
}

async function sendAsset({ response, request }: Exchange, { file, type, encodings }: Asset): Promise<void> {
  const accepted = acceptedEncoding(request.headers['accept-encoding'])
  const encoding = accepted && encodings.has(accepted) ? accepted : undefined
  const bytes = await readFile(encoding ? `${file}.${encoding === 'br' ? 'br' : 'gz'}` : file)
  const headers = {
    ...assetHeaders,
    'Content-Type': type,
    Vary: 'Accept-Encoding',
    ...(encoding && { 'Content-Encoding': encoding }),
  }
  write(response, 200, headers, bytes)
}

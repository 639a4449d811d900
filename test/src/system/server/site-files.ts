import type { Site } from './panel.js'
import type { Server } from './server.js'

/** Where a site's own files are. */
export const filesOf = ({ tenant }: Site): string => `/srv/www/${tenant}/files`
/** What its visitors see, unless the site names another folder. */
export const publicOf = (site: Site): string => `${filesOf(site)}/public`

/** Puts a file into the site's public folder as its owner would have: the tenant's, readable by the web server. */
export async function upload(server: Server, site: Site, name: string, content: string): Promise<void> {
  const path = `${publicOf(site)}/${name}`
  const owner = ['--user', site.tenant]
  await server.ok(['runuser', ...owner, '--', 'dd', `of=${path}`, 'status=none'], { input: content })
  await server.ok(['runuser', ...owner, '--', 'chmod', '0640', path])
}

let scripts = 0

/** What PHP prints when it runs this code for a visitor of the site, as the site's tenant. */
export async function php(server: Server, site: Site, code: string): Promise<string> {
  const name = `script-${++scripts}.php`
  await upload(server, site, name, `<?php error_reporting(0); ${code}`)
  const { status, body } = await server.fetch(`http://${site.domain}/${name}`)
  if (status !== 200) throw new Error(`${site.domain}/${name} answered ${status}: ${body}`)
  return body
}

// The built package on whole servers, beside Cockpit as Debian brings it, on servers like them.
import { setTimeout as delay } from 'node:timers/promises'
import { debian } from '../../test/dist/system/server/distribution.js'
import { downloadOf, exposureOf, memoryOf, pageTime } from '../../test/dist/system/server/figures.js'
import { bootStack, install, packageFile } from '../../test/dist/system/server/installed.js'
import { panelUrl, signIn } from '../../test/dist/system/server/panel.js'
import { Server } from '../../test/dist/system/server/server.js'
import { ensureHostPackages, forServers } from '../lib/host-packages.mjs'
import { refusal, withServers } from '../lib/servers.mjs'
import { figure, median, timed } from './report.mjs'

export const names = [
  'server.package',
  'server.install',
  'server.first_site',
  'server.first_page',
  'server.memory.page',
  'server.memory.rest',
  'server.memory.resident',
  'server.memory.broker',
  'server.exposure.panel',
  'server.exposure.broker',
]

const installations = 3
const pages = 7
/** systemd starts no unit of Cockpit's more than five times in ten seconds; some of their names hold what nobody knows before. */
const betweenMs = 2_500
/** More than either waits for somebody before it leaves: Cockpit 90 s, the panel 20 s and its broker 60 s after it. */
const restMs = 150_000

const broker = 'nusantara-broker.service'
const ours = {
  packages: [packageFile],
  units: 'nusantara-*.service',
  services: ['nusantara-panel.service', broker],
  page: `${panelUrl}/`,
}
const cockpit = {
  packages: ['cockpit-ws', 'cockpit-bridge', 'cockpit-system'],
  units: 'cockpit*.service',
  services: ['cockpit.service'],
  page: 'https://localhost:9090/',
}

/** A Debian that has just been booted, and the product installed there. */
async function installed({ packages }, file) {
  const server = await Server.boot()
  await server.put(file, packageFile)
  const argv = ['apt-get', 'install', '--yes', '--no-install-recommends', ...packages]
  const download = await downloadOf(server, argv)
  await server.ok([...argv, '--download-only'])
  // Else dpkg, which waits for the disk, waits for the copy of the image too.
  await server.ok(['sync'])
  return { server, download, took: await timed(() => server.ok(argv, { timeout: 600 })) }
}

/** Both in turn, each time on servers of their own; the last of these stay. */
async function installBoth(file) {
  const rounds = []
  for (let round = 0; round < installations; round++) {
    for (const { server } of rounds.at(-1) ?? []) await server.remove()
    rounds.push([await installed(ours, file), await installed(cockpit, file)])
  }
  return [0, 1].map(index => ({ ...rounds.at(-1)[index], took: median(rounds.map(round => round[index].took)) }))
}

/** From the package to a site that answers, where the web server and PHP that it recommends are. */
async function firstSite(file) {
  const server = await bootStack()
  await server.ok(['sync'])
  const took = await timed(async () => {
    await install(server, file)
    const domain = 'first.example.test'
    await (await signIn(server)).createSite(domain)
    const { status } = await server.fetch(`http://${domain}/`)
    if (status !== 200) throw new Error(`${domain} answered ${status}`)
  })
  return { server, took }
}

/** From stopped services; what the first start ever makes, keys and caches, is there. */
async function firstPages(panel, other) {
  const cold = async (server, { services, page }) => {
    await server.ok(['systemctl', 'stop', ...services])
    // Nobody else starts them so often that systemd would refuse to.
    await server.ok(['systemctl', 'reset-failed', ...services])
    return pageTime(server, page)
  }
  const times = []
  for (let round = 0; round <= pages; round++) {
    times.push([await cold(panel, ours), await cold(other, cockpit)])
    await delay(betweenMs)
  }
  const inMiddle = index => median(times.slice(1).map(pair => pair[index]))
  return figure('server.first_page', inMiddle(0), 'ms', {
    baseline: inMiddle(1),
    target: 1000,
    about: 'first page over HTTPS from a stopped service that its socket starts; baseline: Cockpit',
  })
}

/** @param resident a server whose panel is made to stay, as a plugin that needs it does */
async function memories(panel, other, resident) {
  await resident.write('/etc/nusantara/config.json', JSON.stringify({ onDemand: false }))
  await resident.ok(['systemctl', 'restart', ours.services[0]])
  await pageTime(resident, ours.page)
  await pageTime(panel, ours.page)
  await pageTime(other, cockpit.page)
  const both = async () => [await memoryOf(panel, ours.units), await memoryOf(other, cockpit.units)]
  const [page, pageOther] = await both()
  await delay(restMs)
  const [rest, restOther] = await both()
  return [
    figure('server.memory.page', page, 'MB PSS', {
      baseline: pageOther,
      about: 'all processes once the first page was shown; baseline: Cockpit',
    }),
    figure('server.memory.rest', rest, 'MB PSS', {
      baseline: restOther,
      target: 0,
      about: 'all processes once nobody came for a while; baseline: Cockpit',
    }),
    figure('server.memory.resident', await memoryOf(resident, ours.units), 'MB PSS', {
      target: 90,
      about: 'the same of a panel that stays (onDemand: false)',
    }),
    figure('server.memory.broker', await memoryOf(resident, broker), 'MB PSS', {
      target: 0,
      about: 'the broker of a panel that stays',
    }),
  ]
}

async function exposures(panel, other) {
  const [tls, web] = ['cockpit.service', 'cockpit-wsinstance-https@.service']
  return [
    figure('server.exposure.panel', await exposureOf(panel, ours.services[0]), 'of 10', {
      baseline: await exposureOf(other, tls),
      target: 1.5,
      about: `systemd-analyze security; baseline: ${tls} (${web}: ${await exposureOf(other, web)})`,
    }),
    figure('server.exposure.broker', await exposureOf(panel, broker), 'of 10', {
      target: 4,
      about: 'the same; what Cockpit does as root runs in the login, not in a unit',
    }),
  ]
}

export async function measure() {
  if (refusal()) throw new Error(refusal())
  const missing = await ensureHostPackages(forServers)
  if (missing.length > 0) throw new Error(`missing: apt install ${missing.map(part => part.package).join(' ')}`)
  return withServers([debian], async file => {
    const [panel, other] = await installBoth(file)
    const site = await firstSite(file)
    return [
      figure('server.package', panel.download / 1e6, 'MB', {
        baseline: other.download / 1e6,
        target: 60,
        about: `all that apt downloads on a minimal ${debian.name}, without what is only recommended; baseline: Cockpit`,
      }),
      figure('server.install', panel.took / 1000, 's', {
        baseline: other.took / 1000,
        target: 30,
        about: 'apt-get install of the same once it is downloaded; baseline: Cockpit',
      }),
      figure('server.first_site', site.took / 1000, 's', {
        about: 'from apt-get install, where nginx and PHP are, to the first site answering',
      }),
      await firstPages(panel.server, other.server),
      ...(await memories(panel.server, other.server, site.server)),
      ...(await exposures(panel.server, other.server)),
    ]
  })
}

import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AptRoot } from '../apt.js'

export interface TestPackage {
  readonly name: string
  readonly version: string
  /** Further fields: `Depends`, `Conflicts` … */
  readonly fields?: Readonly<Record<string, string>>
  /** Shell script run when it is configured; the marker directory is `$MARKS`. */
  readonly postinst?: string
  /** Content of its file `/etc/<name>.conf`, a conffile. */
  readonly conffile?: string
}

/**
 * A host's package manager in a directory: real apt and dpkg, their state below `root`, and a package source of small
 * packages made here. The machine that runs the test is not touched.
 */
export class PackageArchive {
  readonly where: AptRoot
  readonly #stanzas = new Map<string, string>()

  constructor(private readonly directory: string) {
    const root = `${directory}/root`
    for (const made of [
      'root/etc/apt/apt.conf.d',
      'root/etc/apt/preferences.d',
      'root/etc/apt/sources.list.d',
      'root/etc/apt/trusted.gpg.d',
      'root/var/lib/dpkg/info',
      'root/var/lib/dpkg/updates',
      'root/var/lib/dpkg/triggers',
      'root/var/lib/apt/lists/partial',
      'root/var/cache/apt/archives/partial',
      'root/var/log/apt',
      'root/usr/bin',
      'source',
      'marks',
    ])
      mkdirSync(`${directory}/${made}`, { recursive: true })
    for (const file of ['status', 'available']) writeFileSync(`${root}/var/lib/dpkg/${file}`, '')
    this.comesFrom(`file:${directory}/source`)
    this.where = {
      root,
      apt: [
        ...['-o', `Dir=${root}/`],
        ...['-o', `Dir::State::status=${root}/var/lib/dpkg/status`],
        ...['-o', 'APT::Architecture=amd64', '-o', 'APT::Architectures=amd64'],
        ...['-o', 'APT::Sandbox::User=', '-o', 'DPkg::Lock::Timeout=0', '-o', 'Acquire::Retries=0'],
        ...['-o', 'DPkg::Post-Invoke=', '-o', 'APT::Update::Post-Invoke='],
      ],
      dpkg: [
        `--root=${root}`,
        `--log=${root}/var/log/dpkg.log`,
        '--force-not-root',
        '--force-script-chrootless',
        '--force-bad-path',
        '--force-unsafe-io',
      ],
    }
  }

  /** A file that a package's script left. */
  mark(name: string): string {
    return `${this.directory}/marks/${name}`
  }

  comesFrom(url: string): void {
    writeFileSync(`${this.directory}/root/etc/apt/sources.list`, `deb [trusted=yes] ${url} ./\n`)
  }

  /** Builds packages, which the source offers from now on. */
  add(...packages: readonly TestPackage[]): void {
    for (const each of packages) this.#stanzas.set(`${each.name} ${each.version}`, this.#build(each))
    this.#publish()
  }

  /** The source forgets the file, as an archive does with old versions, and the lists still name it. */
  lose(name: string, version: string): void {
    rmSync(this.#file(name, version))
  }

  /** As {@link lose}, and the lists know. */
  withdraw(name: string, version: string): void {
    this.#stanzas.delete(`${name} ${version}`)
    this.#publish()
  }

  #publish(): void {
    writeFileSync(`${this.directory}/source/Packages`, [...this.#stanzas.values()].join('\n'))
  }

  #file(name: string, version: string): string {
    return `${this.directory}/source/${name}_${version.replace(':', '%3a')}_all.deb`
  }

  #build({ name, version, fields = {}, postinst, conffile }: TestPackage): string {
    const tree = `${this.directory}/build/${name}`
    rmSync(tree, { recursive: true, force: true })
    mkdirSync(`${tree}/DEBIAN`, { recursive: true })
    mkdirSync(`${tree}/usr/share/${name}`, { recursive: true })
    writeFileSync(`${tree}/usr/share/${name}/version`, `${version}\n`)
    const control = Object.entries({
      Package: name,
      Version: version,
      Architecture: 'all',
      Maintainer: 'Tests <tests@example.test>',
      'Installed-Size': '12',
      Description: `small package ${name}`,
      ...fields,
    })
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('')
    writeFileSync(`${tree}/DEBIAN/control`, control)
    if (conffile !== undefined) {
      mkdirSync(`${tree}/etc`, { recursive: true })
      writeFileSync(`${tree}/etc/${name}.conf`, conffile)
      writeFileSync(`${tree}/DEBIAN/conffiles`, `/etc/${name}.conf\n`)
    }
    if (postinst !== undefined) {
      writeFileSync(`${tree}/DEBIAN/postinst`, `#!/bin/sh\nset -e\nMARKS=${this.directory}/marks\n${postinst}\n`)
      chmodSync(`${tree}/DEBIAN/postinst`, 0o755)
    }
    const file = this.#file(name, version)
    const { status, stderr } = spawnSync('/usr/bin/dpkg-deb', ['--root-owner-group', '--build', tree, file], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(stderr)
    const bytes = readFileSync(file)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    return `${control}Filename: ./${file.split('/').at(-1)}\nSize: ${bytes.length}\nSHA256: ${sha256}\n`
  }
}

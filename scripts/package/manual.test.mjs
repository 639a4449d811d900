import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { inRoot } from '../lib/paths.mjs'
import { completionFiles, manualPage } from './manual.mjs'

const { commands } = await import(inRoot('kernel/dist/cli/commands.js'))
const own = Object.entries(commands).filter(([, { hidden }]) => !hidden)

describe('the manual page', () => {
  for (const locale of ['en', 'id']) {
    it(`names every command, flag and exit code of this version (${locale})`, async () => {
      const page = await manualPage(locale)
      expect(page).to.not.match(/^\{/m)
      for (const [name, { flags = {} }] of own) {
        expect(page).to.include(`\n.B nusa ${name.replaceAll('-', '\\-')}`)
        for (const flag of Object.keys(flags)) expect(page, name).to.include(`\\-\\-${flag.replaceAll('-', '\\-')}\n`)
      }
      for (const code of [0, 1, 2, 3, 4]) expect(page).to.include(`.B ${code}\n`)
      // `summary.x` is what a missing text would leave.
      expect(page).to.not.match(/^(?:summary|flag|help)\./m)
    })

    it(`is set without a complaint (${locale})`, async () => {
      const page = await manualPage(locale)
      const { status, stderr } = spawnSync('groff', ['-man', '-K', 'utf8', '-T', 'utf8', '-ww', '-z'], {
        input: page,
        encoding: 'utf8',
      })
      expect(stderr).to.equal('')
      expect(status).to.equal(0)
    })
  }
})

describe('the completion files, while no panel runs', function () {
  // Each word that is completed starts the command line once, or several times.
  this.timeout(90_000)
  let root
  let files
  let env
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'nusa-completion-'))
    files = Object.fromEntries((await completionFiles()).map(([path, text]) => [path.split('/')[2], [path, text]]))
    for (const [path, text] of Object.values(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true })
      writeFileSync(join(root, path), text)
    }
    const nusa = `#!/bin/sh\nexec ${process.execPath} ${inRoot('kernel/dist/cli/main.js')} "$@"\n`
    mkdirSync(join(root, 'bin'))
    writeFileSync(join(root, 'bin/nusa'), nusa, { mode: 0o755 })
    env = { PATH: `${join(root, 'bin')}:/usr/bin:/bin`, NUSA_HOME: join(root, 'home'), HOME: root, LC_ALL: 'C.UTF-8' }
  })
  after(() => rmSync(root, { recursive: true, force: true }))

  function shell(program, ...args) {
    const { status, stdout, stderr } = spawnSync(program, args, { env, encoding: 'utf8', cwd: root })
    expect(status, stderr).to.equal(0)
    return stdout
      .trim()
      .split('\n')
      .map(line => line.trim())
  }

  it('offer commands and flags in bash', () => {
    const ask = (words, at) =>
      shell(
        'bash',
        ...['--norc', '-c'],
        `. "${files['bash-completion'][0]}"; COMP_WORDS=(${words}); COMP_CWORD=${at}; _nusa; printf '%s\\n' "\${COMPREPLY[@]}"`,
      )
    expect(ask('nusa do', 1)).to.deep.equal(['doctor'])
    expect(ask('nusa audit ver', 2)).to.deep.equal(['verify'])
    expect(ask('nusa doctor --j', 2)).to.deep.equal(['--json'])
  })

  it('are found by zsh under the name that it looks for, at the first time too', () => {
    const ask = `compadd() { print -l -- "\${candidates[@]}" }; compdef() { }
      fpath=("${join(root, dirname(files.zsh[0]))}"); autoload -Uz _nusa; words=(nusa audit v); CURRENT=3; _nusa`
    expect(shell('zsh', '-f', '-c', ask)).to.deep.equal(['verify'])
  })

  it('offer commands in fish', () => {
    expect(shell('fish', '--no-config', '-c', `source "${files.fish[0]}"; complete -C "nusa audit ver"`)).to.deep.equal(
      ['verify'],
    )
  })
})

// The manual page and the completion files, made of what the command line itself knows.
import { readFileSync } from 'node:fs'
import { inRoot } from '../lib/paths.mjs'

const cli = path => import(inRoot('kernel/dist/cli', path))

/** roff(7): no word begins a request, and a hyphen that is typed is a minus. */
const roff = text =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&')

const item = (term, text) => `.TP\n.B ${roff(term)}\n${roff(text)}`

/** `templates/system/nusa[.LOCALE].1` with the commands, flags and exit codes of this version. */
export async function manualPage(locale) {
  const [{ commands }, { cliTexts }, { ownFlags }] = await Promise.all(
    ['commands.js', 'texts.js', 'run-operation.js'].map(cli),
  )
  const text = cliTexts(locale)
  const listed = Object.entries(commands)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { usage, flags = {} }]) => {
      const summary = text(`summary.${name.replaceAll(' ', '-')}`)
      const own = Object.keys(flags).map(flag => item(`--${flag}`, text(`flag.${flag}`)))
      const nested = own.length > 0 ? `\n.RS\n${own.join('\n')}\n.RE` : ''
      return `${item(`nusa ${name} ${usage}`.trim(), summary)}${nested}`
    })
  const flags = [...ownFlags.keys()]
    .filter(flag => flag !== 'help')
    .map(flag => item(`--${flag}`, text(`help.${flag}`)))
  const exit = text('help.exit-codes')
    .split('\n')
    .slice(1)
    .map(line => /^\s*(\d+)\s+(.*)$/.exec(line))
    .map(([, code, meaning]) => item(code, meaning))
  const parts = { commands: listed.sort(), flags, exit }
  const template = readFileSync(inRoot(`templates/system/nusa${locale === 'en' ? '' : `.${locale}`}.1`), 'utf8')
  return template.replace(/^\{(\w+)\}$/gm, (_, name) => parts[name].join('\n'))
}

/** Where each shell of the distribution looks for completions: path below the root → text. */
export async function completionFiles() {
  const { completionScripts } = await cli('commands/completion.js')
  const places = {
    bash: 'usr/share/bash-completion/completions/nusa',
    zsh: 'usr/share/zsh/vendor-completions/_nusa',
    fish: 'usr/share/fish/vendor_completions.d/nusa.fish',
  }
  return Object.entries(completionScripts).map(([shell, script]) => [places[shell], `${script}\n`])
}

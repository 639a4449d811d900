// What the console says. Maintainer scripts speak English, as those of the distribution do.

/** Without control characters but line feed and tab: tokens, names and log lines are the panel's, and go to root's terminal. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
export const inert = text => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')

const indent = text =>
  text
    .split('\n')
    .map(line => `    ${line}`)
    .join('\n')

/** @param {string[]} links */
export const ready = links =>
  `Nusantara Panel is ready. Open it in a browser, which warns once because the panel made its certificate itself:\n${links
    .map(link => `  ${link}\n`)
    .join('')}`

export const upgraded = version => `Nusantara Panel runs version ${version}.\n`

export const notStarted = error =>
  `Nusantara Panel is installed and did not start: ${error.message}
${indent(error.log || 'The log says nothing.')}
Mend the cause, then: systemctl restart nusantara-broker nusantara-panel && nusa doctor\n`

export const refused = ({ version, running, reason, log }) =>
  `
*** Nusantara Panel stays at version ${running}: version ${version} was refused. ***
Why:
${indent(reason)}
${log ? `Its log:\n${indent(log)}\n` : ''}Nothing was lost: the state is as before, sites were not touched, and version ${running} runs, from
/usr/lib/nusantara-panel.previous. dpkg lists ${version} as installed.
What to do: mend the cause and try again with  dpkg-reconfigure nusantara-panel  or install another version. Until then
nusa doctor  reminds you.\n`

export const stuck = ({ version, running, reason, log }, error) =>
  `
*** Nusantara Panel does not run: version ${version} was refused, and version ${running} did not start again. ***
Why ${version} was refused:
${indent(reason)}
${log ? `${indent(log)}\n` : ''}Why ${running} did not start:
${indent(error.message)}
${error.log ? `${indent(error.log)}\n` : ''}Sites go on. The state as it was is in /var/lib/nusantara, or kept in /var/lib/nusantara/upgrade.
What to do: mend the cause, then  dpkg-reconfigure nusantara-panel\n`

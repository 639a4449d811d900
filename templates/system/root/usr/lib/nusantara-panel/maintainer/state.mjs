// The panel's state is the panel user's: what touches it runs as that user, so no link planted in it leads root astray.
import { join } from 'node:path'
import { environmentOf, run } from './systemd.mjs'

const user = 'nusantara'

/** Runs a part of the kernel's upgrade program (kernel/src/upgrade/main.ts). @throws with what it says */
export function state(paths, part) {
  const { ok, output } = run(
    'setpriv',
    [
      ...[
        `--reuid=${user}`,
        `--regid=${user}`,
        '--init-groups',
        '--no-new-privs',
        '--inh-caps=-all',
        '--bounding-set=-all',
      ],
      ...['--', join(paths.code, 'runtime/bin/node'), join(paths.code, 'kernel/dist/upgrade/main.js'), part],
    ],
    {
      cwd: '/',
      env: {
        NUSA_CONFIG: join(paths.config, 'config.json'),
        // As `systemctl edit` has it: where the state is may stand there alone.
        ...environmentOf('nusantara-panel.service'),
        NUSA_PROFILE: 'system',
        PATH: '/usr/bin:/bin',
        LANG: process.env.LC_ALL || process.env.LANG || 'C.UTF-8',
      },
    },
  )
  if (!ok) throw new Error(output || `${part} did not end in time`)
  return output
}

import assert from 'node:assert/strict'
import { InstallationLog } from './installation-log.js'

describe('the log of an installation', () => {
  it('has whole lines, whatever pieces they come in, and how far it is', () => {
    const lines: string[] = []
    const fractions: number[] = []
    const log = new InstallationLog(
      { log: line => void lines.push(line), progress: fraction => void fractions.push(fraction) },
      1,
    )
    const said =
      'Get:1 http://deb.example.test bookworm/main amd64 nginx amd64 1.22 [5 kB]\n' +
      '(Reading database ... \r(Reading database ... 5%\r(Reading database ... 6613 files.)\n' +
      'Unpacking nginx (1.22) …\n\nSetting up nginx (1.22) ...\n'
    for (const byte of Buffer.from(said)) log.add(Uint8Array.of(byte))
    assert.deepEqual(lines, [
      'Get:1 http://deb.example.test bookworm/main amd64 nginx amd64 1.22 [5 kB]',
      '(Reading database ... 6613 files.)',
      'Unpacking nginx (1.22) …',
      'Setting up nginx (1.22) ...',
    ])
    assert.deepEqual(
      fractions.map(fraction => Math.round(fraction * 100)),
      [33, 67, 100],
    )
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { notifyService } from './service-notify.js'

/** What a service manager does: a datagram socket that is listened on. Perl, because Node has none. */
const listener = `
  use IO::Socket::UNIX; use Socket;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
  $| = 1; print "listening\\n";
  while (defined $socket->recv(my $text, 4096)) { print "$_\\n" for split /\\n/, $text }
`

describe('the word to the service manager', () => {
  it('reaches the socket that it named', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'nusa-notify-'))
    const path = join(directory, 'notify')
    const manager = spawn('/usr/bin/perl', ['-e', listener, path], { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const heard: string[] = []
      const lines = createInterface({ input: manager.stdout })
      await once(lines, 'line')
      const ready = new Promise<void>(resolve => {
        lines.on('line', line => {
          heard.push(line)
          if (line === 'READY=1') resolve()
        })
      })
      await notifyService('READY=1', { NOTIFY_SOCKET: path })
      await ready
      expect(heard).to.include('READY=1')
    } finally {
      manager.kill()
      await rm(directory, { recursive: true })
    }
  })

  it('is not spoken where nobody listens, and a manager that is gone is no failure', async () => {
    await notifyService('READY=1', {})
    await notifyService('READY=1', { NOTIFY_SOCKET: '/nonexistent/notify' })
  })
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A listening socket that the manager holds: TCP on a free port of 127.0.0.1, or unix at a path with a mode. */
export interface HeldSocket {
  readonly name: string
  readonly path?: string
  readonly mode?: number
}

/**
 * What systemd does for socket activation, in Perl, because Node can hand over no descriptors by number: holds the sockets, starts the
 * program when somebody connects (or when told), hands them over as descriptors 3…, and waits for the next connection when
 * it has left.
 */
const manager = String.raw`
use strict; use IO::Socket::INET; use IO::Socket::UNIX; use IO::Select; use POSIX ();
$| = 1; $^F = 2;
my (@names, @sockets);
while (defined(my $spec = shift @ARGV)) {
  last if $spec eq '--';
  my ($name, $path, $mode) = split /,/, $spec;
  unlink $path if defined $path;
  my $before = umask 0177;
  my $socket = defined $path ? IO::Socket::UNIX->new(Local => $path, Listen => 128)
    : IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 128) or die "$name: $!";
  umask $before;
  chmod oct($mode), $path if defined $path;
  push @names, $name; push @sockets, $socket;
  print "socket $name ", defined $path ? 0 : $socket->sockport, "\n";
}
my ($child, $now, $end) = (0, 0, 0);
$SIG{USR1} = sub { $now = 1 };
$SIG{TERM} = sub { $end = 1; kill TERM => $child if $child };
my $select = IO::Select->new(@sockets);
print "holding\n";
until ($end) {
  next unless $now || $select->can_read(0.2);
  last if $end;
  $now = 0;
  $child = fork;
  if (!$child) {
    my @fds = map { POSIX::dup2(fileno $_, 100 + fileno $_); 100 + fileno $_ } @sockets;
    for my $index (0 .. $#fds) { POSIX::dup2($fds[$index], 3 + $index); }
    POSIX::close($_) for @fds;
    @ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, scalar @fds, join ':', @names);
    exec { $ARGV[0] } @ARGV or POSIX::_exit(127);
  }
  print "started $child\n";
  until (waitpid($child, 0) == $child) {}
  print "left ", WIFEXITED($?) ? WEXITSTATUS($?) : 'signal', "\n";
  $child = 0;
}
sub WIFEXITED { POSIX::WIFEXITED($_[0]) } sub WEXITSTATUS { POSIX::WEXITSTATUS($_[0]) }
`

/** A small service manager for tests: sockets held, a program started on demand. */
export class ServiceManager {
  readonly ports = new Map<string, number>()
  /** Process ids of the starts, in order. */
  readonly starts: number[] = []
  /** Exit codes of the programs that left, in order; null: a signal ended it. */
  readonly exits: (number | null)[] = []
  /** Lines that the programs wrote on standard output. */
  readonly said: string[] = []
  stderr = ''
  readonly #waiting = new Set<() => void>()

  private constructor(private readonly child: ChildProcess) {}

  /** @param env of the program, besides what the manager adds */
  static async hold(
    sockets: readonly HeldSocket[],
    command: readonly string[],
    env: NodeJS.ProcessEnv = {},
  ): Promise<ServiceManager> {
    const specs = sockets.map(({ name, path, mode = 0o600 }) =>
      path === undefined ? name : `${name},${path},${mode.toString(8)}`,
    )
    const child = spawn('/usr/bin/perl', ['-e', manager, ...specs, '--', ...command], {
      cwd: '/',
      env: { PATH: '/usr/bin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const held = new ServiceManager(child)
    child.stderr.on('data', chunk => {
      held.stderr += chunk
    })
    createInterface({ input: child.stdout }).on('line', line => held.#heard(line))
    await held.until(() => held.#holding, 'the sockets')
    return held
  }

  #holding = false

  /** Starts the program without a connection, as a timer does. */
  start(): void {
    this.child.kill('SIGUSR1')
  }

  /** Resolves when the condition holds after something was heard. */
  async until(condition: () => boolean, what: string, ms = 15_000): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (!condition()) return
        this.#waiting.delete(look)
        resolve()
      }
      timer = setTimeout(() => reject(new Error(`${what} did not happen: ${this.stderr}`)), ms)
      this.#waiting.add(look)
      look()
    }).finally(() => clearTimeout(timer))
  }

  /** Ends the program and then the manager. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const ended = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    await ended
  }

  #heard(line: string): void {
    const [word, first = '', second] = line.split(' ')
    if (word === 'holding') this.#holding = true
    else if (word === 'socket') this.ports.set(first, Number(second))
    else if (word === 'started') this.starts.push(Number(first))
    else if (word === 'left') this.exits.push(first === 'signal' ? null : Number(first))
    else this.said.push(line)
    for (const look of [...this.#waiting]) look()
  }
}

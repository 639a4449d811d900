import { expect } from 'chai'
import fc from 'fast-check'
import { parsed, rendered } from '../../testing/broker-formats.js'
import { exampleSite } from '../../testing/example-site.js'
import { Refusal } from '../input/refusals.js'
import { vhostTree } from '../vhost/server-block.js'
import { parseDirectives } from './parse-directives.js'

function refused(text: string): string {
  try {
    parseDirectives(text)
  } catch (error) {
    if (error instanceof Refusal) return error.message
    throw error
  }
  return 'accepted'
}

const file = (directives: string) => rendered('block', 'vhost', vhostTree(exampleSite({ directives }), 8444))

describe('custom directives', () => {
  it('become the same tree as everything else', () => {
    const text = `
      # cache what does not change
      add_header X-Frame-Options "SAMEORIGIN" always;
      location ~* \\.(css|js)$ { expires 7d; add_header Cache-Control 'public'; }
      location /old/ { return 301 https://example.test$request_uri; }`
    expect(parseDirectives(text)).to.deep.equal([
      { name: 'add_header', args: ['X-Frame-Options', 'SAMEORIGIN', 'always'] },
      {
        name: 'location',
        args: ['~*', '\\.(css|js)\\z'],
        block: [
          { name: 'expires', args: ['7d'] },
          { name: 'add_header', args: ['Cache-Control', 'public'] },
        ],
      },
      {
        name: 'location',
        args: ['/old/'],
        block: [{ name: 'return', args: ['301', 'https://example.test$request_uri'] }],
      },
    ])
    expect(parsed('block', file(text))[0]?.block?.slice(-3)).to.deep.equal(parseDirectives(text).map(withText))
  })

  for (const text of [
    'root /etc;',
    'alias /etc/;',
    'access_log /tmp/x;',
    'error_log /root/x;',
    'include /etc/passwd;',
    'load_module x.so;',
    'ssl_certificate_key /etc/shadow;',
    'proxy_pass http://169.254.169.254;',
    'fastcgi_pass unix:/run/php.sock;',
    'fastcgi_param PHP_ADMIN_VALUE "open_basedir=/";',
    'listen 80;',
    'server_name a.test;',
    'server { }',
    'client_body_temp_path /etc;',
    'auth_basic_user_file /etc/shadow;',
    'perl x;',
    'location / { root /; }',
    'location / { location /x { etag off; } }',
    'location / { proxy_pass http://127.0.0.1:1; }',
    'if ($host) { return 301 /; }',
  ])
    it(`refuses ${text}`, () => expect(refused(text)).to.match(/^line 1: .*(may not stand here|takes)/))

  // The web server opens `root + name` as it stands, and visitors write $args: each of these would serve any file.
  for (const names of [
    '/../../secret =404',
    '/$args =404',
    '/$query_string =404',
    '$uri../secret =404',
    '/.$is_args./.$is_args./secret =404',
    '/index.php?$args =404',
    '$uri /../secret',
    '$uri /$args',
    '$uri "/..$is_args"',
    '=404 $uri',
  ])
    it(`tries nothing outside the site: ${names}`, () => {
      expect(refused(`location / { try_files ${names}; }`)).to.match(/cannot have/)
      const block = [{ name: 'try_files', args: names.replaceAll('"', '').split(' ') }]
      const tree = vhostTree(exampleSite(), 8444).map(server => ({
        ...server,
        block: [...(server.block ?? []), { name: 'location', args: ['/x/'], block }],
      }))
      expect(() => rendered('block', 'vhost', tree)).to.throw(/does not match|may stand/)
    })

  it('tries files, then the front controller or a status', () => {
    for (const names of ['$uri $uri/ =404', '$uri $uri/index.html /index.php?$args', '$uri /app/a.php$is_args$args'])
      expect(file(`location /a/ { try_files ${names}; }`)).to.match(/location "?\/a\/"? \{\s+try_files /)
  })

  it('says where the text is wrong', () => {
    expect(refused('etag on')).to.equal("line 1: 'etag' is not ended; add a ';'")
    expect(refused('etag on;\nlocation / {\n etag off;')).to.equal("line 3: a block is never closed; add a '}'")
    expect(refused('etag on; }')).to.equal("line 1: a '}' closes nothing")
    expect(refused('\n\nadd_header A "b')).to.contain('line 3: a quote is never closed')
    expect(refused('add_header A "b"c;')).to.contain('put a space between')
    expect(refused('add_header A b}c;')).to.contain("a '}' stands inside a word")
    expect(refused('add_header A "$http_cookie";')).to.contain("cannot have '$http_cookie'")
    expect(refused('etag maybe;')).to.equal("line 1: 'etag' cannot have 'maybe'; it takes on, off")
    expect(refused('expires;')).to.equal("line 1: 'expires' has 0 arguments; it takes 1")
  })

  it('is judged alike by the grammar: whatever the allowlist lets through, the broker writes and reads back', () => {
    const word = fc.string({
      unit: fc.constantFrom(...'aZ09 /.$"\'\\{};#()|*=~?:,-_+%@é', '$uri', '$host', '\\.'),
      maxLength: 12,
    })
    const quoted = word.map(text => `"${text.replace(/["\\]/g, '\\$&')}"`)
    const name = fc.constantFrom(
      'add_header X-A',
      'location ~',
      'location',
      'return 301',
      'try_files $uri',
      'expires',
      'allow',
      'gzip_types',
      'proxy_set_header A',
    )
    const inner = fc
      .tuple(name, quoted)
      .map(([name, value]) => (name.startsWith('location') ? `${name} ${value} { etag off; }` : `${name} ${value};`))
    const text = fc.oneof(
      inner,
      inner.map(line => `location /x { ${line} }`),
    )
    let accepted = 0
    fc.assert(
      fc.property(text, source => {
        let tree: ReturnType<typeof parseDirectives>
        try {
          tree = parseDirectives(source)
        } catch (error) {
          expect(error).to.be.instanceOf(Refusal)
          return
        }
        accepted++
        const written = parsed('block', file(source))
        expect(written).to.have.length(1)
        expect(written[0]?.block?.slice(-tree.length)).to.deep.equal(tree.map(withText))
      }),
      { numRuns: 3000 },
    )
    expect(accepted).to.be.greaterThan(100)
  })
})

interface Node {
  readonly name: string
  readonly args?: readonly unknown[]
  readonly block?: readonly Node[]
}

/** Arguments as the file holds them: text. */
function withText({ name, args = [], block }: Node): Node {
  return { name, args: args.map(String), ...(block && { block: block.map(withText) }) }
}

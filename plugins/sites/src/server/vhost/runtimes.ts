import { type Directive, directive } from '@nusantara/sdk'
import type { PhpRuntime, ProxyRuntime, RedirectRuntime, Site } from '../../api.js'
import { phpSetting } from '../input/php-settings.js'
import { phpSocket } from '../pool/pool-tree.js'

/** The locations in which a runtime answers. @param httpsPort public port of TLS, which the panel's visitors name */
export function runtimeLocations(site: Site, httpsPort: number): Directive[] {
  const { runtime } = site
  switch (runtime.type) {
    case 'static':
      return [root([directive('try_files', ['$uri', '$uri/', '=404'])])]
    case 'php':
      return php(site, runtime)
    case 'proxy':
      return proxy(site, runtime)
    case 'redirect':
      return redirect(runtime)
    case 'panel':
      return panel(httpsPort)
  }
}

/** As the client has it: the panel compares it with the Origin of a request. */
export function authority(httpsPort: number): string {
  return httpsPort === 443 ? '$host' : `$host:${httpsPort}`
}

function root(block: readonly Directive[]): Directive {
  return directive('location', ['/'], block)
}

/** What exists is served; the rest goes to the front controller; only files that exist are run. */
function php({ errorPages }: Site, runtime: PhpRuntime): Directive[] {
  return [
    root([directive('try_files', ['$uri', '$uri/', '/index.php$is_args$args'])]),
    directive(
      'location',
      ['~', '\\.php\\z'],
      [
        directive('try_files', ['$uri', '=404']),
        directive('include', ['/etc/nginx/fastcgi_params']),
        directive('fastcgi_param', ['SCRIPT_FILENAME', '$document_root$fastcgi_script_name']),
        // CVE-2016-5385: a Proxy header would become the variable that HTTP clients obey.
        directive('fastcgi_param', ['HTTP_PROXY', '']),
        directive('fastcgi_read_timeout', [`${readTimeout(runtime)}s`]),
        ...(Object.keys(errorPages).length ? [directive('fastcgi_intercept_errors', ['on'])] : []),
        directive('fastcgi_pass', [phpSocket(runtime.version)]),
      ],
    ),
  ]
}

/** Longer than PHP itself takes to give up, so that visitors see its answer; at most what the grammar allows. */
function readTimeout({ settings }: PhpRuntime): number {
  const execution = Number(settings.max_execution_time ?? phpSetting('max_execution_time').default)
  return Math.min(execution + 30, 86_400)
}

const header = (name: string, value: string) => directive('proxy_set_header', [name, value])

function proxy({ errorPages }: Site, { target, timeout }: ProxyRuntime): Directive[] {
  return [
    root([
      directive('proxy_http_version', ['1.1']),
      header('Host', '$http_host'),
      header('X-Real-IP', '$remote_addr'),
      // Not $proxy_add_x_forwarded_for: what the client claims is no evidence.
      header('X-Forwarded-For', '$remote_addr'),
      header('X-Forwarded-Host', '$http_host'),
      header('X-Forwarded-Proto', '$scheme'),
      header('Upgrade', '$http_upgrade'),
      header('Connection', '$nusantara_connection'),
      header('Proxy', ''),
      directive('proxy_read_timeout', [`${timeout}s`]),
      directive('proxy_send_timeout', [`${timeout}s`]),
      ...(Object.keys(errorPages).length ? [directive('proxy_intercept_errors', ['on'])] : []),
      directive('proxy_pass', [target.startsWith('unix:') ? `http://${target}` : target]),
    ]),
  ]
}

function redirect({ target, status, keepPath }: RedirectRuntime): Directive[] {
  return [root([directive('return', [String(status), keepPath ? `${target}$request_uri` : target])])]
}

/** Through its own door, which believes the last address of X-Forwarded-For: it is always that of whoever connected. */
function panel(httpsPort: number): Directive[] {
  return [
    root([
      directive('proxy_http_version', ['1.1']),
      header('Host', authority(httpsPort)),
      header('X-Forwarded-For', '$remote_addr'),
      header('Upgrade', '$http_upgrade'),
      header('Connection', '$nusantara_connection'),
      // Events go out as they come, and an upload is not kept twice.
      directive('proxy_buffering', ['off']),
      directive('proxy_request_buffering', ['off']),
      // The panel sends a sign of life every 15 s; what takes longest is the plan of an installation.
      directive('proxy_read_timeout', ['5m']),
      directive('proxy_send_timeout', ['60s']),
      directive('proxy_pass', ['panel']),
    ]),
  ]
}

import { type Directive, directive, type TenantId } from '@nusantara/sdk'
import type { PhpRuntime, SiteSpec } from '../../api.js'
import { phpSetting } from '../input/php-settings.js'
import { bytes } from '../input/sizes.js'

/** Socket of one version's master, below the broker's directory for the tenant; versions differ so that they can run side by side. */
export function phpSocket(version: string): string {
  return `php-${version}.sock`
}

/** Configuration of the site's own FPM master with its one pool: processes come on demand and leave when idle. */
export function poolTree(tenant: TenantId, spec: SiteSpec, runtime: PhpRuntime): readonly Directive[] {
  return [
    directive(
      'global',
      [],
      [
        directive('error_log', ['php.log']),
        directive('daemonize', ['no']),
        directive('process_control_timeout', ['10s']),
      ],
    ),
    directive(tenant, [], pool(spec, runtime)),
  ]
}

function pool(spec: SiteSpec, runtime: PhpRuntime): Directive[] {
  return [
    directive('user', ['']),
    directive('group', ['']),
    directive('listen', [phpSocket(runtime.version)]),
    // systemd makes and holds it; in a sandbox the master does, in a directory that lends its files to the web server's group.
    directive('listen.mode', ['0660']),
    directive('pm', ['ondemand']),
    directive('pm.max_children', [runtime.processes]),
    directive('pm.process_idle_timeout', ['10s']),
    directive('pm.max_requests', [500]),
    directive('clear_env', ['yes']),
    directive('catch_workers_output', ['yes']),
    directive('decorate_workers_output', ['no']),
    directive('security.limit_extensions', ['.php']),
    directive('php_admin_value[open_basedir]', ['']),
    directive('php_admin_value[upload_tmp_dir]', ['']),
    directive('php_admin_value[sys_temp_dir]', ['']),
    directive('php_admin_value[session.save_path]', ['']),
    // Distributions leave it to a job of theirs, which does not know this directory.
    directive('php_admin_value[session.gc_probability]', [1]),
    directive('php_admin_flag[log_errors]', ['on']),
    directive('php_admin_flag[expose_php]', ['off']),
    ...settings(spec, runtime),
  ]
}

/** What the site chose; sizes of uploads follow the web server's limit unless chosen. */
function settings({ uploadLimit }: SiteSpec, runtime: PhpRuntime): Directive[] {
  const values = {
    display_errors: 'off',
    upload_max_filesize: uploadLimit,
    post_max_size: atLeast(uploadLimit, runtime.settings.upload_max_filesize),
    ...runtime.settings,
  }
  return Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => directive(`${phpSetting(name).directive}[${name}]`, [value]))
}

function atLeast(limit: string, other: string | undefined): string {
  return other && (bytes(other) ?? 0) > (bytes(limit) ?? 0) ? other : limit
}

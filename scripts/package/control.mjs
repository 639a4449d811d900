/** Fields of `DEBIAN/control` but Installed-Size. Depends is what the kernel needs, openssl(1) to sign with tenants' keys; the stack is recommended. */
export function control({ version, arch }) {
  return {
    Package: 'nusantara-panel',
    Version: version,
    Architecture: arch,
    Maintainer: 'Nusantara Panel <panel@nusantara.invalid>',
    Section: 'admin',
    Priority: 'optional',
    Depends: 'libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 9), systemd (>= 249), passwd, openssl',
    Recommends: 'nginx-light | nginx, php-fpm, logrotate',
    Suggests: 'mariadb-server, postgresql, redis-server',
    Description: [
      'control panel that runs natively on the server',
      'Publishes web sites from a browser, an HTTP API and a command line. Every',
      'change is planned before it is applied, checked, verified by its outcome and',
      'otherwise taken back. The web process has no privileges; a small broker does',
      'as root what reviewable manifests allow.',
    ],
  }
}

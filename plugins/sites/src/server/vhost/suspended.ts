import { type Directive, directive } from '@nusantara/sdk'

const page =
  '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  '<title>503</title><body style="font:1.1rem/1.6 system-ui;margin:20vh auto;max-width:32rem;padding:0 1rem">' +
  '<h1>This site is suspended</h1><p>Its owner can tell you more.</p>' +
  '<p lang="id">Situs ini sedang ditangguhkan. Pemiliknya dapat memberi keterangan.</p>'

/** Answers everything with 503; nothing of the site runs or is read. */
export function suspendedLocations(): Directive[] {
  return [
    directive(
      'location',
      ['/'],
      [
        directive('default_type', ['text/html']),
        directive('add_header', ['Retry-After', '3600', 'always']),
        directive('add_header', ['Cache-Control', 'no-store', 'always']),
        directive('return', ['503', page]),
      ],
    ),
  ]
}

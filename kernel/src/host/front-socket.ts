/**
 * The panel's door for a web server on the same machine, below the host root `run`. Panel and broker both ask here, so that
 * what the one opens is what the other lets a configuration name.
 */
export const frontSocketName = 'front.sock'

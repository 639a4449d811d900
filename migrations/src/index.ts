/** Directory marker: the kernel resolves this package and lists the steps beside this file by name. */
export const owner = 'kernel'

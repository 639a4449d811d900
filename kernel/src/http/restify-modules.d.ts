/** Two modules of restify that its types do not describe. */
declare module 'restify/lib/router.js' {
  const Router: new (options: object) => import('./restify.js').Router
  export default Router
}

declare module 'restify/lib/server.js' {
  const Server: new (options: object) => import('./restify.js').RestifyServer
  export default Server
}

/**
 * Makes something of a Worker's bindings once, where Cloudflare gives the same object to each request, as it does
 * within an isolate.
 */
export function oncePerEnv<Env extends object, Made>(make: (env: Env) => Made): (env: Env) => Made {
  const made = new WeakMap<Env, { value: Made }>()
  return (env) => {
    const known = made.get(env)
    if (known) return known.value
    const value = make(env)
    made.set(env, { value })
    return value
  }
}

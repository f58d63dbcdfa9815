import { execFileSync } from 'node:child_process'

const ip = (...argv: readonly string[]): void => void execFileSync('ip', argv, { stdio: 'pipe' })

/** A network of hosts on this machine: a namespace each, joined by a bridge in one more. */
export interface Network {
  /** Address of host k. */
  address(k: number): string
  /** What to put before a command so that it runs on host k. */
  on(k: number): readonly string[]
  /** Unplugs host k, or plugs it in again. */
  plug(k: number, connected: boolean): void
  remove(): void
}

/** Whether this user may make namespaces here. */
export const canMakeNetworks = (): boolean => {
  try {
    ip('netns', 'add', `nestwave-probe-${process.pid}`)
    ip('netns', 'del', `nestwave-probe-${process.pid}`)
    return true
  } catch {
    return false
  }
}

/** Addresses that stay inside the namespaces: nothing routes out of them. */
const SUBNET = '10.213.77'

export const makeNetwork = (hosts: number): Network => {
  const id = String(process.pid)
  const name = (k: number | string): string => `nw${id}-${k}`
  const names = ['switch', ...Array.from({ length: hosts }, (_, k) => k)].map(name)
  const remove = (): void => {
    for (const one of names)
      try {
        ip('netns', 'del', one)
      } catch {
        // It was not made, or has gone.
      }
  }
  try {
    for (const one of names) ip('netns', 'add', one)
    const hub = name('switch')
    ip('-n', hub, 'link', 'add', 'bridge', 'type', 'bridge')
    ip('-n', hub, 'link', 'set', 'bridge', 'up')
    for (let k = 0; k < hosts; k++) {
      ip('link', 'add', 'wire', 'netns', name(k), 'type', 'veth', 'peer', 'name', `port${k}`, 'netns', hub)
      ip('-n', hub, 'link', 'set', `port${k}`, 'master', 'bridge')
      ip('-n', hub, 'link', 'set', `port${k}`, 'up')
      ip('-n', name(k), 'addr', 'add', `${SUBNET}.${k + 1}/24`, 'dev', 'wire')
      ip('-n', name(k), 'link', 'set', 'wire', 'up')
      ip('-n', name(k), 'link', 'set', 'lo', 'up')
    }
  } catch (error) {
    remove()
    throw error
  }
  return {
    address: (k) => `${SUBNET}.${k + 1}`,
    on: (k) => ['ip', 'netns', 'exec', name(k)],
    // The switch's end: the host's own address stays, as when a cable is pulled.
    plug: (k, connected) => ip('-n', name('switch'), 'link', 'set', `port${k}`, connected ? 'up' : 'down'),
    remove,
  }
}

#!/usr/bin/env node
// The door before the door: it must run on any Node, so that an old one is answered with help instead of a syntax error.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const NEEDED = [22, 18]
const root = join(dirname(fileURLToPath(import.meta.url)), '..')
/** The verbs of the service have a door of their own. */
const SERVICE = ['serve', 'worker', 'keys', 'backup', 'restore', 'doctor']
const door = SERVICE.includes(process.argv[2]) ? 'service' : 'cli'
const source = join(root, 'src', door, 'main.ts')
const entry = existsSync(source) ? source : join(root, 'dist', door, 'main.js')
const [major, minor] = process.versions.node.split('.').map(Number)

/** The Node that npm installed beside us, if there is one for this platform. */
const bundledNode = () => {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  try {
    const folder = dirname(createRequire(import.meta.url).resolve(`${name}/package.json`))
    return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  } catch {
    return null
  }
}

/** Runs the same command with another Node; signals reach both through the terminal, others are passed on. */
const delegate = (node) => {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => (signal === 'SIGTERM' || !process.stdin.isTTY) && child.kill(signal))
  child.on('exit', (code, signal) => process.exit(signal ? 1 : code))
}

if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) {
  const { main } = await import(pathToFileURL(entry).href)
  process.exitCode = await main(process.argv.slice(2))
} else {
  const node = bundledNode()
  if (node) delegate(node)
  else {
    process.stderr.write(
      `nestwave needs Node ${NEEDED.join('.')} or newer; this is ${process.version} and no bundled Node was installed for ` +
        `${process.platform}-${process.arch}.\nInstall Node 24 (https://nodejs.org), or run npm ci without --omit=optional.\n`,
    )
    process.exitCode = 1
  }
}

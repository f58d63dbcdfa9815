import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inflateSync } from 'node:zlib'

/** What a browser shows and does when it opens a file. */
export interface Visit {
  readonly dom: string
  /** Lines of the console: messages, warnings, errors. */
  readonly console: readonly string[]
  /** Addresses that the page asked for, other than itself. */
  readonly requests: readonly string[]
  readonly screenshot: Buffer
}

/** The browser's own errands, which its flags do not all switch off. */
const OWN = /^https?:\/\/([a-z0-9-]+\.)*(google|googleapis|gvt1|gstatic)\.com\//

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome']
const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--hide-scrollbars'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--enable-logging=stderr'],
  // Nothing is found in the network: a page that needs it fails here as it would offline.
  '--host-resolver-rules=MAP * ~NOTFOUND',
]

export const chromium = (): string | undefined => PROGRAMS.find((name) => spawnSync(name, ['--version']).status === 0)

interface NetLog {
  readonly events: readonly { readonly params?: { readonly url?: string } }[]
}

/** Opens a file twice: for its document, and for its picture. */
export const visit = (program: string, file: string): Visit => {
  const folder = mkdtempSync(join(tmpdir(), 'nestwave-browser-'))
  const address = pathToFileURL(file).href
  const open = (...flags: string[]) => {
    const run = spawnSync(program, [...FLAGS, `--user-data-dir=${join(folder, 'profile')}`, ...flags, address], {
      encoding: 'utf8',
      maxBuffer: 1e9,
      timeout: 120_000,
    })
    if (run.status !== 0)
      throw new Error(`${program} ended with ${run.status ?? run.signal}: ${run.stderr.slice(-2000)}`)
    return run
  }
  try {
    const log = join(folder, 'net.json')
    const { stdout, stderr } = open(`--log-net-log=${log}`, '--dump-dom')
    const picture = join(folder, 'page.png')
    open(`--screenshot=${picture}`, '--window-size=1200,4000')
    const { events } = JSON.parse(readFileSync(log, 'utf8')) as NetLog
    const urls = events.flatMap(({ params }) => (params?.url ? [params.url] : []))
    return {
      dom: stdout,
      console: stderr.split('\n').filter((line) => line.includes(':CONSOLE')),
      requests: [...new Set(urls)].filter((url) => !OWN.test(url) && url !== address),
      screenshot: readFileSync(picture),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Width and height of a PNG, and the share of its filtered bytes that are not zero: next to none for a blank page. */
export const pictureOf = (
  png: Buffer,
): { readonly width: number; readonly height: number; readonly content: number } => {
  const data: Buffer[] = []
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT') data.push(png.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  const bytes = inflateSync(Buffer.concat(data))
  const set = bytes.reduce((count, byte) => count + (byte === 0 ? 0 : 1), 0)
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20), content: set / bytes.length }
}

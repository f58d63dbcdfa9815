import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where Chromium's packages put SwiftShader, a Vulkan driver on the processor, and a Vulkan loader; or a folder like theirs. */
const FOLDERS = [
  ...(process.env.NESTWAVE_SWIFTSHADER ? [process.env.NESTWAVE_SWIFTSHADER] : []),
  ...['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'],
]
const [DRIVER, MANIFEST, LOADER] = ['libvk_swiftshader.so', 'vk_swiftshader_icd.json', 'libvulkan.so.1']

/** Programs whose Vulkan has certain drivers and no other. */
export interface SoftwareVulkan {
  /** SwiftShader as what it is. */
  readonly software: string
  /** SwiftShader under the name of a graphics processor's driver: what a machine with one looks like to us. */
  readonly standIn: string
  /** The same, broken off in the middle: whoever loads it dies of SIGBUS. */
  readonly broken: string
  /** A manifest of a graphics processor's driver whose library is not there. */
  readonly absent: string
  /** Runs a TypeScript file that sees these drivers (manifests). */
  run(file: string, args: readonly string[], drivers: readonly string[], env?: Readonly<Record<string, string>>): string
  remove(): void
}

export const softwareVulkan = (): SoftwareVulkan | undefined => {
  const found = FOLDERS.find((folder) => [DRIVER, MANIFEST, LOADER].every((file) => existsSync(join(folder, file))))
  if (process.platform !== 'linux' || process.arch !== 'x64' || found === undefined) return undefined
  const root = mkdtempSync(join(tmpdir(), 'vulkan-'))
  symlinkSync(join(found, LOADER), join(root, LOADER))
  const driver = (name: string, make: (library: string) => void): string => {
    make(join(root, `lib${name}.so`))
    const file = join(root, `${name}.json`)
    const ICD = { library_path: `./lib${name}.so`, api_version: '1.0.5' }
    writeFileSync(file, JSON.stringify({ file_format_version: '1.0.0', ICD }))
    return file
  }
  const link = (to: string): void => symlinkSync(join(found, DRIVER), to)
  return {
    software: driver('vk_swiftshader', link),
    standIn: driver('vulkan_radeon', link),
    broken: driver('vulkan_intel', (to) => {
      copyFileSync(join(found, DRIVER), to)
      truncateSync(to, readFileSync(to).length / 2)
    }),
    absent: driver('vulkan_nouveau', () => {}),
    run: (file, args, drivers, env = {}) => {
      const vulkan = { LD_LIBRARY_PATH: root, VK_DRIVER_FILES: drivers.join(':'), VK_ICD_FILENAMES: drivers.join(':') }
      const options = { encoding: 'utf8', maxBuffer: 1e8, env: { ...process.env, ...vulkan, ...env } } as const
      const { status, signal, stdout, stderr } = spawnSync(process.execPath, [file, ...args], options)
      if (status !== 0) throw new Error(`${file} ended with ${status ?? signal}: ${stderr.slice(-2000)}`)
      return stdout
    },
    remove: () => rmSync(root, { recursive: true }),
  }
}

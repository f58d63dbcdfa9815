import { readdirSync, readFileSync } from 'node:fs'
import { basename, delimiter, join } from 'node:path'

/** A driver that the Vulkan loader would offer, known from its manifest. */
export interface VulkanDriver {
  /** Path of the manifest. */
  readonly manifest: string
  /** The library it names, as it stands there. */
  readonly library: string
  readonly kind: 'hardware' | 'software' | 'unknown'
}

type Environment = Readonly<Record<string, string | undefined>>

/** Draw on the processor (Mesa's lavapipe, Google's SwiftShader), or only pretend to (the loader's own test driver). */
const SOFTWARE = /lvp|lavapipe|llvmpipe|swrast|swiftshader|mock_icd/i
/** Drive a graphics processor: NVIDIA, AMD, Intel, Arm, Qualcomm, Broadcom, Apple, Imagination. */
const HARDWARE =
  /nvidia|nouveau|radeon|amdvlk|libvulkan_intel|mali|panfrost|freedreno|adreno|broadcom|asahi|powervr|VK_IMG/i

/** By the library's name. What is neither is unknown, and not taken for hardware: a virtual machine's driver, a layered one. */
export const driverKind = (library: string): VulkanDriver['kind'] => {
  const name = basename(library)
  if (SOFTWARE.test(name)) return 'software'
  return HARDWARE.test(name) ? 'hardware' : 'unknown'
}

const listed = (value: string | undefined): string[] => (value ?? '').split(delimiter).filter((part) => part !== '')

const folders = (env: Environment): string[] => {
  const home = env.HOME === undefined ? [] : [env.HOME]
  const configHome = env.XDG_CONFIG_HOME ? [env.XDG_CONFIG_HOME] : home.map((at) => join(at, '.config'))
  const dataHome = env.XDG_DATA_HOME ? [env.XDG_DATA_HOME] : home.map((at) => join(at, '.local/share'))
  const configs = listed(env.XDG_CONFIG_DIRS || '/etc/xdg')
  const data = listed(env.XDG_DATA_DIRS || `/usr/local/share${delimiter}/usr/share`)
  const all = [...configHome, ...configs, '/usr/local/etc', '/etc', ...dataHome, ...data]
  return [...new Set(all)].map((at) => join(at, 'vulkan/icd.d'))
}

/** Manifests of a folder, in the order of their names; none when it is not there. */
const manifestsIn = (folder: string): string[] => {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
    return names.sort().map((name) => join(folder, name))
  } catch {
    return []
  }
}

/** A path of a variable may be a manifest or a folder of them. */
const manifestsAt = (path: string): string[] => (path.endsWith('.json') ? [path] : manifestsIn(path))

/** Nothing for a file that is no manifest: the loader passes over it, too. */
const driverOf = (manifest: string): VulkanDriver[] => {
  try {
    const { ICD } = JSON.parse(readFileSync(manifest, 'utf8')) as { ICD?: { library_path?: unknown } }
    const library = ICD?.library_path
    return typeof library === 'string' ? [{ manifest, library, kind: driverKind(library) }] : []
  } catch {
    return []
  }
}

/**
 * The drivers that the Vulkan loader of Linux would find.
 * @source Khronos, "Driver interface to the Vulkan Loader", sections "Linux Driver Discovery" and "Overriding the Default Driver Usage"
 * @verifiedBy test/tensor/vulkan-drivers.test.ts
 */
export const vulkanDrivers = (env: Environment): readonly VulkanDriver[] => {
  const named = env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES
  const paths = named
    ? listed(named).flatMap(manifestsAt)
    : [...listed(env.VK_ADD_DRIVER_FILES).flatMap(manifestsAt), ...folders(env).flatMap(manifestsIn)]
  return [...new Set(paths)].flatMap(driverOf)
}

/** Environment in which the loader sees these drivers and no other, whatever its version. */
export const onlyDrivers = (drivers: readonly VulkanDriver[]): Readonly<Record<string, string>> => {
  const files = drivers.map(({ manifest }) => manifest).join(delimiter)
  return { VK_DRIVER_FILES: files, VK_ICD_FILENAMES: files }
}

import { basename } from 'node:path'
import type { Refusal } from './candidate.ts'
import { onlyDrivers, type VulkanDriver, vulkanDrivers } from './vulkan-drivers.ts'

/** An adapter to ask for: the environment in which no other kind of adapter is found. */
export interface AdapterChoice {
  readonly kind: 'hardware' | 'software'
  readonly env: Readonly<Record<string, string>>
  /** How the report calls it. */
  readonly name: string
}

/** The machine as the choice sees it; tests pass their own. */
export interface Machine {
  readonly platform: NodeJS.Platform
  readonly env: Readonly<Record<string, string | undefined>>
}

export const SOFTWARE_PERMISSION = 'NESTWAVE_SOFTWARE_ADAPTER'

const PERMISSION = `permitted by ${SOFTWARE_PERMISSION}=1 together with the name of the executor`
const CALLED = { hardware: 'graphics processor', software: 'software or unknown adapter' } as const

const byDrivers = (kind: AdapterChoice['kind'], drivers: readonly VulkanDriver[]): AdapterChoice[] => {
  if (drivers.length === 0) return []
  const files = drivers.map(({ manifest }) => basename(manifest)).join(', ')
  return [{ kind, env: onlyDrivers(drivers), name: `${CALLED[kind]} by Vulkan driver ${files}` }]
}

const noHardware = (drivers: readonly VulkanDriver[]): Refusal => {
  if (drivers.length === 0) return { outcome: 'no-hardware', detail: 'no Vulkan driver is installed' }
  const others = drivers.map(({ manifest, kind }) => `${basename(manifest)} (${kind})`).join(', ')
  return {
    outcome: 'no-hardware',
    detail: `no Vulkan driver of a graphics processor, only ${others}; ${PERMISSION}`,
  }
}

const onLinux = (env: Machine['env'], software: boolean): readonly AdapterChoice[] | Refusal => {
  const drivers = vulkanDrivers(env)
  const hardware = drivers.filter(({ kind }) => kind === 'hardware')
  const others = software ? drivers.filter(({ kind }) => kind !== 'hardware') : []
  const choices = [...byDrivers('hardware', hardware), ...byDrivers('software', others)]
  return choices.length > 0 ? choices : noHardware(drivers)
}

/**
 * The adapters to try, best first. WebGPU does not tell whether an adapter is a graphics processor or a program that imitates
 * one, so the kind follows from the drivers that are let through. macOS has no software adapter. On Windows the two cannot be
 * told apart beforehand: what is there counts as software.
 * @param software whether an adapter that is no graphics processor may be used
 * @verifiedBy test/tensor/webgpu-adapter.test.ts
 */
export const webgpuAdapters = ({ platform, env }: Machine, software: boolean): readonly AdapterChoice[] | Refusal => {
  if (platform === 'linux') return onLinux(env, software)
  if (platform === 'darwin') return [{ kind: 'hardware', env: {}, name: 'graphics processor by Metal' }]
  if (software) return [{ kind: 'software', env: {}, name: `adapter of ${platform}, of whatever kind` }]
  const detail = `a graphics processor cannot be told from software on ${platform}; both are ${PERMISSION}`
  return { outcome: 'no-hardware', detail }
}

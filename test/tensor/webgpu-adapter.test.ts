import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { vulkanDrivers } from '../../src/tensor/vulkan-drivers.ts'
import { type AdapterChoice, webgpuAdapters } from '../../src/tensor/webgpu-adapter.ts'

let root: string
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'adapter-'))
  for (const [name, library] of [
    ['radeon.json', 'libvulkan_radeon.so'],
    ['lvp.json', 'libvulkan_lvp.so'],
    ['virtio.json', 'libvulkan_virtio.so'],
  ])
    writeFileSync(join(root, name), JSON.stringify({ ICD: { library_path: library } }))
})
afterAll(() => rmSync(root, { recursive: true }))

const linux = (...names: string[]) =>
  ({ platform: 'linux', env: { VK_DRIVER_FILES: names.map((name) => join(root, name)).join(':') || '/none' } }) as const
/** What a choice lets the loader see. */
const seen = ({ env }: AdapterChoice): string[] => vulkanDrivers(env).map(({ library }) => library)
const choices = (found: ReturnType<typeof webgpuAdapters>): readonly AdapterChoice[] => {
  if ('outcome' in found) throw new Error(found.detail)
  return found
}

describe('webgpuAdapters', () => {
  it('lets no driver through but those of graphics processors', () => {
    const [only, ...more] = choices(webgpuAdapters(linux('lvp.json', 'radeon.json', 'virtio.json'), false))
    expect([only.kind, seen(only), more]).toEqual(['hardware', ['libvulkan_radeon.so'], []])
    expect(only.name).toBe('graphics processor by Vulkan driver radeon.json')
  })

  it('refuses a machine that has none', () => {
    expect(webgpuAdapters(linux(), false)).toEqual({
      outcome: 'no-hardware',
      detail: 'no Vulkan driver is installed',
    })
    expect(webgpuAdapters(linux('lvp.json', 'virtio.json'), false)).toEqual({
      outcome: 'no-hardware',
      detail:
        'no Vulkan driver of a graphics processor, only lvp.json (software), virtio.json (unknown); ' +
        'permitted by NESTWAVE_SOFTWARE_ADAPTER=1 together with the name of the executor',
    })
    expect(webgpuAdapters(linux(), true)).toMatchObject({ outcome: 'no-hardware' })
  })

  it('takes software where permitted, and hardware before it', () => {
    const both = choices(webgpuAdapters(linux('lvp.json', 'radeon.json', 'virtio.json'), true))
    expect(both.map(({ kind }) => kind)).toEqual(['hardware', 'software'])
    expect(both.map(seen)).toEqual([['libvulkan_radeon.so'], ['libvulkan_lvp.so', 'libvulkan_virtio.so']])
  })

  it('knows hardware by the system on macOS, and not at all on Windows', () => {
    expect(choices(webgpuAdapters({ platform: 'darwin', env: {} }, false)).map(({ kind }) => kind)).toEqual([
      'hardware',
    ])
    expect(webgpuAdapters({ platform: 'win32', env: {} }, false)).toMatchObject({ outcome: 'no-hardware' })
    expect(choices(webgpuAdapters({ platform: 'win32', env: {} }, true)).map(({ kind }) => kind)).toEqual(['software'])
  })
})

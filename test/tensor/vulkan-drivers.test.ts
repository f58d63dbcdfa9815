import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { driverKind, onlyDrivers, vulkanDrivers } from '../../src/tensor/vulkan-drivers.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vulkan-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const put = (path: string, text: string): string => {
  const file = join(root, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}
const manifest = (path: string, library: string): string =>
  put(path, JSON.stringify({ file_format_version: '1.0.1', ICD: { library_path: library, api_version: '1.4.318' } }))

describe('the kind of a Vulkan driver', () => {
  it.each([
    'libGLX_nvidia.so.0',
    'libvulkan_nouveau.so',
    '/usr/lib/x86_64-linux-gnu/libvulkan_radeon.so',
    'amdvlk64.so',
    'libvulkan_intel.so',
    'libvulkan_intel_hasvk.so',
    'libvulkan_freedreno.so',
    'libvulkan_panfrost.so',
    'libvulkan_broadcom.so',
    'libvulkan_asahi.so',
  ])('%s drives hardware', (library) => expect(driverKind(library)).toBe('hardware'))

  it.each([
    './libvk_swiftshader.so',
    'libvulkan_lvp.so',
    '/opt/nvidia/lib/libvulkan_lvp.so',
    'libVkICD_mock_icd.so',
  ])('%s is software', (library) => expect(driverKind(library)).toBe('software'))

  it.each([
    'libvulkan_virtio.so',
    'libvulkan_dzn.so',
    'libvulkan_gfxstream.so',
    'libtomorrow.so',
  ])('%s may be either', (library) => expect(driverKind(library)).toBe('unknown'))
})

describe('the drivers that the loader would find', () => {
  it('are those of the variable, files and folders, and no others', () => {
    const intel = manifest('a/intel.json', 'libvulkan_intel.so')
    const lavapipe = manifest('b/lvp.json', 'libvulkan_lvp.so')
    manifest('c/vulkan/icd.d/radeon.json', 'libvulkan_radeon.so')
    const others = { XDG_DATA_DIRS: join(root, 'c'), XDG_CONFIG_DIRS: join(root, 'none') }
    const expected = [
      { manifest: intel, library: 'libvulkan_intel.so', kind: 'hardware' },
      { manifest: lavapipe, library: 'libvulkan_lvp.so', kind: 'software' },
    ]
    for (const name of ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'])
      expect(vulkanDrivers({ ...others, [name]: `${intel}:${join(root, 'b')}` })).toEqual(expected)
  })

  it('are otherwise those of the XDG folders and of the home folder', () => {
    const ours = [
      manifest('home/.config/vulkan/icd.d/a.json', 'libvulkan_intel.so'),
      manifest('xdg/vulkan/icd.d/b.json', 'libvulkan_lvp.so'),
      manifest('home/.local/share/vulkan/icd.d/c.json', 'libvulkan_radeon.so'),
      manifest('data/vulkan/icd.d/d.json', 'libGLX_nvidia.so.0'),
    ]
    const env = { HOME: join(root, 'home'), XDG_CONFIG_DIRS: join(root, 'xdg'), XDG_DATA_DIRS: join(root, 'data') }
    const found = vulkanDrivers(env).map((driver) => driver.manifest)
    expect(found.filter((path) => path.startsWith(root))).toEqual(ours)
  })

  it('leave out what is no manifest', () => {
    const good = manifest('good.json', 'libvulkan_intel.so')
    const bad = [put('text.json', 'not json'), put('empty.json', '{}'), put('odd.json', '{"ICD":{"library_path":7}}')]
    const list = [...bad, join(root, 'none.json'), good].join(':')
    expect(vulkanDrivers({ VK_DRIVER_FILES: list }).map((driver) => driver.manifest)).toEqual([good])
  })

  it('can be cut down to some of them', () => {
    const files = [manifest('a.json', 'libvulkan_intel.so'), manifest('b.json', 'libvulkan_lvp.so')]
    const [first] = vulkanDrivers({ VK_DRIVER_FILES: files.join(':') })
    expect(vulkanDrivers(onlyDrivers([first]))).toEqual([first])
  })
})

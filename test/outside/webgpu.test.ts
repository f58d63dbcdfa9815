import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ExecutorChoice } from '../../src/tensor/executor.ts'
import { skipped } from './skip.ts'
import { softwareVulkan } from './software-vulkan.ts'
import type { Checks } from './webgpu-checks.ts'

const CHECKS = join(import.meta.dirname, 'webgpu-checks.ts')
const PERMITTED = { NESTWAVE_SOFTWARE_ADAPTER: '1' }
const vulkan = softwareVulkan()
if (vulkan === undefined) skipped('software Vulkan (SwiftShader and the loader of Chromium on Linux x64)')

const check = <T>(args: readonly string[], drivers: readonly string[], env: Readonly<Record<string, string>> = {}): T =>
  JSON.parse(vulkan!.run(CHECKS, args, drivers, env).trimEnd().split('\n').at(-1)!) as T
/** Those above a bound; JSON has no number for infinity. */
const above = (bound: number, errors: Readonly<Record<string, number | null>>) =>
  Object.entries(errors).filter(([, error]) => error === null || !(error <= bound))
const last = ({ attempts }: ExecutorChoice) => attempts.at(-1)!
const webgpu = ({ attempts }: ExecutorChoice) => attempts.find(({ kind }) => kind === 'onnxruntime-webgpu')!

describe.skipIf(vulkan === undefined)('ONNX Runtime on WebGPU', () => {
  afterAll(() => vulkan!.remove())
  const choose = (kind: string, driver: readonly string[], env?: Readonly<Record<string, string>>) =>
    check<ExecutorChoice>([kind], driver, env)

  it('never takes a software adapter by itself, not even with permission', () => {
    for (const env of [{}, PERMITTED]) {
      const choice = choose('auto', [vulkan!.software], env)
      expect([choice.chosen, webgpu(choice)]).toEqual([
        'onnxruntime-cpu',
        {
          kind: 'onnxruntime-webgpu',
          outcome: 'no-hardware',
          detail: expect.stringContaining('only vk_swiftshader.json (software)'),
        },
      ])
    }
  })

  it('refuses one by name without permission', () => {
    expect(check(['onnxruntime-webgpu'], [vulkan!.software])).toMatch(
      /executor\.kind: expected an executor that can be used here, received onnxruntime-webgpu no-hardware .*SOFTWARE_ADAPTER=1/,
    )
  })

  it('takes one by name with permission, and says so', () => {
    const choice = choose('onnxruntime-webgpu', [vulkan!.software], PERMITTED)
    expect(last(choice)).toEqual({
      kind: 'onnxruntime-webgpu',
      outcome: 'chosen',
      detail: expect.stringContaining('software or unknown adapter by Vulkan driver vk_swiftshader.json'),
    })
  })

  it('comes before the default where the driver of a graphics processor is, and sees no other driver', () => {
    const choice = choose('auto', [vulkan!.software, vulkan!.standIn])
    expect([choice.chosen, last(choice)]).toEqual([
      'onnxruntime-webgpu',
      {
        kind: 'onnxruntime-webgpu',
        outcome: 'chosen',
        detail: expect.stringContaining('graphics processor by Vulkan driver vulkan_radeon.json'),
      },
    ])
  })

  it('outlives a driver that crashes, and goes on to the next', () => {
    const choice = choose('auto', [vulkan!.broken])
    expect([choice.chosen, webgpu(choice)]).toEqual([
      'onnxruntime-cpu',
      {
        kind: 'onnxruntime-webgpu',
        outcome: 'failed-self-test',
        detail: 'the process that tried it ended with SIGBUS (graphics processor by Vulkan driver vulkan_intel.json)',
      },
    ])
  })

  it('says when a driver offers no adapter', () => {
    const choice = choose('auto', [vulkan!.absent])
    expect(webgpu(choice)).toEqual({
      kind: 'onnxruntime-webgpu',
      outcome: 'failed-to-load',
      detail:
        'Failed to get a WebGPU adapter: No supported adapters (graphics processor by Vulkan driver vulkan_nouveau.json)',
    })
  })

  describe('on SwiftShader', () => {
    let found: Checks
    beforeAll(() => {
      found = check<Checks>([], [vulkan!.software], PERMITTED)
    }, 900_000)

    it('agrees with PyTorch and with the default executor on a critic and a generator step of both forms', () => {
      expect(Object.keys(found.agreement).length).toBeGreaterThan(100)
      expect(above(1e-5, found.agreement)).toEqual([])
    })

    it('samples as the default executor does, weights inside', () => {
      expect(Object.keys(found.sampling)).toEqual(expect.arrayContaining(['residual', 'transformer']))
      expect(above(1e-5, found.sampling)).toEqual([])
    })

    it('computes every primitive and its derivative', () => {
      expect(Object.keys(found.primitives).length).toBeGreaterThan(60)
      expect(above(1e-5, found.primitives)).toEqual([])
    })

    it("reads and writes the caller's memory, and gives the same bits again", () => {
      expect(found.memory).toEqual({ target: [0, 30, 40, 0], distinct: 1 })
    })
  })
})

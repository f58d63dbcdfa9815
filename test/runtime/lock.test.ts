import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { InvalidInput } from '../../src/numeric/errors.ts'
import { lockFolder } from '../../src/runtime/lock.ts'

let root: string
let path: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'nestwave-lock-'))
  path = join(root, '.lock')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

const deadProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid

describe('the lock of a folder', () => {
  it('holds the process number and is gone after release', async () => {
    const release = await lockFolder(root)
    expect(readFileSync(path, 'utf8')).toBe(String(process.pid))
    expect(readdirSync(root)).toEqual(['.lock'])
    await release()
    expect(existsSync(path)).toBe(false)
  })

  it('makes the folder', async () => {
    const release = await lockFolder(join(root, 'a/b'))
    expect(existsSync(join(root, 'a/b/.lock'))).toBe(true)
    await release()
  })

  it('is refused while another process lives that holds it', async () => {
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)'])
    try {
      writeFileSync(path, String(other.pid))
      await expect(lockFolder(root)).rejects.toThrow(`${root}, in use by process ${other.pid}`)
      await expect(lockFolder(root)).rejects.toBeInstanceOf(InvalidInput)
      expect(readFileSync(path, 'utf8')).toBe(String(other.pid))
    } finally {
      other.kill()
    }
  })

  it('is refused to this process too while it holds it', async () => {
    const release = await lockFolder(root)
    await expect(lockFolder(root)).rejects.toThrow(`in use by process ${process.pid}`)
    await release()
    await (await lockFolder(root))()
  })

  it.each([
    ['a killed process', () => String(deadProcess())],
    ['a namesake in an earlier life', () => String(process.pid)],
    ['nobody (cut short)', () => ''],
  ])('is taken over from %s', async (_, owner) => {
    writeFileSync(path, owner())
    const release = await lockFolder(root)
    expect(readFileSync(path, 'utf8')).toBe(String(process.pid))
    expect(readdirSync(root)).toEqual(['.lock'])
    await release()
  })

  it('goes to one only of many that find it left behind', async () => {
    writeFileSync(path, String(deadProcess()))
    const program = `import { lockFolder } from ${JSON.stringify(new URL('../../src/runtime/lock.ts', import.meta.url).href)}
      try { await lockFolder(${JSON.stringify(root)}); console.log('mine'); setTimeout(() => {}, 800) } catch (error) { console.log(error.name) }`
    const answers = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const child = spawn(process.execPath, ['--input-type=module', '-e', program])
        let text = ''
        for await (const chunk of child.stdout) text += chunk
        return text.trim()
      }),
    )
    expect(answers.sort()).toEqual(['InvalidInput', 'InvalidInput', 'mine'])
  })

  it('is refused where no folder can be', async () => {
    writeFileSync(path, 'x')
    await expect(lockFolder(path)).rejects.toThrow('--out: expected a folder that can be made and written, received')
    await expect(lockFolder(join(path, 'below'))).rejects.toBeInstanceOf(InvalidInput)
  })
})

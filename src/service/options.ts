import { parseArgs } from 'node:util'
import { InvalidInput } from '../numeric/errors.ts'
import { type Config, loadConfig } from './config.ts'

export interface ServiceOptions {
  readonly config: Config
  readonly printConfig: boolean
  readonly positionals: readonly string[]
  /** Of `keys create`. */
  readonly key: { readonly owner: string; readonly name: string; readonly scopes: readonly string[] }
}

const FLAGS = {
  host: { type: 'string' },
  port: { type: 'string' },
  data: { type: 'string' },
  slots: { type: 'string' },
  'umbridge-port': { type: 'string' },
  'print-config': { type: 'boolean' },
  owner: { type: 'string' },
  name: { type: 'string' },
  scopes: { type: 'string' },
} as const

const parsed = (argv: readonly string[]) => {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: FLAGS })
  } catch (error) {
    throw InvalidInput.of('command line', 'the flags that --help lists', (error as Error).message.split(/\.\s/)[0])
  }
}

const numberOf = (flag: string, text: string): number => {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value)) throw InvalidInput.of(`--${flag}`, 'a whole number', text)
  return value
}

export const parseServiceOptions = (argv: readonly string[]): ServiceOptions => {
  const { values, positionals } = parsed(argv)
  const { host, port, data, slots } = values
  const umbridge = values['umbridge-port']
  const flags = {
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port: numberOf('port', port) }),
    ...(data === undefined ? {} : { data }),
    ...(slots === undefined ? {} : { slots: numberOf('slots', slots) }),
    ...(umbridge === undefined ? {} : { umbridgePort: numberOf('umbridge-port', umbridge) }),
  }
  return {
    config: loadConfig(process.env, flags),
    printConfig: values['print-config'] ?? false,
    positionals,
    key: {
      owner: values.owner ?? 'admin',
      name: values.name ?? 'made on the command line',
      scopes: (values.scopes ?? 'read,write').split(','),
    },
  }
}

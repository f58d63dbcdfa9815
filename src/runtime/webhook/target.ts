import { BlockList, type IPVersion, isIPv4, isIPv6 } from 'node:net'
import { InvalidInput, type Problem } from '../../numeric/errors.ts'

type Subnet = readonly [network: string, bits: number]

/** @source IANA IPv4 Special-Purpose Address Registry (RFC 6890) */
const SPECIAL_V4: readonly Subnet[] = [
  ['0.0.0.0', 8], // this host, this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by the customers of a carrier; clouds put their metadata there too
  ['127.0.0.0', 8], // loopback
  ['168.63.129.16', 32], // public by its number, but Azure answers it inside each virtual machine
  ['169.254.0.0', 16], // link-local: the metadata of most clouds
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // former 6to4 relays
  ['192.168.0.0', 16], // private
  ['198.18.0.0', 15], // benchmarks
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
]

/** All that is given out for global unicast; loopback, private, link-local, multicast and the rest lie outside it. */
const GLOBAL_V6: readonly Subnet[] = [['2000::', 3]]

/** @source IANA IPv6 Special-Purpose Address Registry (RFC 6890) */
const SPECIAL_V6: readonly Subnet[] = [
  ['2001::', 23], // protocol assignments: Teredo, benchmarks, ORCHID
  ['2001:db8::', 32], // documentation
  ['3fff::', 20], // documentation
]

/** First groups of the IPv6 addresses whose next two groups are an IPv4 address: v4-mapped, NAT64 (RFC 6052), 6to4 (RFC 3056). */
const WRAPPERS: readonly (readonly number[])[] = [[0, 0, 0, 0, 0, 0xffff], [0x64, 0xff9b, 0, 0, 0, 0], [0x2002]]

const listOf = (subnets: readonly Subnet[], family: IPVersion): BlockList => {
  const list = new BlockList()
  for (const [network, bits] of subnets) list.addSubnet(network, bits, family)
  return list
}
const specialV4 = listOf(SPECIAL_V4, 'ipv4')
const globalV6 = listOf(GLOBAL_V6, 'ipv6')
const specialV6 = listOf(SPECIAL_V6, 'ipv6')

const numbers = (groups: string): readonly number[] =>
  groups === '' ? [] : groups.split(':').map((group) => Number.parseInt(group, 16))

/** The eight groups of an IPv6 address. URL writes every form in hexadecimal with at most one `::`. */
const groupsOf = (address: string): readonly number[] => {
  const [head, tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const [before, after] = [numbers(head), numbers(tail)]
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after]
}

/** The IPv4 address that a gateway or this machine would really talk to. */
const wrappedV4 = (address: string): string | null => {
  const groups = groupsOf(address)
  const wrapper = WRAPPERS.find((begin) => begin.every((group, k) => group === groups[k]))
  if (wrapper === undefined) return null
  return groups
    .slice(wrapper.length, wrapper.length + 2)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.')
}

const isPublicV6 = (address: string): boolean => {
  const inner = wrappedV4(address)
  if (inner !== null) return isPublicAddress(inner)
  return globalV6.check(address, 'ipv6') && !specialV6.check(address, 'ipv6')
}

/**
 * Whether an IP address, as text, is one of the public Internet. Anything it does not know is not: zones (`fe80::1%eth0`), odd
 * notations, what is no address at all.
 * @verifiedBy test/runtime/webhook.test.ts
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIPv4(address)) return !specialV4.check(address, 'ipv4')
  return isIPv6(address) && !address.includes('%') && isPublicV6(address)
}

/** The host as a socket takes it: without the brackets of an IPv6 address. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1')

export const isAddress = (host: string): boolean => isIPv4(host) || isIPv6(host)

/** RFC 6761: a name for loopback, whatever a resolver says. */
const LOCAL_NAME = /(^|\.)localhost\.?$/

const isPrivateHost = (host: string): boolean => (isAddress(host) ? !isPublicAddress(host) : LOCAL_NAME.test(host))

const LONGEST = 2048

const problem = (expected: string, received: string): Problem => ({ path: 'url', expected, received })

const problemsOf = (url: URL, allowPrivate: boolean): readonly Problem[] => {
  const problems: Problem[] = []
  if (!['http:', 'https:'].includes(url.protocol)) problems.push(problem('http or https', url.protocol.slice(0, -1)))
  // Credentials would be stored and shown with the webhook; the signature is what identifies the sender.
  if (url.username || url.password) problems.push(problem('no user name or password', 'one'))
  if (!allowPrivate && isPrivateHost(hostOf(url))) problems.push(problem('a public address', hostOf(url)))
  return problems
}

/**
 * Refuses what can be refused without asking a name server; {@link deliver} checks the addresses of a name at each delivery.
 * @throws InvalidInput with path `url`: no URL, longer than 2048 characters, neither http nor https, with credentials, a private
 *   address (in any notation: `http://2130706433`)
 * @verifiedBy test/runtime/webhook.test.ts
 */
export const checkWebhookUrl = (url: string, allowPrivate: boolean): void => {
  if (url.length > LONGEST) throw InvalidInput.of('url', `at most ${LONGEST} characters`, url.length)
  const parsed = URL.parse(url)
  if (parsed === null) throw InvalidInput.of('url', 'an absolute URL', url)
  const problems = problemsOf(parsed, allowPrivate)
  if (problems.length > 0) throw new InvalidInput(problems)
}
